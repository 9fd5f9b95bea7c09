#pragma once

#include <string_view>

#include "gen/arch/design.hpp"

namespace msq::tests {

/// Puts a bug into a design: "MODULE: FROM => TO" replaces the text FROM of the module's Verilog, everywhere.
/// False if there is no such module or text.
[[nodiscard]] bool edit_design(Design& design, std::string_view edit);

}  // namespace msq::tests
