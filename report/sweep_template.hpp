#pragma once

#include <string_view>

namespace msq::report {

/// Text of sweep.html. \throws std::out_of_range on another name than "sweep".
[[nodiscard]] std::string_view sweep_template(std::string_view name);

}  // namespace msq::report
