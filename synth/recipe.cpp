#include "synth/recipe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
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

/// A script of abc in one word: Yosys takes commas for blanks after a plus sign.
std::string abc_word(std::string_view name) {
  std::string word = "+";
  for (const std::string& command : commands_of(name)) word += (word == "+" ? "" : ";") + command;
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

/// Selection of all modules of a source name: Yosys appends parameters, or puts their hash in front. A
/// selection reads two backslashes as one, which begins the name of a module.
std::string selection_of(const std::string& module) { return fmt::format("*\\\\{0} *\\\\{0}\\\\*", module); }

std::string add_selection(const std::string& before, const std::string& module) {
  return before + (before.empty() ? "" : " ") + selection_of(module);
}

/// The selection that stands for each placeholder @modules:NAME@; names without modules are missing.
std::map<std::string, std::string, std::less<>> selections_of(const ClockMapping& mapping) {
  std::map<std::string, std::string, std::less<>> selections;
  for (const ModuleRecipe& m : mapping.modules) {
    std::string& of_recipe = selections[std::string(recipe_name(m.recipe))];
    of_recipe = add_selection(of_recipe, m.module);
    if (m.dissolve) selections["dissolved"] = add_selection(selections["dissolved"], m.module);
  }
  return selections;
}

constexpr std::string_view kModules = "@modules:", kAbc = "@abc:";

/// Replaces "@modules:NAME@" or "@abc:NAME@", whose beginning is `prefix`, by `text(NAME)`.
template <class Text>
void replace_named(std::string& line, std::string_view prefix, Text text) {
  const std::size_t at = line.find(prefix);
  if (at == std::string::npos) return;
  const std::size_t name = at + prefix.size();
  const std::size_t end = line.find('@', name);
  line.replace(at, end + 1 - at, text(line.substr(name, end - name)));
}

constexpr const char* kDriveFile = "drive.constr";

}  // namespace

std::string_view recipe_name(Recipe recipe) {
  switch (recipe) {
    case Recipe::area_sized:
      return "area-sized";
    case Recipe::relaxed:
      return "relaxed";
    case Recipe::delay_ripple:
      return "delay-ripple";
    case Recipe::delay:
      return "delay";
    case Recipe::delay_sklansky:
      return "delay-sklansky";
    case Recipe::area:
      break;
  }
  return "area";
}

std::string clock_script(const ClockMapping& mapping, std::string_view top, std::string_view liberty,
                         std::string_view options) {
  const auto selections = selections_of(mapping);
  const std::string drive = mapping.driver.empty() ? "" : fmt::format("-constr {}", kDriveFile);
  std::istringstream in(
      filled("clock", {{"@OPTIONS@", options}, {"@TOP@", top}, {"@LIBERTY@", liberty}, {"@DRIVE@", drive}}));
  std::string script;
  for (std::string line; std::getline(in, line);) {
    bool used = true;
    replace_named(line, kModules, [&](const std::string& name) {
      const auto found = selections.find(name);
      used = found != selections.end();
      return used ? found->second : "";
    });
    replace_named(line, kAbc, [](const std::string& name) { return abc_word(name); });
    if (used) script += line + "\n";
  }
  return script;
}

std::vector<ScriptFile> clock_files(const ClockMapping& mapping) {
  std::vector<ScriptFile> files = {{"adders.v", std::string(recipe_text("adders"))}};
  if (!mapping.driver.empty()) files.push_back({kDriveFile, "set_driving_cell " + mapping.driver + "\n"});
  return files;
}

std::string mapping_script(std::string_view top, std::string_view liberty, std::string_view options) {
  const std::string abc = abc_word("recover_area");
  return filled("map", {{"@OPTIONS@", options}, {"@TOP@", top}, {"@LIBERTY@", liberty}, {"@ABC@", abc}});
}

std::string fpga_script(std::string_view family, std::string_view top) {
  return filled(family, {{"@TOP@", top}});
}

}  // namespace msq::synth
