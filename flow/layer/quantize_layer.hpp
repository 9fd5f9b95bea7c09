#pragma once

#include <optional>
#include <string>

#include "flow/layer/calibration.hpp"
#include "flow/layer/operands.hpp"
#include "flow/layer/quantization.hpp"
#include "flow/layer/width_limit.hpp"
#include "golden/io/quantized_file.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Weights of a layer, with their names.
struct NamedWeights {
  std::string layer;   ///< its name in the output
  std::string tensor;  ///< the name of its weights in the model; empty if they have none
  LabelledMatrix matrix;
};

/// A quantized layer as it is stored, and its findings.
struct FinishedLayer {
  golden::QuantizedLayer layer;
  QuantizationFindings findings;
};

/// How to quantize, and the file to write.
struct QuantizeRequest {
  std::string output;  ///< .safetensors
  QuantizerChoices choices;
  CalibrationSource calibration;  ///< not given: weights are rounded to the nearest
  /// Of models: each layer has 2 or 4 bits, chosen within this limit (mixed_precision.hpp), whatever the
  /// choices say.
  std::optional<WidthLimit> widths = {};
};

/// A matrix that was quantized to a file.
struct MatrixFindings {
  std::string output, layer;
  MatrixOrigin source;
  QuantizationFindings quantization;
};

/// Quantizes the weights of one layer. `progress` receives 0..1. A layer is rounded to the nearest without
/// calibration tokens, with inputs that are zero in all of them, and with fewer than K if rounding does
/// better on tokens left out of the calibration (few_tokens.hpp); the findings warn of each. Errors name the
/// weights' source, the calibration or the choice.
[[nodiscard]] Result<FinishedLayer> quantize_layer(const QuantizeRequest& request,
                                                   const NamedWeights& weights,
                                                   const golden::QuantizeProgress& progress);

/// Quantizes one matrix and writes it to the output; shows its progress on standard error. Errors: those of
/// quantize_layer and golden::save_quantized.
[[nodiscard]] Result<MatrixFindings> quantize_matrix(const QuantizeRequest& request,
                                                     const NamedWeights& weights);

}  // namespace msq::flow
