#pragma once

#include <string>
#include <vector>

namespace msq::report {

/// A line of a CSV file: fields with commas, quotes or line ends are quoted.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& fields);

}  // namespace msq::report
