#pragma once

#include <map>
#include <string>
#include <vector>

#include "flow/measure/netlist.hpp"
#include "flow/measure/wires.hpp"
#include "support/result.hpp"
#include "synth/sta.hpp"

namespace msq::flow {

/// Cells of one module that a path passes one after the other.
struct PathSegment {
  std::string block, module, instance;
  int cells = 0;
  double delay = 0;  ///< ns
};

/// A path with the parts of the design that it runs through.
struct DescribedPath {
  synth::TimingPath path;
  std::string start, end;  ///< register or port, and the instance that holds it
  std::vector<PathSegment> segments;
  int cells = 0;  ///< without the register it ends at

  [[nodiscard]] double megahertz() const { return 1000 / path.period; }
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

  [[nodiscard]] double megahertz() const { return 1000 / period; }
};

struct TimingFindings {
  FanoutBuffers fanout;
  std::vector<DescribedPath> paths;   ///< of the whole design, one of each kind, longest first
  std::vector<BlockTiming> blocks;    ///< slowest first
  std::vector<ModuleTiming> modules;  ///< slowest first
  bool memories_timed = false;        ///< whether memories have access and setup times, or are ideal
  std::size_t core = 0;               ///< index of the longest path between registers and memories

  [[nodiscard]] const DescribedPath& critical() const { return paths.at(core); }
  [[nodiscard]] double period() const { return critical().path.period; }
};

/// The same netlist with estimated wires.
struct WiredTiming {
  DescribedPath critical;           ///< longest between registers and memories
  std::vector<BlockTiming> blocks;  ///< slowest first; with the skew
  double skew = 0;                  ///< ns, allowance for the clock's tree

  [[nodiscard]] double period() const { return critical.path.period + skew; }
};

/// @param block_of module -> block, of every module of the netlist.
[[nodiscard]] DescribedPath describe(const synth::TimingPath& path, const synth::Netlist& netlist,
                                     const std::map<std::string, std::string>& block_of);

/// Static timing of a design and of its leaf modules by OpenSTA. @param memories times by width and depth;
/// memories without are ideal. Errors: those of synth::analyze_timing; a
/// design without any path between registers.
[[nodiscard]] Result<TimingFindings> measure_timing(const PreparedNetlist& netlist,
                                                    const synth::MemoryTimings& memories = {});

/// Static timing of the core with its estimated wires; the clock's skew shortens the period. Errors: as
/// above.
[[nodiscard]] Result<WiredTiming> measure_wired_timing(const PreparedNetlist& netlist,
                                                       const WiredNetlist& wired,
                                                       const synth::MemoryTimings& memories = {});

/// Last two parts of an instance's path: enough to find it, short enough to read.
[[nodiscard]] std::string short_path(const std::string& path);

}  // namespace msq::flow
