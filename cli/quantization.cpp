#include "cli/quantization.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>
#include <vector>

#include "cli/text.hpp"
#include "golden/quantize/packing.hpp"
#include "golden/quantize/quantizer.hpp"

namespace msq::cli {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// ||W - Wq|| / ||W||, Frobenius; 0 if W is zero.
double weight_error(const std::vector<float>& exact, const std::vector<double>& quantized) {
  double difference = 0;
  double norm = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double w = exact[i];
    difference += (w - quantized[i]) * (w - quantized[i]);
    norm += w * w;
  }
  return norm == 0 ? 0 : std::sqrt(difference / norm);
}

golden::QuantizerOptions golden_options(const QuantizerChoices& c) {
  golden::QuantizerOptions options;
  options.bits = c.bits;
  options.micro_block = c.micro_block;
  options.macro_block = c.macro_block;
  options.axis = c.axis == "output" ? golden::Axis::output : golden::Axis::reduction;
  options.inlier_rule = c.inlier_rule == "mse" ? golden::InlierRule::mse : golden::InlierRule::ocp;
  options.shift_rule = c.shift_rule == "mse" ? golden::ShiftRule::mse : golden::ShiftRule::max;
  options.outliers_per_block = c.outliers_per_block;
  options.outlier_shift_max = c.outlier_shift_max;
  options.outlier_sigma = c.sigma;
  options.row_align_bits = c.row_align_bits;
  return options;
}

Json json_of(const QuantizerChoices& c, const golden::QuantizeStatistics& s,
             const golden::EffectiveBits& bits, double error) {
  Json json = to_json(c);
  const Json found = {{"weights", s.weights},
                      {"outliers_wanted", s.outliers_wanted},
                      {"outliers_kept", s.outliers_kept},
                      {"outlier_share", share(s.outliers_kept, s.weights)},
                      {"demoted_too_many", s.demoted_too_many},
                      {"demoted_unroutable", s.demoted_unroutable},
                      {"adjacent_outliers", s.adjacent_outliers},
                      {"pruned_weights", s.pruned_weights},
                      {"micro_blocks", s.micro_blocks},
                      {"micro_blocks_with_outliers", s.micro_blocks_with_outliers},
                      {"flagged_share", share(s.micro_blocks_with_outliers, s.micro_blocks)},
                      {"ebw_paper", bits.paper},
                      {"ebw_stored", bits.stored},
                      {"weight_error", error}};
  json.update(found);
  return json;
}

std::string text_of(const QuantizerChoices& c, const golden::QuantizedTensor& tensor,
                    const golden::QuantizeStatistics& s, const golden::EffectiveBits& bits, double error) {
  std::string text =
      item("quantized", fmt::format("[{}][{}] to {} bits, micro-block {}, macro-block {} along {}", tensor.k,
                                    tensor.n, c.bits, c.micro_block, c.macro_block, c.axis));
  text += item("outliers", fmt::format("{} of the weights ({} of {} wanted); {} of the micro-blocks hold one",
                                       percent(share(s.outliers_kept, s.weights)), grouped(s.outliers_kept),
                                       grouped(s.outliers_wanted),
                                       percent(share(s.micro_blocks_with_outliers, s.micro_blocks))));
  text += item(
      "effective bit width",
      fmt::format("{:.3f} by the paper's formula, {:.3f} with every stored bit", bits.paper, bits.stored));
  text += item("weight error", fmt::format("{:.4f} = ||W - Wq|| / ||W||", error));
  return text;
}

}  // namespace

QuantizerChoices QuantizerChoices::for_config(const Config& config, int with_bits) const {
  QuantizerChoices choices = *this;
  choices.bits = with_bits;
  choices.micro_block = config.micro_block;
  choices.outlier_shift_max = config.outlier_shift_max;
  if (!config.has_recon()) choices.outliers_per_block = 0;
  return choices;
}

Json to_json(const QuantizerChoices& c) {
  return {{"bits", c.bits},
          {"micro_block", c.micro_block},
          {"macro_block", c.macro_block},
          {"axis", c.axis},
          {"inlier_rule", c.inlier_rule},
          {"shift_rule", c.shift_rule},
          {"outliers_per_block", c.outliers_per_block.value_or(c.micro_block / 2)},
          {"outlier_shift_max", c.outlier_shift_max},
          {"outlier_sigma", c.sigma},
          {"row_align_bits", c.row_align_bits}};
}

std::string QuantizerChoices::options() const {
  return fmt::format(" --macro-block {} --inlier-rule {} --shift-rule {} --sigma {}", macro_block,
                     inlier_rule, shift_rule, sigma);
}

tl::expected<void, std::string> check_choices(const QuantizerChoices& choices) {
  return golden::validate(golden_options(choices));
}

tl::expected<Quantization, std::string> quantize_weights(const LabelledMatrix& weights,
                                                         const QuantizerChoices& choices) {
  if (auto valid = check_choices(choices); !valid) return Failure(valid.error());
  const golden::Matrix& w = weights.matrix;
  auto output = golden::quantize(w.values, w.rows, w.columns, golden_options(choices));
  if (!output) return Failure(fmt::format("{}: {}", weights.source, output.error()));
  const golden::EffectiveBits bits = golden::effective_bits(output->tensor);
  const double error = weight_error(w.values, golden::dequantize(output->tensor));
  Json json = json_of(choices, output->statistics, bits, error);
  std::string text = text_of(choices, output->tensor, output->statistics, bits, error);
  return Quantization{std::move(output->tensor), std::move(json), std::move(text)};
}

}  // namespace msq::cli
