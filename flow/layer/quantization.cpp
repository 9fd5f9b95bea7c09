#include "flow/layer/quantization.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>
#include <vector>

#include "gen/arch/paths/path.hpp"
#include "gen/encodings/encoding.hpp"
#include "golden/io/quantized_file.hpp"
#include "golden/quantize/migration.hpp"
#include "golden/quantize/option_names.hpp"
#include "golden/quantize/target.hpp"

namespace msq::flow {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// ||W - Wq / s|| / ||W||, Frobenius, s the input scale of each row; 0 if W is zero.
double weight_error(const golden::Matrix& exact, const std::vector<double>& quantized,
                    const std::vector<float>& input_scales) {
  double difference = 0;
  double norm = 0;
  for (std::size_t i = 0; i < exact.values.size(); ++i) {
    const std::size_t row = i / static_cast<std::size_t>(exact.columns);
    const double w = exact.values[i];
    const double q = input_scales.empty() ? quantized[i] : quantized[i] / input_scales[row];
    difference += (w - q) * (w - q);
    norm += w * w;
  }
  return norm == 0 ? 0 : std::sqrt(difference / norm);
}

/// Weights whose inputs are divided by `scales`.
struct Migrated {
  std::vector<float> weights;
  std::vector<float> scales;
};

Result<Migrated> migrate(const golden::Matrix& w, golden::Calibration& calibration, double alpha) {
  if (calibration.largest.empty()) {
    return Error("migration: found a calibration without its largest activations; allowed: with them");
  }
  const auto exact = golden::migration_scales(w.values, calibration.largest, w.rows, w.columns, alpha);
  Migrated migrated{w.values, {exact.begin(), exact.end()}};
  // Computes with the scales as they are stored.
  const std::vector<double> stored(migrated.scales.begin(), migrated.scales.end());
  golden::migrate(stored, migrated.weights, calibration.hessian);
  return migrated;
}

/// The weights whose outputs come nearest to those that the calibration wants.
Result<golden::Matrix> fit_to_target(const LabelledMatrix& weights, const QuantizerChoices& choices,
                                     const golden::Calibration& calibration) {
  golden::Matrix fitted{weights.matrix.rows, weights.matrix.columns, {}};
  auto values = golden::weights_for_target(weights.matrix.values, calibration.hessian, calibration.target,
                                           choices.options.damping, choices.target_strength);
  if (!values) return Error(fmt::format("{}: {}", weights.source, values.error()));
  fitted.values = std::move(*values);
  return fitted;
}

std::vector<std::string> warnings_of(const QuantizationFindings& findings) {
  std::vector<std::string> warnings;
  if (const std::int64_t count = findings.statistics.demoted_too_small; count > 0) {
    warnings.push_back(
        fmt::format("{} outliers are stored as inliers: no scale is small enough for them (numerics.md, "
                    "\"Outlier\")",
                    count));
  }
  if (findings.output_error.value_or(findings.weight_error) >= 1) {
    warnings.push_back(
        findings.output_error
            ? fmt::format("output error {:.4g}: outputs of zeros would be as near", *findings.output_error)
            : fmt::format("weight error {:.4g}: zeros would be as near to the weights",
                          findings.weight_error));
  }
  return warnings;
}

}  // namespace

QuantizerChoices QuantizerChoices::for_config(const Config& config, int with_bits) const {
  QuantizerChoices choices = *this;
  choices.options.bits = with_bits;
  choices.options.micro_block = config.micro_block;
  if (!outlier_path_traits(config.outlier_path).splits_tiles)
    choices.options.outlier_shift_max = config.largest_shift();
  choices.options.outliers_per_block = arch::path_of(config.outlier_path).most_outliers(config);
  // An array of encoding paper leaves the choice of another encoding standing; its check names the mismatch.
  if (config.encoding != Encoding::paper) {
    choices.options.encoding = *golden::option_value<golden::Encoding>(encoding_name(config.encoding));
    choices.options.fraction_bits = config.fraction_bits;
    choices.options.scale_mantissa_bits = config.scale_mantissa_bits;
    // The weight stream has no more.
    choices.options.shift_bits = encoding_traits(config.encoding).entry_shift_bits;
  }
  return choices;
}

Result<> check_choices(const QuantizerChoices& choices) {
  if (!(choices.migration >= 0 && choices.migration <= 1)) {
    return Error(fmt::format("migration is {}; allowed: 0 to 1", choices.migration));
  }
  if (!(choices.target_strength >= 0 && choices.target_strength <= 1)) {
    return Error(fmt::format("target_strength is {}; allowed: 0 to 1", choices.target_strength));
  }
  if (!(choices.massive_weight >= 1 && std::isfinite(choices.massive_weight))) {
    return Error(
        fmt::format("massive_weight is {}; allowed: a finite number from 1 on", choices.massive_weight));
  }
  return golden::validate(choices.options);
}

double QuantizationFindings::outlier_share() const {
  return share(statistics.outliers_kept, statistics.weights);
}

double QuantizationFindings::flagged_share() const {
  return share(statistics.micro_blocks_with_outliers, statistics.micro_blocks);
}

Result<Quantization> quantize_weights(const LabelledMatrix& weights, const QuantizerChoices& choices,
                                      std::optional<golden::Calibration> calibration,
                                      const golden::QuantizeProgress& progress) {
  MSQ_CHECK(check_choices(choices));
  golden::Matrix fitted;
  if (calibration && !calibration->target.empty()) {
    MSQ_TRY(fitted, fit_to_target(weights, choices, *calibration));
  }
  const golden::Matrix& w = fitted.values.empty() ? weights.matrix : fitted;
  QuantizationFindings findings;
  findings.choices = choices;
  findings.k = w.rows;
  findings.n = w.columns;
  Migrated migrated;
  std::optional<golden::Hessian> hessian;
  if (calibration) {
    findings.calibration_tokens = calibration->hessian.tokens();
    if (choices.migration > 0) {
      MSQ_TRY(migrated, migrate(w, *calibration, choices.migration));
    }
    hessian = std::move(calibration->hessian);
  }
  auto output = golden::quantize(migrated.scales.empty() ? w.values : migrated.weights, w.rows, w.columns,
                                 choices.options, std::move(hessian), progress);
  if (!output) return Error(fmt::format("{}: {}", weights.source, output.error()));
  golden::QuantizedLayer layer{"", std::move(output->tensor), std::move(migrated.scales)};
  findings.statistics = output->statistics;
  findings.bits = golden::effective_bits(layer);
  if (output->output_error) findings.output_error = output->output_error->relative();
  findings.weight_error = weight_error(weights.matrix, golden::dequantize(layer.tensor), layer.input_scales);
  findings.warnings = warnings_of(findings);
  return Quantization{std::move(layer.tensor), std::move(layer.input_scales), findings};
}

}  // namespace msq::flow
