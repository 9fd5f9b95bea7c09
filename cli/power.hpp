#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/gate_level.hpp"
#include "cli/outcome.hpp"
#include "flow/measure/netlist.hpp"
#include "support/result.hpp"
#include "synth/power.hpp"

namespace msq::cli {

struct BlockPower {
  std::string block;
  synth::CellPower power;  ///< W
};

/// Linear layers of a transformer, for the energy of a token.
struct ModelEnergy {
  std::string model;
  double multiplications = 0;  ///< of one token
};

struct PowerReport {
  double frequency = 0;  ///< MHz
  std::string weights, activations;
  int bits = 0;
  std::int64_t tokens = 0, k = 0, n = 0;
  std::int64_t demoted = 0;  ///< BaselineLayer::demoted
  GateLevelRun run;
  std::vector<BlockPower> blocks;  ///< in the order of area reports
  synth::CellPower cells;          ///< all of them
  double clock = 0;                ///< W in the clock pins of the registers
  double mean_activity = 0;        ///< changes of a net a cycle
  std::vector<ModelEnergy> models;

  [[nodiscard]] double total() const { return cells.total() + clock; }
  /// J.
  [[nodiscard]] double energy_per_cycle() const { return total() / (frequency * 1e6); }
  [[nodiscard]] double energy_per_multiplication() const {
    return energy_per_cycle() * static_cast<double>(run.result.cycles) / run.multiplications;
  }
};

struct PowerOptions {
  std::int64_t tiles = 64;
  double frequency = 100;  ///< MHz
  unsigned seed = 1;
};

/// Power of the core while it computes a layer: the netlist is simulated (and compared with the golden
/// model), and OpenSTA computes every cell's power from what its pins did. Errors: those of simulate_gates
/// and synth::analyze_power; a library without a voltage.
[[nodiscard]] Result<PowerReport> measure_power(const Design& design, const flow::PreparedNetlist& netlist,
                                                const std::filesystem::path& liberty,
                                                const std::filesystem::path& work,
                                                const LayerOperands& operands, const PowerOptions& options);

/// The same for the array of a baseline; options.tiles is not read.
[[nodiscard]] Result<PowerReport> measure_baseline_power(
    const Design& design, const flow::PreparedNetlist& netlist, const std::filesystem::path& liberty,
    const std::filesystem::path& work, const BaselineLayer& layer, const PowerOptions& options);

[[nodiscard]] Json to_json(const PowerReport& report);
[[nodiscard]] std::string to_text(const PowerReport& report);

}  // namespace msq::cli
