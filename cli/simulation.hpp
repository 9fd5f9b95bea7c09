#pragma once

#include <optional>
#include <string>

#include "cli/operands.hpp"
#include "cli/outcome.hpp"
#include "gen/arch/design.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"
#include "tb/sim/build_model.hpp"
#include "tb/sim/layer_run.hpp"

namespace msq::cli {

/// A layer that ran on a model of the core.
struct Simulation {
  tb::LayerRunResult result;
  tb::LayerRunOptions options;
  int bits = 0;
  std::int64_t m = 0, k = 0, n = 0;
  bool model_reused = false;
  double model_seconds = 0;  ///< Verilator and the C++ compiler
  double seconds = 0;        ///< simulation and comparison
};

/// Compiles a model with Verilator, or finds it in the cache. Errors: tools missing, a model that does not
/// build.
[[nodiscard]] Result<tb::ModelBuild> compile_model(const Design& design, tb::Flavour flavour);

/// ||XW - Y|| / ||XW|| with X and W as they were before quantization, in double; 0 if XW is zero. Y are the
/// outputs of the layer, acc * 2^exponent.
[[nodiscard]] double output_error(const golden::Matrix& activations, const golden::Matrix& weights,
                                  const golden::GemmResult& outputs);

/// Compiles the core (or finds it in the cache) and runs a layer on it. A mismatch is a result.
/// @param weights_source what messages call the weights. Errors: operands that do not fit the configuration,
/// tools missing, a model that does not build, a broken protocol.
[[nodiscard]] Result<Simulation> simulate(const Design& design, const golden::QuantizedTensor& weights,
                                          const std::string& weights_source,
                                          const golden::QuantizedActivations& activations,
                                          const tb::LayerRunOptions& options);

/// Records a window of cycles to a file, atomically. @return cycles recorded.
[[nodiscard]] Result<std::uint64_t> record_trace(const Design& design, const golden::QuantizedTensor& weights,
                                                 const golden::QuantizedActivations& activations,
                                                 const tb::LayerRunOptions& options,
                                                 const tb::TraceWindow& window);

/// What a failed run tells: seed, configuration, place, expected and got, and the command that records it.
/// @param command `microscopiq simulate` with the options that name configuration and operands. Empty if all
/// is well.
[[nodiscard]] std::string failure_text(const Simulation& simulation, const Config& config,
                                       const std::string& command);

[[nodiscard]] Json to_json(const Simulation& simulation);
[[nodiscard]] std::string to_text(const Simulation& simulation);

}  // namespace msq::cli
