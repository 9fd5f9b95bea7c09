#include "flow/layer/layer_operands.hpp"

#include <utility>

#include "flow/layer/quantized_source.hpp"

namespace msq::flow {
namespace {

Result<LayerWeights> load_layer_weights(const LayerInputs& in, const Config& config) {
  if (in.quantized.empty() && in.weights.file.empty() && in.weights.synthetic.empty()) {
    return Error("weights: found none; allowed: one of --quantized, --weights, --synthetic");
  }
  if (!in.quantized.empty()) {
    MSQ_TRY(golden::QuantizedLayer layer, load_quantized_layer(in.quantized, in.layer));
    return LayerWeights{std::move(layer.tensor), in.quantized, std::move(layer.input_scales)};
  }
  MSQ_TRY(const LabelledMatrix weights, load_weights(in.weights, in.seed));
  MSQ_TRY(Quantization quantization,
          quantize_weights(weights, in.quantizer.for_config(config, in.quantizer.options.bits)));
  return LayerWeights{std::move(quantization.tensor), weights.source, {}};
}

}  // namespace

Result<LayerOperands> load_operands(const LayerInputs& inputs, const Config& config) {
  MSQ_TRY(LayerWeights weights, load_layer_weights(inputs, config));
  return with_activations(std::move(weights), inputs.activations, config, inputs.seed);
}

Result<LayerOperands> with_activations(LayerWeights weights, const ActivationsSource& source,
                                       const Config& config, unsigned seed) {
  MSQ_TRY(LabelledMatrix activations, load_activations(source, weights.tensor.k, weights.source, seed));
  divide_inputs(activations.matrix, weights.input_scales);
  MSQ_TRY(golden::QuantizedActivations quantized,
          quantize_activations(activations, config.act_bits, weights.tensor.format.macro_block));
  return LayerOperands{std::move(weights.tensor), std::move(weights.source), std::move(quantized),
                       std::move(activations.source)};
}

}  // namespace msq::flow
