#include "cli/quantization.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>
#include <vector>

#include "cli/text.hpp"
#include "golden/io/quantized_file.hpp"
#include "golden/quantize/migration.hpp"
#include "golden/quantize/option_names.hpp"
#include "golden/quantize/packing.hpp"

namespace msq::cli {
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

Migrated migrate(const golden::Matrix& w, golden::Calibration& calibration, double alpha) {
  const auto exact = golden::migration_scales(w.values, calibration.largest, w.rows, w.columns, alpha);
  Migrated migrated{w.values, {exact.begin(), exact.end()}};
  // What is stored is what is computed with.
  const std::vector<double> stored(migrated.scales.begin(), migrated.scales.end());
  golden::migrate(stored, migrated.weights, calibration.hessian);
  return migrated;
}

/// What is said of a quantized layer.
struct Findings {
  golden::QuantizeStatistics statistics;
  golden::EffectiveBits bits;
  double weight_error = 0;
  std::int64_t calibration_tokens = 0;
};

Json json_of(const QuantizerChoices& c, const Findings& findings) {
  const golden::QuantizeStatistics& s = findings.statistics;
  Json json = to_json(c);
  const Json found = {{"calibration_tokens", findings.calibration_tokens},
                      {"weights", s.weights},
                      {"outliers_wanted", s.outliers_wanted},
                      {"outliers_kept", s.outliers_kept},
                      {"outlier_share", share(s.outliers_kept, s.weights)},
                      {"demoted_too_many", s.demoted_too_many},
                      {"demoted_unroutable", s.demoted_unroutable},
                      {"demoted_unwelcome", s.demoted_unwelcome},
                      {"adjacent_outliers", s.adjacent_outliers},
                      {"pruned_weights", s.pruned_weights},
                      {"micro_blocks", s.micro_blocks},
                      {"micro_blocks_with_outliers", s.micro_blocks_with_outliers},
                      {"flagged_share", share(s.micro_blocks_with_outliers, s.micro_blocks)},
                      {"ebw_paper", findings.bits.paper},
                      {"ebw_stored", findings.bits.stored},
                      {"weight_error", findings.weight_error}};
  json.update(found);
  return json;
}

std::string text_of(const QuantizerChoices& c, const golden::QuantizedTensor& tensor,
                    const Findings& findings) {
  const golden::QuantizerOptions& o = c.options;
  const golden::QuantizeStatistics& s = findings.statistics;
  std::string text = item(
      "quantized", fmt::format("[{}][{}] to {} bits, encoding {}, micro-block {}, macro-block {} along {}",
                               tensor.k, tensor.n, o.bits, golden::option_name(o.encoding), o.micro_block,
                               o.macro_block, golden::option_name(o.axis)));
  text += item("rounding", findings.calibration_tokens == 0
                               ? std::string("to the nearest")
                               : fmt::format("errors compensated, as {} calibration tokens weigh them",
                                             grouped(findings.calibration_tokens)));
  text += item("outliers", fmt::format("{} of the weights ({} of {} wanted); {} of the micro-blocks hold one",
                                       percent(share(s.outliers_kept, s.weights)), grouped(s.outliers_kept),
                                       grouped(s.outliers_wanted),
                                       percent(share(s.micro_blocks_with_outliers, s.micro_blocks))));
  text +=
      item("effective bit width", fmt::format("{:.3f} by the paper's formula, {:.3f} with every stored bit",
                                              findings.bits.paper, findings.bits.stored));
  text += item("weight error", fmt::format("{:.4f} = ||W - Wq|| / ||W||", findings.weight_error));
  return text;
}

}  // namespace

