#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/operands.hpp"
#include "cli/outcome.hpp"
#include "cli/quantization.hpp"
#include "cli/sweep_grid.hpp"
#include "model/shapes.hpp"
#include "support/result.hpp"

namespace msq::cli {

/// What is measured at every point of a sweep.
struct SweepMeasures {
  std::filesystem::path liberty, work;
  bool timing = false;
  bool power = false;
  int max_fanout = 16;
  model::ModelShapes shapes;  ///< the workload whose cycles are calculated
  std::int64_t tokens = 128;
  unsigned seed = 1;
  std::optional<LabelledMatrix> weights;  ///< to quantize for an error, and for power to compute with
  QuantizerChoices quantizer;

  /// What tells results of these measures from those of others: settings, versions, contents of the library.
  [[nodiscard]] Result<std::string> digest() const;
};

/// Measures a configuration. docs/report.md, "points[]", has the keys. Errors: those of measure_area,
/// measure_timing, quantize_weights and measure_power; a netlist that computes something else than the golden
/// model.
[[nodiscard]] Result<Json> measure_point(const GridPoint& point, const SweepMeasures& measures);

}  // namespace msq::cli
