#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/operands.hpp"
#include "cli/options.hpp"
#include "cli/quantization.hpp"
#include "gen/config/config.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::cli {

/// Options of the commands that run one layer on a simulated configuration.
struct LayerOptions {
  std::string config, quantized, layer, trace;
  WeightsSource weights;
  ActivationsSource activations;
  QuantizerChoices quantizer;
  double stalls = 0;
  unsigned seed = 1;
  std::uint64_t trace_from = 0, trace_cycles = 1000;
  bool json = false;

  /// The command line of `command` that names the same configuration and operands.
  [[nodiscard]] std::string command_line(const std::string& command) const;
};

/// Configuration, operands, stalls, seed, trace, --json.
void add_layer_options(CLI::App& command, LayerOptions& options);

/// Weights as the array takes them, activations, and where they come from.
struct LayerOperands {
  golden::QuantizedTensor weights;
  std::string weights_source;
  golden::QuantizedActivations activations;
  std::string activations_source;
};

[[nodiscard]] Result<LayerOperands> load_operands(const LayerOptions& options, const Config& config);

/// Weights and the scales that activations are divided by, [k]; empty: they are taken as they are.
struct LayerWeights {
  golden::QuantizedTensor tensor;
  std::string source;
  std::vector<float> input_scales;
};

/// Adds activations, quantized for the configuration's array. Errors: those of load_activations and
/// quantize_activations.
[[nodiscard]] Result<LayerOperands> with_activations(LayerWeights weights, const ActivationsSource& source,
                                                     const Config& config, unsigned seed);

}  // namespace msq::cli
