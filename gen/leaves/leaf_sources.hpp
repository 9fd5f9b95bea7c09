#pragma once

#include <string_view>
#include <vector>

namespace msq::leaves {

/// Text of the hand-written module in rtl/ as of the build: the program carries its leaves with it.
/// \throws std::out_of_range if there is no such leaf.
[[nodiscard]] std::string_view leaf_source(std::string_view module);

/// Names of all leaves, sorted.
[[nodiscard]] std::vector<std::string_view> leaf_names();

/// Text of rtl/common/<name>.vh, likewise.
[[nodiscard]] std::string_view header_source(std::string_view name);

}  // namespace msq::leaves
