#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"
#include "synth/liberty.hpp"
#include "synth/report.hpp"

namespace msq::synth {

/// One module as `stat -liberty` of Yosys prints it.
struct StatModule {
  std::string name;  ///< of Yosys, such as $paramod\leaf\W=s32'0...0100
  /// Area of the cells standing in the module itself, submodules not counted: to Yosys they are cell types
  /// whose area "is unknown!". Without any known cell it prints no area at all.
  AreaNm2 area = 0;
  std::map<std::string, std::int64_t> cells;  ///< count by type: library cells, submodules, blackboxes
};

/// The text of `stat -liberty`.
struct Stat {
  std::vector<StatModule> modules;
  AreaNm2 total_area = 0;  ///< of the top module with everything below it
};

/// Reads the text that Yosys 0.23 prints (its -json has no area). Errors name the line.
Result<Stat> parse_stat(std::string_view text);

/// Name in the Verilog source of a module as Yosys names it: "$paramod\leaf\W=4" and "$paramod$<hash>\leaf"
/// are both leaf.
std::string base_module_name(std::string_view yosys_name);

/// Instances, areas and counts by source module and in total; fills those fields of the report and checks
/// them: every cell's area against the library, the sum against Yosys's own total. Errors: latches, cells
/// that were not mapped, cells without area, totals that disagree.
Result<SynthesisReport> summarize(const Stat& stat, const Liberty& liberty, const std::string& top);

}  // namespace msq::synth
