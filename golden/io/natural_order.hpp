#pragma once

#include <string_view>

namespace msq::golden {

/// Order of names in which numbers count as numbers: "layers.2.x" before "layers.10.x". Total: names that
/// differ in leading zeros only are ordered byte by byte.
[[nodiscard]] bool natural_less(std::string_view a, std::string_view b);

}  // namespace msq::golden
