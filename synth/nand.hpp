#pragma once

#include <string_view>

namespace msq::synth {

/// True if a Liberty function attribute is the NAND of exactly two pins, however it is written: "(!(A B))",
/// "(A*B)'", "(!A) | (!B)". Operators as in the Liberty reference manual: ! and postfix ', then ^, then & or
/// * or a blank, then | or +. False for everything else, unreadable text included.
bool is_nand2_function(std::string_view function);

/// True if a cell's name says that it is a plain 2-input NAND: NAND2X1, NAND2_X1, lib__nand2_1; not NAND2BX1.
/// For libraries that give no functions.
bool is_nand2_name(std::string_view cell);

}  // namespace msq::synth
