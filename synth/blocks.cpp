#include "synth/blocks.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace msq::synth {

Result<std::vector<BlockArea>> area_by_block(const SynthesisReport& report, const BlockTable& table) {
  std::vector<BlockArea> blocks;
  for (const std::string& name : table.order) blocks.push_back({.block = name});
  std::string unknown;
  for (const ModuleArea& module : report.modules) {
    const auto entry = table.block_of.find(module.name);
    if (entry == table.block_of.end()) {
      unknown += (unknown.empty() ? "" : ", ") + module.name;
      continue;
    }
    const auto block = std::find_if(blocks.begin(), blocks.end(), [&](const BlockArea& candidate) {
      return candidate.block == entry->second;
    });
    if (block == blocks.end()) {
      return Error(fmt::format("module {} belongs to block \"{}\", which the report does not list",
                               module.name, entry->second));
    }
    block->area += module.area;
    block->flip_flops += module.flip_flops;
  }
  if (!unknown.empty()) return Error(fmt::format("no block is named for these modules: {}", unknown));
  for (BlockArea& block : blocks) {
    block.gate_equivalents = static_cast<double>(block.area) / static_cast<double>(report.gate_area);
    if (report.area != 0) block.share = static_cast<double>(block.area) / static_cast<double>(report.area);
  }
  return blocks;
}

}  // namespace msq::synth
