#pragma once

#include <string>
#include <vector>

#include "flow/flow.hpp"
#include "flow/measure/clock.hpp"
#include "gen/config/config.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// An array in one of its modes, by the area of its core.
struct ComparedArray {
  std::string name;
  int weight_bits = 0;  ///< of a stored weight, outliers apart
  int tree_rows = 1;
  int sum_bits = 0;  ///< as stored
  double area_um2 = 0;
  int pes = 0;
  int macs = 0;                      ///< multiplications of a weight with an activation per cycle
  std::vector<ClockPoint> clocks{};  ///< one for each period of the flow

  /// Multiplications per cycle and mm^2.
  [[nodiscard]] double density() const { return macs / (area_um2 / 1e6); }
  [[nodiscard]] double area_per_pe() const { return area_um2 / pes; }
  /// Billions of multiplications per second at a clock.
  [[nodiscard]] double gmacs_per_second(const ClockPoint& clock) const { return macs / clock.running(); }
  /// The same per mm^2 of the netlist for that clock, buffers included.
  [[nodiscard]] double gmac_density(const ClockPoint& clock) const {
    return gmacs_per_second(clock) / (clock.area_um2 / 1e6);
  }
};

/// Synthesizes a configuration and baselines of its shape alike: the configuration in each of its modes
/// first, then every baseline, with and without the trees of the configuration. Errors: those of
/// measure_area.
[[nodiscard]] Result<std::vector<ComparedArray>> compare_arrays(const Config& config,
                                                                const std::vector<std::string>& baselines,
                                                                const Flow& flow);

}  // namespace msq::flow
