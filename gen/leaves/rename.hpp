#pragma once

#include <map>
#include <string>
#include <string_view>

namespace msq::leaves {

/// New names by old ones.
using NewNames = std::map<std::string, std::string, std::less<>>;

/// Verilog, or a control file of Verilator, with other names: identifiers, strings that are a name as a
/// whole, and words of line comments except in the line of the command. Every other byte stays. `file` is for
/// messages. \throws std::logic_error as tokenize.
[[nodiscard]] std::string renamed(std::string_view text, const NewNames& names, const std::string& file);

}  // namespace msq::leaves
