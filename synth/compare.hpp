#pragma once

#include <string>
#include <vector>

#include "support/result.hpp"
#include "synth/blocks.hpp"
#include "synth/report.hpp"

namespace msq::synth {

/// Additional cost of one block over the twin; negative if it is smaller.
struct BlockOverhead {
  std::string block;
  AreaNm2 area = 0;
  double share_of_twin = 0;  ///< as a fraction of the twin's whole area
};

/// Additional cost of a configuration over its twin, the plain array.
struct Overhead {
  AreaNm2 area = 0;                   ///< of the configuration
  AreaNm2 twin_area = 0;              ///< > 0
  AreaNm2 extra = 0;                  ///< area - twin_area
  double fraction = 0;                ///< extra / twin_area
  std::vector<BlockOverhead> blocks;  ///< in the table's order; their areas add up to `extra` exactly
};

/// Compares two reports block by block under one table.
/// Errors: different libraries, one flattened and the other not, a twin without area, a module without a
/// block.
Result<Overhead> compare(const SynthesisReport& configuration, const SynthesisReport& twin,
                         const BlockTable& table);

}  // namespace msq::synth
