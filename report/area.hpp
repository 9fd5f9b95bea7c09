#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "flow/measure/area.hpp"

namespace msq::report {

// Areas are numbers in um^2, gate equivalents in areas of `gate_cell`, shares fractions of 1.

/// Keys: top, flattened, library, gate_cell, gate_area_um2, area_um2, gate_equivalents, cells, flip_flops,
/// modules: [{name, instances, area_um2, gate_equivalents, cells, flip_flops}] (own cells over all
/// instances), blackboxes: {module: instances}, runtime_seconds, peak_memory_mb, yosys_version, log_file.
[[nodiscard]] nlohmann::ordered_json to_json(const synth::SynthesisReport& report);
/// [{block, area_um2, gate_equivalents, share, flip_flops}] in the order given. @param report they are of.
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<synth::BlockArea>& blocks,
                                             const synth::SynthesisReport& report);
/// Keys: area_um2, twin_area_um2, extra_um2, fraction, blocks: [{block, extra_um2, share_of_twin}].
/// @param report of the configuration or its twin.
[[nodiscard]] nlohmann::ordered_json to_json(const synth::Overhead& overhead,
                                             const synth::SynthesisReport& report);
/// docs/user/reports.md, "area", has the keys.
[[nodiscard]] nlohmann::ordered_json to_json(const flow::AreaFindings& findings);
[[nodiscard]] nlohmann::ordered_json to_json(const flow::DesignArea& area);

[[nodiscard]] std::string to_text(const flow::AreaFindings& findings);
/// A design without twins to compare with.
[[nodiscard]] std::string to_text(const flow::DesignArea& area);

}  // namespace msq::report
