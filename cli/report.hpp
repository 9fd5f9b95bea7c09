#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/operands.hpp"
#include "cli/outcome.hpp"
#include "cli/quantization.hpp"
#include "cli/simulation.hpp"
#include "flow/measure/area.hpp"
#include "gen/arch/design.hpp"

namespace msq::cli {

/// The layer at one bit budget.
struct BitsRun {
  Quantization quantization;
  Simulation simulation;
  double output_error = 0;  ///< ||XW - Y|| / ||XW||
};

/// What `run` found. docs/report.md lists the keys of its JSON form.
struct RunReport {
  Config config;
  long memory_bits = 0;
  Json weights;      ///< source, synthetic, k, n
  Json activations;  ///< source, synthetic, m, k
  unsigned seed = 0;
  std::vector<BitsRun> runs;               ///< one for each mode of the configuration
  std::optional<flow::AreaFindings> area;  ///< none if it was not asked for
  std::string verilator_version;
  double seconds = 0;

  /// At least one run, something compared in each, and nothing wrong.
  [[nodiscard]] bool ok() const;
};

[[nodiscard]] Json to_json(const RunReport& report);
[[nodiscard]] std::string to_text(const RunReport& report);

}  // namespace msq::cli
