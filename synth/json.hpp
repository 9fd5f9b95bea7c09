#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "synth/blocks.hpp"
#include "synth/compare.hpp"
#include "synth/report.hpp"

namespace msq::synth {

// Areas are numbers in um^2, gate equivalents in areas of `gate_cell`, shares fractions of 1.

/// Keys: top, flattened, library, gate_cell, gate_area_um2, area_um2, gate_equivalents, cells, flip_flops,
/// modules: [{name, instances, area_um2, gate_equivalents, cells, flip_flops}] (own cells over all
/// instances), blackboxes: {module: instances}, runtime_seconds, peak_memory_mb, yosys_version, log_file.
nlohmann::ordered_json to_json(const SynthesisReport& report);

/// [{block, area_um2, gate_equivalents, share, flip_flops}] in the order given.
nlohmann::ordered_json to_json(const std::vector<BlockArea>& blocks);

/// Keys: area_um2, twin_area_um2, extra_um2, fraction, blocks: [{block, extra_um2, share_of_twin}].
nlohmann::ordered_json to_json(const Overhead& overhead);

}  // namespace msq::synth
