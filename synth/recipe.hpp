#pragma once

#include <string>
#include <string_view>

namespace msq::synth {

/// Text of synth/recipe/NAME.*, which tests/netlist reads as well. \throws std::out_of_range on another name.
[[nodiscard]] std::string_view recipe_text(std::string_view name);

/// Commands of Yosys that map a design to a library (synth/recipe/map.ys).
/// @param options of `synth`, such as "-flatten"; may be empty.
[[nodiscard]] std::string mapping_script(std::string_view top, std::string_view liberty,
                                         std::string_view options);

/// Commands of Yosys that map a design to an FPGA family. @param family a file of synth/recipe.
[[nodiscard]] std::string fpga_script(std::string_view family, std::string_view top);

}  // namespace msq::synth
