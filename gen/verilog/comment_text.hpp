#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace msq::verilog::detail {

/// \throws std::logic_error if a line of the text starts with a word that tools obey inside comments
/// (`verilator`, `synopsys`, `synthesis`, `pragma`, ..): comments must not change what a tool does.
void require_plain_comment(const std::string& text);

/// Words of the text in lines of at most `width` characters (longer only where one word is); line ends in the
/// text stay. No line except the first starts with a word that tools obey.
[[nodiscard]] std::vector<std::string> wrap(const std::string& text, std::size_t width);

}  // namespace msq::verilog::detail
