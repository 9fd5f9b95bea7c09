#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace msq::synth {

/// An area in millionths of what Yosys reads for the library's unit (Liberty::area_factor): nm^2 where the
/// library gives um^2 and the factor is 1, as in all ours. Yosys prints six decimals, so integers hold its
/// figures exactly and their sums do not depend on the order.
using AreaNm2 = std::int64_t;

/// All modules of one source name together, whatever their parameters.
struct ModuleArea {
  std::string name;             ///< as in the Verilog source
  std::int64_t instances = 0;   ///< in the whole design, multiplied through the hierarchy
  AreaNm2 area = 0;             ///< cells standing in these modules themselves, over all instances
  std::int64_t cells = 0;       ///< standard cells counted so
  std::int64_t flip_flops = 0;  ///< those of them that are flip-flops

  bool operator==(const ModuleArea&) const = default;
};

/// Findings of a synthesis run. Sums over `modules` equal the totals exactly.
struct SynthesisReport {
  std::string top;
  bool flattened = false;  ///< then `modules` holds the top module only
  std::string library;
  std::string gate_cell;            ///< the 2-input NAND that is the unit of gate equivalents
  AreaNm2 gate_area = 0;            ///< its area, > 0
  double area_factor = 1;           ///< Liberty::area_factor
  std::vector<ModuleArea> modules;  ///< by name
  std::map<std::string, std::int64_t>
      blackboxes;  ///< instances of modules without contents (memories), not in area
  AreaNm2 area = 0;
  std::int64_t cells = 0;
  std::int64_t flip_flops = 0;
  double runtime_seconds = 0;  ///< of the whole run, on the wall clock
  double peak_memory_mb = 0;   ///< of Yosys itself, as it says
  std::string yosys_version;
  std::filesystem::path log_file;

  /// In the library's unit, by convention um^2.
  double um2(AreaNm2 of) const { return static_cast<double>(of) / (1e6 * area_factor); }
  double gate_equivalents() const { return static_cast<double>(area) / static_cast<double>(gate_area); }
};

}  // namespace msq::synth
