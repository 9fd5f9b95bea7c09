#pragma once

#include <string>
#include <vector>

#include "flow/layer/operands.hpp"
#include "flow/layer/quantization.hpp"
#include "gen/config/config.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Which weights and activations a layer has, and how the weights are quantized if they are not yet.
struct LayerInputs {
  std::string quantized, layer;  ///< a file that `quantize` wrote, and the layer in it; empty: weights
  WeightsSource weights;
  ActivationsSource activations;
  QuantizerChoices quantizer;
  unsigned seed = 1;
};

/// Weights as an array runs them, activations, and where they come from.
struct LayerOperands {
  golden::QuantizedTensor weights;
  std::string weights_source;
  golden::QuantizedActivations activations;
  std::string activations_source;
};

/// Weights, and the scales that activations are divided by, [k]; empty: activations stay as they are.
struct LayerWeights {
  golden::QuantizedTensor tensor;
  std::string source;
  std::vector<float> input_scales;
};

/// Both operands of a layer for a configuration. Errors: no weights named; those of load_quantized_layer,
/// load_weights, quantize_weights and with_activations.
[[nodiscard]] Result<LayerOperands> load_operands(const LayerInputs& inputs, const Config& config);

/// Adds activations, quantized for the configuration's array. Errors: those of load_activations and
/// quantize_activations.
[[nodiscard]] Result<LayerOperands> with_activations(LayerWeights weights, const ActivationsSource& source,
                                                     const Config& config, unsigned seed);

}  // namespace msq::flow
