#include "flow/layer/quantize_layer.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flow/layer/few_tokens.hpp"
#include "golden/io/describe.hpp"
#include "golden/quantize/massive.hpp"
#include "support/progress.hpp"

namespace msq::flow {
namespace {

/// Steps in which progress is shown.
constexpr std::int64_t kSteps = 1000;

/// Whether calibration with fewer tokens than inputs does better than rounding on tokens left out of it.
Result<bool> few_tokens_help(const QuantizeRequest& request, const NamedWeights& weights,
                             const golden::RowReader& activations) {
  if (activations.rows() < static_cast<std::int64_t>(kFewestTokens)) return false;
  MSQ_TRY(const HeldOutErrors errors, held_out_errors(weights.matrix, request.choices, activations));
  return errors.show_a_gain();
}

/// Nothing if there are no tokens; fewer than K are a warning.
Result<std::optional<golden::Calibration>> sums_of(const QuantizeRequest& request,
                                                   const NamedWeights& weights,
                                                   std::vector<std::string>& warnings) {
  const golden::Matrix& w = weights.matrix.matrix;
  MSQ_TRY(golden::Calibration sums,
          request.calibration.sums(weights.layer, weights.tensor, w.rows, w.columns));
  const std::int64_t tokens = sums.hessian.tokens();
  if (tokens == 0) {
    warnings.emplace_back("the Hessian is of no tokens: rounded to the nearest");
    return std::optional<golden::Calibration>();
  }
  if (tokens < w.rows) {
    warnings.push_back(fmt::format("the Hessian is of {} tokens, fewer than K = {}", tokens, w.rows));
  }
  return std::optional(std::move(sums));
}

/// Nothing if there are no tokens, or so few that rounding does better; then, and whenever there are fewer
/// than K, a warning says so.
Result<std::optional<golden::Calibration>> calibrate(const QuantizeRequest& request,
                                                     const NamedWeights& weights,
                                                     const golden::QuantizeProgress& progress,
                                                     std::vector<std::string>& warnings) {
  const std::int64_t k = weights.matrix.matrix.rows;
  if (request.calibration.holds_hessians()) return sums_of(request, weights, warnings);
  MSQ_TRY(const golden::RowReader activations, request.calibration.open(weights.layer, weights.tensor, k));
  if (activations.rows() == 0) {
    warnings.push_back(fmt::format("{} holds no tokens: rounded to the nearest", activations.name()));
    return std::optional<golden::Calibration>();
  }
  auto calibration = golden::calibrate(activations, request.choices.massive_weight, progress);
  if (!calibration) return Error(fmt::format("--calibration: {}", calibration.error()));
  if (activations.rows() >= k) return std::optional(std::move(*calibration));
  MSQ_TRY(const bool help, few_tokens_help(request, weights, activations));
  warnings.push_back(
      fmt::format("{} holds {} tokens, fewer than K = {}: {}", activations.name(), activations.rows(), k,
                  help ? "used, since tokens left out of the calibration gain from it"
                       : "rounded to the nearest, since they do not show that calibration helps"));
  return help ? std::optional(std::move(*calibration)) : std::nullopt;
}

/// Whether every input is zero in every token.
bool sees_nothing(const golden::Calibration& calibration) {
  return calibration.hessian.lower().diagonal().isZero(0);
}

/// Doubts about the tokens that are used.
void warn_of_massive(const golden::Calibration& calibration, std::vector<std::string>& warnings) {
  const golden::HardlySeenInputs found = golden::hardly_seen(calibration);
  if (found.count == 0) return;
  warnings.push_back(
      fmt::format("calibration hardly sees the massive activations of {} {}, of input {} least: one token "
                  "makes up {:.0f} "
                  "% of its sum of squares (docs/user/models.md, \"Choice of text\")",
                  found.count, found.count == 1 ? "input" : "inputs", found.worst, 100 * found.share));
}

}  // namespace

Result<FinishedLayer> quantize_layer(const QuantizeRequest& request, const NamedWeights& weights,
                                     const golden::QuantizeProgress& progress) {
  std::optional<golden::Calibration> calibration;
  std::vector<std::string> warnings;
  if (request.calibration.given()) {
    const auto half = [&](double part) { progress(part / 2); };
    MSQ_TRY(calibration, calibrate(request, weights, half, warnings));
    if (calibration && sees_nothing(*calibration)) {
      warnings.emplace_back("every input is zero in the calibration: rounded to the nearest");
      calibration.reset();
    }
    if (calibration) warn_of_massive(*calibration, warnings);
  }
  const double before = request.calibration.given() ? 0.5 : 0;
  MSQ_TRY(Quantization quantization,
          quantize_weights(weights.matrix, request.choices, std::move(calibration),
                           [&](double part) { progress(before + (1 - before) * part); }));
  std::vector<std::string>& all = quantization.findings.warnings;
  all.insert(all.begin(), warnings.begin(), warnings.end());
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
