#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cli/netlist_source.hpp"
#include "cli/outcome.hpp"
#include "support/result.hpp"
#include "synth/sta.hpp"

namespace msq::cli {

/// Cells of one module that a path passes one after the other.
struct PathSegment {
  std::string block, module, instance;
  int cells = 0;
  double delay = 0;  ///< ns
};

/// A path with the parts of the design that it runs through.
struct DescribedPath {
  synth::TimingPath path;
  std::string start, end;  ///< register or port, and the instance it stands in
  std::vector<PathSegment> segments;
  int cells = 0;  ///< without the register it ends at
};

/// The longest path of a module taken alone; of the instances with different parameters the slowest.
struct ModuleTiming {
  std::string module, block;
  DescribedPath longest;
};

/// The longest path from registers and memories to the registers of one block.
struct BlockTiming {
  std::string block, start, end;
  double period = 0;  ///< ns
};

struct TimingReport {
  std::vector<DescribedPath> paths;   ///< of the whole design, one of each kind, longest first
  std::vector<BlockTiming> blocks;    ///< slowest first
  std::vector<ModuleTiming> modules;  ///< slowest first
  std::size_t core = 0;               ///< index of the longest path between registers and memories

  [[nodiscard]] double period() const { return paths.at(core).path.period; }
};

/// @param block_of module -> block, of every module of the netlist.
[[nodiscard]] DescribedPath describe(const synth::TimingPath& path, const synth::Netlist& netlist,
                                     const std::map<std::string, std::string>& block_of);

/// Static timing of a design and of its leaf modules by OpenSTA. Errors: those of synth::analyze_timing; a
/// design without any path between registers.
[[nodiscard]] Result<TimingReport> measure_timing(const PreparedNetlist& netlist,
                                                  const std::filesystem::path& liberty,
                                                  const std::filesystem::path& work);

/// Keys: from, to, period_ns, setup_ns, cells, start, end, segments: [{block, module, instance, cells,
/// delay_ns}].
[[nodiscard]] Json to_json(const DescribedPath& path);
[[nodiscard]] Json to_json(const TimingReport& report, const PreparedNetlist& netlist);
[[nodiscard]] std::string to_text(const TimingReport& report, const PreparedNetlist& netlist);

}  // namespace msq::cli
