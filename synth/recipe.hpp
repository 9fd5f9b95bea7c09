#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace msq::synth {

/// Text of synth/recipe/NAME.*, which tests/netlist reads as well. \throws std::out_of_range on another name.
[[nodiscard]] std::string_view recipe_text(std::string_view name);

/// Commands of Yosys that map a design to a library (synth/recipe/map.ys).
/// @param options of `synth`, such as "-flatten"; may be empty.
[[nodiscard]] std::string mapping_script(std::string_view top, std::string_view liberty,
                                         std::string_view options);

/// Ways to map a module for a clock, from the smallest netlist to the fastest (synth/recipe/clock.ys).
enum class Recipe { area, area_sized, relaxed, delay_ripple, delay, delay_sklansky };
inline constexpr std::array kRecipes = {Recipe::area,         Recipe::area_sized, Recipe::relaxed,
                                        Recipe::delay_ripple, Recipe::delay,      Recipe::delay_sklansky};
/// "area-sized".
[[nodiscard]] std::string_view recipe_name(Recipe recipe);

/// The recipe of all modules of one source name, whatever their parameters.
struct ModuleRecipe {
  std::string module;
  Recipe recipe = Recipe::area;
  bool dissolve = false;  ///< modules inside become a part of it, so that abc sees them as one
};

/// A mapping for a clock.
struct ClockMapping {
  std::vector<ModuleRecipe> modules{};
  std::string driver{};  ///< cell that drives the inputs of modules; empty: an ideal one
};

/// Commands of Yosys that map a design by the recipes of its modules. They read the files of clock_files.
/// @param options of `synth`, such as "-flatten"; may be empty.
[[nodiscard]] std::string clock_script(const ClockMapping& mapping, std::string_view top,
                                       std::string_view liberty, std::string_view options);

/// A file beside a script.
struct ScriptFile {
  std::string name, text;
};
[[nodiscard]] std::vector<ScriptFile> clock_files(const ClockMapping& mapping);

/// Commands of Yosys that map a design to an FPGA family. @param family a file of synth/recipe.
[[nodiscard]] std::string fpga_script(std::string_view family, std::string_view top);

}  // namespace msq::synth
