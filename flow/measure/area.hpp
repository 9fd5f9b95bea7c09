#pragma once

#include <optional>
#include <vector>

#include "flow/flow.hpp"
#include "flow/measure/clock.hpp"
#include "flow/measure/synthesize.hpp"
#include "gen/arch/design.hpp"
#include "gen/config/config.hpp"
#include "support/result.hpp"
#include "synth/blocks.hpp"
#include "synth/compare.hpp"

namespace msq::flow {

struct AreaOptions {
  SynthesisOptions synthesis{};
  bool top = false;    ///< the whole accelerator, not the core
  bool shell = false;  ///< and the shell around it
  bool twins = false;  ///< also the plain arrays to compare with
};

/// Area of one design.
struct DesignArea {
  Synthesized synthesized;
  std::vector<synth::BlockArea> blocks;  ///< empty if flattened
  long memory_bits = 0;                  ///< in memories, not part of the area
  int sum_bits = 0;                      ///< of a partial sum, as ports count them
  std::optional<ClockFindings> clock{};  ///< if the flow has periods; the netlist is that of the first

  [[nodiscard]] const Config& config() const { return synthesized.design.config; }
  [[nodiscard]] const synth::SynthesisReport& report() const { return synthesized.report; }
};

/// A plain array (path none), and what the configuration costs more.
struct TwinArea {
  DesignArea area;
  synth::Overhead overhead;
};

/// Area of a configuration and of its plain twins: with sums of the same width (what outliers cost, the
/// headline), with sums only as wide as inliers need (what an array without outliers would cost), and, if the
/// configuration adds in trees, the systolic array without them. No twin on path none.
struct AreaFindings {
  DesignArea configuration;
  std::optional<TwinArea> same_sum_width{}, own_sum_width{}, systolic{};
};

/// Area of one design, mapped for the clocks of the flow if it has some. Errors: those of synthesize and
/// map_for_clock; a module that no block has.
[[nodiscard]] Result<DesignArea> measure_design(const Design& design, const Flow& flow,
                                                const SynthesisOptions& options);

/// Area of a configuration. Errors: as above, and those of check_synthesis_tools.
[[nodiscard]] Result<AreaFindings> measure_area(const Config& config, const Flow& flow,
                                                const AreaOptions& options);

}  // namespace msq::flow
