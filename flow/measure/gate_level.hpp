#pragma once

#include <cstdint>

#include "flow/layer/layer_operands.hpp"
#include "flow/measure/baseline_layer.hpp"
#include "flow/measure/netlist.hpp"
#include "support/result.hpp"
#include "synth/power.hpp"
#include "tb/sim/layer_run.hpp"

namespace msq::flow {

/// A layer that ran on the netlist instead of the Verilog it was made from.
struct GateLevelRun {
  tb::LayerRunResult result;  ///< compared with the golden model, as ever
  synth::Activity activity;
  double multiplications = 0;  ///< of the layer, in the tiles that ran
};

/// Simulates the first tiles of a layer on the mapped core, with the functions of the library's cells, and
/// counts the changes of every net. Without delays: glitches are not seen. A mismatch is a result.
/// @param tiles maximum number of tiles, back to back. Errors: operands that do not fit, Yosys missing, a
/// netlist that cannot be simulated.
[[nodiscard]] Result<GateLevelRun> simulate_gates(const PreparedNetlist& netlist,
                                                  const LayerOperands& operands, std::int64_t tiles,
                                                  unsigned seed);

/// The same for the array of a baseline.
[[nodiscard]] Result<GateLevelRun> simulate_baseline_gates(const PreparedNetlist& netlist,
                                                           const BaselineLayer& layer, unsigned seed);

}  // namespace msq::flow
