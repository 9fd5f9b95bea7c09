#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "flow/layer/layer_operands.hpp"
#include "flow/tool_versions.hpp"
#include "gen/arch/design.hpp"
#include "gen/config/config.hpp"
#include "golden/exec/gemm.hpp"
#include "golden/io/matrix.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"
#include "tb/sim/build_model.hpp"
#include "tb/sim/layer_run.hpp"

namespace msq::flow {

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

/// A window of cycles that was recorded.
struct RecordedTrace {
  tb::TraceWindow window;
  std::uint64_t cycles = 0;
};

/// How `simulate` runs a layer.
struct SimulationRequest {
  tb::LayerRunOptions run;
  std::optional<tb::TraceWindow> trace;  ///< to record after the comparison
};

/// A layer that ran on the core of a configuration.
struct SimulationFindings {
  Config config;
  std::string weights_source, activations_source;
  Simulation simulation;
  std::optional<RecordedTrace> trace;
  std::vector<ToolVersion> tools{};
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

/// List of signals beside a trace.
[[nodiscard]] inline std::filesystem::path signal_list_file(const std::filesystem::path& trace) {
  return trace.string() + ".gtkw";
}
/// Writes the list of signals of a trace for GTKWave beside it, TRACE.gtkw.
[[nodiscard]] Result<> write_signals(const Design& design, const std::filesystem::path& trace);

/// Records a window of cycles to a file, atomically, with its list of signals. @return cycles recorded.
[[nodiscard]] Result<std::uint64_t> record_trace(const Design& design, const golden::QuantizedTensor& weights,
                                                 const golden::QuantizedActivations& activations,
                                                 const tb::LayerRunOptions& options,
                                                 const tb::TraceWindow& window);

/// simulate() on the core of a configuration, then record_trace() if asked for. Errors: theirs.
[[nodiscard]] Result<SimulationFindings> simulate_layer(const Config& config, const LayerOperands& operands,
                                                        const SimulationRequest& request);

}  // namespace msq::flow
