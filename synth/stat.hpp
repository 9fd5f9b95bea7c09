#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"
#include "synth/report.hpp"

namespace msq::synth {

/// Cells of one module, not of those below it.
struct StatModule {
  std::string name;                           ///< of Yosys, such as $paramod\leaf\W=s32'0...0100
  std::map<std::string, std::int64_t> cells;  ///< count by type: library cells, submodules, blackboxes
};

/// Counts of Yosys for a design.
struct Stat {
  std::vector<StatModule> modules;
  AreaNm2 total_area = 0;  ///< of the top module with everything below it
};

/// Reads the modules of what `stat -json` prints, in all versions from 0.23 to 0.70. The printed table
/// changed in 0.57 and rounds large counts; areas are in the JSON since 0.26 only. Errors name the module: no
/// such document, counts that do not add up to the module's number of cells.
[[nodiscard]] Result<std::vector<StatModule>> parse_stat_modules(std::string_view json);

/// Reads the area of the whole design from what `stat -liberty` prints, one line of which all versions have
/// alike. 0 if no cell has an area, as then there is no such line.
[[nodiscard]] Result<AreaNm2> parse_stat_area(std::string_view text);

/// Both. Errors: those of either.
[[nodiscard]] Result<Stat> parse_stat(std::string_view json, std::string_view text);

}  // namespace msq::synth
