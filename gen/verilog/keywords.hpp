#pragma once

#include <string_view>

namespace msq::verilog::detail {

/// Reserved in Verilog-2005 (IEEE 1364-2005, annex B) or SystemVerilog (IEEE 1800-2012, annex B).
[[nodiscard]] bool is_keyword(std::string_view name);

}  // namespace msq::verilog::detail
