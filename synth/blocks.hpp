#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/result.hpp"
#include "synth/report.hpp"

namespace msq::synth {

/// One row of an area table.
struct BlockArea {
  std::string block;
  AreaNm2 area = 0;
  double gate_equivalents = 0;
  double share = 0;  ///< of the total, 0..1; 0 if the total is 0
  std::int64_t flip_flops = 0;

  bool operator==(const BlockArea&) const = default;
};

/// Which block every module belongs to, and the order in which blocks are reported.
struct BlockTable {
  std::vector<std::string> order;                 ///< every block, each once
  std::map<std::string, std::string> block_of{};  ///< module name -> block
};

/// Area by block; the areas add up to the report's total exactly. Blocks of `order` without a module are
/// there with area 0, so that tables of different designs have the same rows. Errors: a module that block_of
/// does not know (nothing is forgotten), a block that `order` does not list.
Result<std::vector<BlockArea>> area_by_block(const SynthesisReport& report, const BlockTable& table);

}  // namespace msq::synth
