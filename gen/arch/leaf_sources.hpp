#pragma once

#include <string_view>

namespace msq::arch {

/// Text of rtl/*/<module>.v as of the build: the program carries its leaves with it.
/// \throws std::out_of_range if there is no such leaf.
[[nodiscard]] std::string_view leaf_source(std::string_view module);

}  // namespace msq::arch
