#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flow/flow.hpp"
#include "flow/layer/operands.hpp"
#include "flow/layer/quantization.hpp"
#include "flow/measure/clock.hpp"
#include "flow/measure/power.hpp"
#include "flow/sweep/grid.hpp"
#include "flow/tool_versions.hpp"
#include "model/shapes.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Measurements at every point of a sweep.
struct SweepMeasures {
  Flow flow;
  bool top = false;  ///< the whole accelerator with its memories, not the core
  bool timing = false;
  bool power = false;
  model::ModelShapes shapes;  ///< the workload whose cycles are calculated
  std::int64_t tokens = 128;
  unsigned seed = 1;
  std::optional<LabelledMatrix> weights;  ///< to quantize for an error, and for power to compute with
  QuantizerChoices quantizer;

  /// Cache key of these settings (of clocks, that there are some), with the versions of program and tools,
  /// the recipe of the synthesis and the contents of the library. Error: the library cannot be read.
  [[nodiscard]] Result<std::string> digest() const;
  /// Tools that the figures come from.
  [[nodiscard]] std::vector<ToolVersion> tools() const;
  /// These measures of a design that is mapped for a clock. @param period ns; 0: least area.
  [[nodiscard]] SweepMeasures at(double period) const;

 private:
  [[nodiscard]] bool needs_netlist() const { return timing || power || !flow.periods.empty(); }
  /// Recipes; empty without a clock.
  [[nodiscard]] std::string clock_settings() const;
};

/// The workload on the whole accelerator, with outliers at the rate of the paper.
struct Throughput {
  std::string model;
  std::int64_t tokens = 0;
  int bits = 0;
  double outlier_rate = 0;
  double cycles = 0;
  double macs_per_cycle = 0, peak_macs_per_cycle = 0;

  [[nodiscard]] double utilization() const { return macs_per_cycle / peak_macs_per_cycle; }
};

/// ||W - Wq|| / ||W|| in one mode.
struct WeightError {
  int bits = 0;
  double error = 0;
};

/// Area of a block, um^2.
struct PointBlock {
  std::string block;
  double area_um2 = 0;
};

/// Figures of one configuration.
struct SweepPoint {
  Config config;
  std::string library;
  double area_um2 = 0, gate_equivalents = 0;
  std::optional<double> memory_um2;  ///< of the memories, with SweepMeasures::top
  std::int64_t memory_bits = 0, flip_flops = 0;
  std::vector<PointBlock> blocks;
  Throughput throughput;
  std::optional<ClockPoint> clock;         ///< if the design was mapped for one
  std::optional<double> period;            ///< ns, with SweepMeasures::timing
  std::optional<PowerFindings> power;      ///< with SweepMeasures::power
  std::vector<WeightError> weight_errors;  ///< one for each mode, with SweepMeasures::weights
  double seconds = 0;                      ///< that the measurement took

  [[nodiscard]] double megahertz() const { return 1000 / *period; }
  /// Of the cells, of the fan-out's buffers if the design was mapped for a clock, and of memories that were
  /// priced, um^2.
  [[nodiscard]] double area() const { return (clock ? clock->area_um2 : area_um2) + memory_um2.value_or(0); }
  /// Whether it is known how fast the design runs.
  [[nodiscard]] bool timed() const { return clock || period; }
  /// At the clock that the design was mapped for, or at f_max.
  [[nodiscard]] double gmacs_per_second() const {
    return throughput.macs_per_cycle / (clock ? clock->running() : *period);
  }
  [[nodiscard]] double gmac_density() const { return gmacs_per_second() / (area() / 1e6); }
};

/// Measures a configuration. Errors: those of measure_area, measure_timing, quantize_weights and
/// measure_power; a netlist that computes other sums than the golden model.
[[nodiscard]] Result<SweepPoint> measure_point(const Config& config, const SweepMeasures& measures);

}  // namespace msq::flow