QuantizerChoices QuantizerChoices::for_config(const Config& config, int with_bits) const {
  QuantizerChoices choices = *this;
  choices.options.bits = with_bits;
  choices.options.micro_block = config.micro_block;
  choices.options.outlier_shift_max = config.outlier_shift_max;
  choices.options.outliers_per_block = config.has_outliers() ? config.list_entries() : 0;
  // More than a unit is there for would cost tiles of their own, and gains nothing (docs/outlier-paths.md).
  if (config.has_inline()) {
    choices.options.outliers_per_block = std::min(config.list_entries(), config.outlier_units());
  }
  if (config.full_range()) {
    choices.options.encoding = golden::Encoding::full_range;
    choices.options.fraction_bits = config.fraction_bits;
    choices.options.scale_mantissa_bits = config.scale_mantissa_bits;
    choices.options.shift_bits = 4;  // no array takes more, and the weight stream has no more
  }
  return choices;
}

Json to_json(const QuantizerChoices& c) {
  const golden::QuantizerOptions& o = c.options;
  return {{"bits", o.bits},
          {"encoding", golden::option_name(o.encoding)},
          {"micro_block", o.micro_block},
          {"macro_block", o.macro_block},
          {"axis", golden::option_name(o.axis)},
          {"inlier_rule", golden::option_name(o.inlier_rule)},
          {"shift_rule", golden::option_name(o.shift_rule)},
          {"outlier_rule", golden::option_name(o.outlier_rule)},
          {"prune_rule", golden::option_name(o.prune_rule)},
          {"outliers_per_block", o.max_outliers()},
          {"outlier_shift_max", o.outlier_shift_max},
          {"outlier_sigma", o.outlier_sigma},
          {"outlier_price", o.outlier_price},
          {"row_align_bits", o.row_align_bits},
          {"identifier_group", o.identifier_group},
          {"shift_bits", o.shift_bits},
          {"fraction_bits", o.fraction_bits},
          {"scale_mantissa_bits", o.scale_mantissa_bits},
          {"damping", o.damping},
          {"weigh_scales", o.weigh_scales},
          {"activation_order", o.activation_order},
          {"sweeps", o.sweeps},
          {"migration", c.migration}};
}

std::string QuantizerChoices::arguments() const {
  return fmt::format(" --macro-block {} --inlier-rule {} --shift-rule {} --sigma {}", options.macro_block,
                     golden::option_name(options.inlier_rule), golden::option_name(options.shift_rule),
                     options.outlier_sigma);
}

Result<> check_choices(const QuantizerChoices& choices) {
  if (!(choices.migration >= 0 && choices.migration <= 1)) {
    return Error(fmt::format("migration is {}; allowed: 0 to 1", choices.migration));
  }
  return golden::validate(choices.options);
}

Result<Quantization> quantize_weights(const LabelledMatrix& weights, const QuantizerChoices& choices,
                                      std::optional<golden::Calibration> calibration,
                                      const golden::QuantizeProgress& progress) {
  if (auto valid = check_choices(choices); !valid) return Error(valid.error());
  const golden::Matrix& w = weights.matrix;
  Findings findings;
  Migrated migrated;
  std::optional<golden::Hessian> hessian;
  if (calibration) {
    findings.calibration_tokens = calibration->hessian.tokens();
    if (choices.migration > 0) migrated = migrate(w, *calibration, choices.migration);
    hessian = std::move(calibration->hessian);
  }
  auto output = golden::quantize(migrated.scales.empty() ? w.values : migrated.weights, w.rows, w.columns,
                                 choices.options, std::move(hessian), progress);
  if (!output) return Error(fmt::format("{}: {}", weights.source, output.error()));
  golden::QuantizedLayer layer{"", std::move(output->tensor), std::move(migrated.scales)};
  findings.statistics = output->statistics;
  findings.bits = golden::effective_bits(layer);
  findings.weight_error = weight_error(w, golden::dequantize(layer.tensor), layer.input_scales);
  Json json = json_of(choices, findings);
  std::string text = text_of(choices, layer.tensor, findings);
  return Quantization{std::move(layer.tensor), std::move(layer.input_scales), std::move(json),
                      std::move(text)};
}

}  // namespace msq::cli
