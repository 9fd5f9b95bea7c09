#pragma once

#include <string>
#include <vector>

namespace msq::report {

/// The reports of a sweep; the first lists them.
inline const std::vector<std::string> kSweepFiles = {"sweep.json", "sweep.csv", "sweep.html"};

}  // namespace msq::report
