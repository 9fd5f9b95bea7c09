#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/result.hpp"
#include "synth/netlist.hpp"

namespace msq::synth {

/// Begin or end of a path. Ports are ideal: no delay outside, no setup. Memories are too unless
/// TimingRequest has their times.
enum class PathEnd { registers, ports, memories };

/// One cell of a path, or the port it begins or ends at.
struct PathStep {
  std::optional<std::size_t> cell{};  ///< of the netlist; none: a port
  std::string port{};                 ///< of the module, without its bit, if there is no cell
  double arrival = 0;                 ///< at its output, in ns after the clock edge
};

/// The longest path of its kind.
struct TimingPath {
  PathEnd from = PathEnd::registers, to = PathEnd::registers;
  std::vector<PathStep> steps{};  ///< the first begins it; the last is the register or port that it ends at
  double setup = 0;               ///< of the register or memory that it ends at, in ns
  double period = 0;              ///< required by the path: arrival + setup, in ns
};

/// Period of the longest path to one register that begins at a register or memory.
struct RegisterTiming {
  PathStep start;
  std::size_t cell = 0;
  double period = 0;  ///< ns
};

/// Longest paths of one netlist, one for each kind that there is, longest first.
struct NetlistTiming {
  std::vector<TimingPath> paths;
  std::vector<RegisterTiming> registers;  ///< longest first

  /// Longest between registers and memories; none if there is none.
  [[nodiscard]] const TimingPath* core() const;
  /// Longest of all, those from and to ports too.
  [[nodiscard]] const TimingPath* any() const;
};

/// Times of a memory, in ns.
struct MemoryTiming {
  double access = 0;  ///< from the clock edge to the data read
  double setup = 0;   ///< of its address, data and enable before the clock edge
};
/// By width and depth.
using MemoryTimings = std::map<std::pair<long, long>, MemoryTiming>;

struct TimingRequest {
  std::filesystem::path liberty;
  std::filesystem::path work_directory;        ///< gets Verilog, timing.tcl and sta.log
  std::string clock_port;                      ///< modules may lack it
  std::map<std::size_t, std::string> wires{};  ///< SPEF of netlists that have wires, by their number
  MemoryTimings memories{};                    ///< of the memories of all netlists; ideal if not here
};

/// Static timing of netlists by OpenSTA: maximum delay, ideal clock, no wires except those given, typical
/// corner of the library. One result for each netlist. Errors: OpenSTA missing or failing, output that cannot
/// be read.
[[nodiscard]] Result<std::vector<NetlistTiming>> analyze_timing(const std::vector<Netlist>& netlists,
                                                                const TimingRequest& request);

/// "registers", "ports" or "memories".
[[nodiscard]] std::string_view path_end_text(PathEnd end);

/// Which of some buffers makes the fastest tree: a gate that drives `fanout` of them, each of which drives as
/// many gates. @param load the gate. Errors: as above; no buffers.
[[nodiscard]] Result<CellType> fastest_buffer(const std::vector<CellType>& buffers, const CellType& load,
                                              std::size_t fanout, const TimingRequest& request);

}  // namespace msq::synth
