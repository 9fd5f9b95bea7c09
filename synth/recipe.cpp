#include "synth/recipe.hpp"

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

namespace msq::synth {
namespace {

/// Lines of a recipe without its comments.
std::vector<std::string> commands_of(std::string_view name) {
  std::istringstream in{std::string(recipe_text(name))};
  std::vector<std::string> commands;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.front() != '#') commands.push_back(line);
  }
  return commands;
}

/// The script of abc in one word: Yosys takes commas for blanks after a plus sign.
std::string abc_word() {
  std::string word = "+";
  for (const std::string& command : commands_of("recover_area")) word += (word == "+" ? "" : ";") + command;
  std::replace(word.begin(), word.end(), ' ', ',');
  return word;
}

using Values = std::vector<std::pair<std::string_view, std::string_view>>;

std::string filled(std::string_view name, const Values& values) {
  std::string script;
  for (std::string line : commands_of(name)) {
    for (const auto& [key, value] : values) {
      const std::size_t at = line.find(key);
      if (at != std::string::npos) line.replace(at, key.size(), value);
    }
    script += line + "\n";
  }
  return script;
}

}  // namespace

std::string mapping_script(std::string_view top, std::string_view liberty, std::string_view options) {
  const std::string abc = abc_word();
  return filled("map", {{"@OPTIONS@", options}, {"@TOP@", top}, {"@LIBERTY@", liberty}, {"@ABC@", abc}});
}

std::string fpga_script(std::string_view family, std::string_view top) {
  return filled(family, {{"@TOP@", top}});
}

}  // namespace msq::synth
