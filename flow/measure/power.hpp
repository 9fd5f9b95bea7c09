#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flow/layer/layer_operands.hpp"
#include "flow/measure/baseline_layer.hpp"
#include "flow/measure/gate_level.hpp"
#include "flow/measure/netlist.hpp"
#include "flow/measure/wires.hpp"
#include "support/result.hpp"
#include "synth/power.hpp"

namespace msq::flow {

struct PowerOptions {
  std::int64_t tiles = 64;
  double frequency = 100;  ///< MHz
  unsigned seed = 1;
};

struct BlockPower {
  std::string block;
  synth::CellPower power;  ///< W
};

/// The layer that the netlist computed.
struct PowerLayer {
  std::string weights, activations;  ///< where they come from, in words
  int bits = 0;
  std::int64_t tokens = 0, k = 0, n = 0;
  std::int64_t demoted = 0;  ///< BaselineLayer::demoted
};

/// The simulation that gave the activity.
struct PowerRun {
  std::int64_t tiles = 0;
  std::uint64_t cycles = 0;
  double utilization = 0;
  std::int64_t partial_sums_compared = 0, partial_sums_mismatched = 0;
  double mean_activity = 0;  ///< changes of a net per cycle
  bool ok = false;           ///< something was compared, and nothing was wrong
};

/// Energy of one token in all linear layers of a transformer.
struct ModelEnergy {
  std::string model;
  double multiplications = 0;
  double energy = 0;  ///< J
};

/// Every matrix that one token meets, for the transformers of model/shapes.hpp.
/// @param energy of one multiplication, J.
[[nodiscard]] std::vector<ModelEnergy> energies_per_token(double energy);

/// Power with estimated wires, W.
struct WiredPower {
  synth::CellPower cells;       ///< of the same cells
  synth::CellPower clock_tree;  ///< of the clock's buffers, which charge wires and the registers' clock pins
  double clock_root = 0;        ///< charging of the wires and pins at the clock's port

  [[nodiscard]] double clock() const { return clock_tree.total() + clock_root; }
  [[nodiscard]] double total() const { return cells.total() + clock(); }
};

struct PowerFindings {
  double frequency = 0;  ///< MHz
  PowerLayer layer;
  PowerRun run;
  std::vector<BlockPower> blocks;        ///< in the order of area reports
  synth::CellPower cells;                ///< all of them
  double clock = 0;                      ///< W in the clock pins of the registers
  double energy_per_multiplication = 0;  ///< J, of the layer
  std::vector<ModelEnergy> models;
  std::optional<WiredPower> wired{};

  [[nodiscard]] double total() const { return cells.total() + clock; }
  /// J.
  [[nodiscard]] double energy_per_cycle() const { return total() / (frequency * 1e6); }
  /// J of one multiplication at another power of the same run.
  [[nodiscard]] double energy_per_multiplication_at(double watts) const {
    return energy_per_multiplication * watts / total();
  }
};

/// Errors: OpenSTA missing, or of a version that power is not known of.
[[nodiscard]] Result<> check_power_tools();

/// Power of a netlist by OpenSTA, from the activity of the pins in a simulation that was made. Errors: those
/// of synth::analyze_power; a library without a voltage.
[[nodiscard]] Result<PowerFindings> power_of(const PreparedNetlist& netlist, const GateLevelRun& run,
                                             PowerLayer layer, double frequency,
                                             const WiredNetlist* wired = nullptr);

/// Power of the core while it computes a layer: the netlist is simulated (and compared with the golden
/// model), and OpenSTA computes every cell's power from the activity of its pins. Errors: those of
/// simulate_gates and synth::analyze_power; a library without a voltage.
/// @param wired wires of the netlist, or null: no figures with wires.
[[nodiscard]] Result<PowerFindings> measure_power(const PreparedNetlist& netlist,
                                                  const LayerOperands& operands, const PowerOptions& options,
                                                  const WiredNetlist* wired = nullptr);

/// The same for the array of a baseline; options.tiles is not read.
[[nodiscard]] Result<PowerFindings> measure_baseline_power(const PreparedNetlist& netlist,
                                                           const BaselineLayer& layer,
                                                           const PowerOptions& options,
                                                           const WiredNetlist* wired = nullptr);

}  // namespace msq::flow
