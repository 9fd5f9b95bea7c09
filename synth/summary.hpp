#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"
#include "synth/liberty.hpp"
#include "synth/report.hpp"
#include "synth/stat.hpp"

namespace msq::synth {

/// Name in the Verilog source of a module as Yosys names it: "$paramod\leaf\W=4" and "$paramod$<hash>\leaf"
/// are both leaf.
std::string base_module_name(std::string_view yosys_name);

/// Instances, areas (by the library) and counts by source module and in total; fills those fields of the
/// report and checks the sum against Yosys's own total. Errors: latches, cells that were not mapped, cells
/// without area, totals that disagree.
[[nodiscard]] Result<SynthesisReport> summarize(const Stat& stat, const Liberty& liberty,
                                                const std::string& top);

/// Cells of the whole design by type, without the modules listed in `modules`. Errors: no such top
/// module; a module inside itself.
[[nodiscard]] Result<std::map<std::string, std::int64_t>> count_cells(const std::vector<StatModule>& modules,
                                                                      const std::string& top);

}  // namespace msq::synth
