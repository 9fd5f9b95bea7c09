#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "flow/flow.hpp"
#include "flow/layer/operands.hpp"
#include "flow/layer/quantization.hpp"
#include "flow/layer/simulation.hpp"
#include "flow/measure/area.hpp"
#include "flow/tool_versions.hpp"
#include "gen/config/config.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// The layer and the measurements of `run`.
struct RunRequest {
  WeightsSource weights;
  ActivationsSource activations;
  QuantizerChoices quantizer;
  unsigned seed = 1;
  std::optional<Flow> synthesis;  ///< none: no area
  std::filesystem::path report;   ///< file that the caller will write: its directory is made first
};

/// The layer at one bit budget.
struct BitsRun {
  QuantizationFindings quantization;
  Simulation simulation;
  double output_error = 0;  ///< ||XW - Y|| / ||XW||
};

/// Findings of `run`. docs/user/reports.md lists the keys of their JSON form.
struct RunFindings {
  Config config;
  long memory_bits = 0;
  MatrixOrigin weights, activations;  ///< [K][N], [M][K]
  unsigned seed = 0;
  std::vector<BitsRun> runs;           ///< one for each mode of the configuration
  std::optional<AreaFindings> area;    ///< none without synthesis
  std::optional<std::string> failure;  ///< of a step after the first run; later steps were not taken
  std::vector<ToolVersion> tools;
  double seconds = 0;

  /// At least one run, something compared in each, and nothing wrong.
  [[nodiscard]] bool checks_passed() const;
  /// That, and no step failed.
  [[nodiscard]] bool ok() const { return checks_passed() && !failure; }
};

/// Error: a tool that the run needs is missing.
[[nodiscard]] Result<> check_tools(const RunRequest& request);

/// Quantizes, simulates and compares the layer in every mode of the configuration, and synthesizes the
/// configuration. Errors: operands, a report that cannot be written, tools before the first mode is done; a
/// tool that fails later is a finding, so that a simulation of minutes is not lost with it.
[[nodiscard]] Result<RunFindings> run(const Config& config, const RunRequest& request);

}  // namespace msq::flow
