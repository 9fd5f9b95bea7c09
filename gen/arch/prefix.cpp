#include <algorithm>
#include <stdexcept>
#include <utility>

#include "gen/arch/design.hpp"
#include "gen/leaves/rename.hpp"

namespace msq {
namespace {

constexpr std::size_t kMostPrefix = 32;

/// New names of the modules and of the included file.
leaves::NewNames new_names(const Design& design, const std::string& prefix) {
  leaves::NewNames names;
  for (const auto& [module, block] : design.blocks) {
    if (!module.starts_with(design.prefix + "_")) throw std::logic_error("module without prefix: " + module);
    names[module] = prefix + module.substr(design.prefix.size());
  }
  names[design.assertions.name] = prefix + design.assertions.name.substr(design.prefix.size());
  return names;
}

void rename(DesignFile& file, const leaves::NewNames& names) {
  const std::size_t dot = file.name.find('.');
  file.text = leaves::renamed(file.text, names, file.name);
  file.name = names.at(file.name.substr(0, dot)) + file.name.substr(dot);
}

}  // namespace

bool is_prefix(std::string_view prefix) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto allowed = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !prefix.empty() && prefix.size() <= kMostPrefix && letter(prefix.front()) && prefix.back() != '_' &&
         std::all_of(prefix.begin(), prefix.end(), allowed);
}

Design with_prefix(Design design, const std::string& prefix) {
  if (!is_prefix(prefix)) throw std::logic_error("not a prefix: " + prefix);
  if (!design.packaging.empty()) throw std::logic_error("a prefix comes before packaging");
  const leaves::NewNames names = new_names(design, prefix);
  for (auto* files : {&design.generated, &design.leaves}) {
    for (DesignFile& file : *files) rename(file, names);
  }
  rename(design.control, names);
  design.assertions.name = names.at(design.assertions.name);  // the same macros in every design
  design.top = names.at(design.top);
  for (std::string& module : design.memory_modules) module = names.at(module);
  std::map<std::string, std::string> blocks;
  for (auto& [module, block] : design.blocks) blocks.emplace(names.at(module), std::move(block));
  design.blocks = std::move(blocks);
  design.prefix = prefix;
  return design;
}

}  // namespace msq
