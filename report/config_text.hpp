#pragma once

#include <string>

#include "gen/config/config.hpp"

namespace msq::report {

/// The outlier path of a configuration in words.
[[nodiscard]] std::string outlier_text(const Config& config);

}  // namespace msq::report
