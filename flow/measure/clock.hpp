#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "flow/flow.hpp"
#include "flow/measure/synthesize.hpp"
#include "gen/arch/design.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// A mapping that was tried for a clock.
struct ClockTrial {
  std::string name;                              ///< the recipe of all blocks, or "mixed"
  std::map<std::string, std::string> recipes{};  ///< block -> recipe; empty if flattened
  double area_um2 = 0;                           ///< of cells and of the fan-out's buffers
  double buffers_um2 = 0;                        ///< of the latter
  double period = 0;      ///< that its longest path between registers and memories needs, ns
  std::string problem{};  ///< why it gave no netlist; empty if it gave one
};

/// The trial kept for a clock: the smallest that meets it, or the fastest if none does. The area recipe is
/// kept wherever it meets the clock.
struct ClockPoint {
  double period = 0;  ///< asked for, ns
  std::size_t trial = 0;
  double needed = 0;  ///< that the trial needs, ns
  double area_um2 = 0, buffers_um2 = 0;

  [[nodiscard]] bool met() const { return needed <= period; }
  [[nodiscard]] double slack() const { return period - needed; }
  /// Period that the netlist runs at: the one asked for if it is met, else the one that the netlist needs,
  /// ns.
  [[nodiscard]] double running() const { return met() ? period : needed; }
  [[nodiscard]] double fmax_megahertz() const { return 1000 / needed; }
};

struct ClockFindings {
  int max_fanout = 0;
  std::vector<ClockTrial> trials{};
  std::vector<ClockPoint> points{};  ///< one for each period of the flow, in its order
};

/// Clocks that one command may ask for.
inline constexpr std::size_t kMostPeriods = 16;
/// Checks the periods of a flow, and that OpenSTA is there if there are some; call before longer work.
[[nodiscard]] Result<> check_clocks(const Flow& flow);

/// Mixtures of recipes that are tried for one clock, beside one trial for each recipe.
inline constexpr int kMostMixtures = 4;

struct ClockedDesign {
  Synthesized netlist;  ///< kept for the first period
  ClockFindings findings;
};

/// Maps a design for the clocks of flow.periods: by the area recipe; if that misses one, all blocks by each
/// recipe of synth::kRecipes; then mixtures, in which each block has the smallest recipe that is fast enough,
/// and blocks on paths that are still too long get faster ones. A trial that fails is a finding unless it is
/// the first.
/// @param options whether to flatten (no mixtures then). Errors: those of synthesize, prepare_netlist and
/// measure_timing for the area recipe; no period.
[[nodiscard]] Result<ClockedDesign> map_for_clock(const Design& design, const Flow& flow,
                                                  const SynthesisOptions& options);

}  // namespace msq::flow
