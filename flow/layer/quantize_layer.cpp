#include "flow/layer/quantize_layer.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "golden/io/describe.hpp"
#include "support/progress.hpp"

namespace msq::flow {
namespace {

/// Steps in which progress is shown.
constexpr std::int64_t kSteps = 1000;

Result<golden::Calibration> calibrate(const QuantizeRequest& request, const NamedWeights& weights,
                                      const golden::QuantizeProgress& progress) {
  MSQ_TRY(const golden::RowReader activations,
          request.calibration.open(weights.layer, weights.tensor, weights.matrix.matrix.rows));
  auto calibration = golden::calibrate(activations, progress);
  if (!calibration) return Error(fmt::format("--calibration: {}", calibration.error()));
  return calibration;
}

}  // namespace

Result<FinishedLayer> quantize_layer(const QuantizeRequest& request, const NamedWeights& weights,
                                     const golden::QuantizeProgress& progress) {
  std::optional<golden::Calibration> calibration;
  if (request.calibration.given()) {
    MSQ_TRY(calibration, calibrate(request, weights, [&](double part) { progress(part / 2); }));
  }
  const double before = calibration ? 0.5 : 0;
  MSQ_TRY(Quantization quantization,
          quantize_weights(weights.matrix, request.choices, std::move(calibration),
                           [&](double part) { progress(before + (1 - before) * part); }));
  return FinishedLayer{{weights.layer, std::move(quantization.tensor), std::move(quantization.input_scales)},
                       std::move(quantization.findings)};
}

Result<MatrixFindings> quantize_matrix(const QuantizeRequest& request, const NamedWeights& weights) {
  Progress shown(fmt::format("quantizing {}", golden::in_quotes(weights.layer)));
  const auto progress = [&shown](double part) {
    shown.update(static_cast<std::int64_t>(part * kSteps), kSteps);
  };
  MSQ_TRY(const FinishedLayer finished, quantize_layer(request, weights, progress));
  MSQ_CHECK(golden::save_quantized(request.output, {&finished.layer, 1}));
  return MatrixFindings{request.output, weights.layer, weights.matrix.origin(), finished.findings};
}

}  // namespace msq::flow
