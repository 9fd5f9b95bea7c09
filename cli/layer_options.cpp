#include "cli/layer_options.hpp"

#include <fmt/format.h>

#include <utility>

#include "cli/quantized_source.hpp"
#include "cli/text.hpp"

namespace msq::cli {
namespace {

Result<LayerWeights> load_layer_weights(const LayerOptions& o, const Config& config) {
  if (o.quantized.empty() && o.weights.file.empty() && o.weights.synthetic.empty()) {
    return Error(std::string("weights: found none; allowed: one of --quantized, --weights, --synthetic"));
  }
  if (!o.quantized.empty()) {
    auto layer = load_quantized_layer(o.quantized, o.layer);
    if (!layer) return Error(layer.error());
    return LayerWeights{std::move(layer->tensor), o.quantized, std::move(layer->input_scales)};
  }
  const auto weights = load_weights(o.weights, o.seed);
  if (!weights) return Error(weights.error());
  auto quantization = quantize_weights(*weights, o.quantizer.for_config(config, o.quantizer.options.bits));
  if (!quantization) return Error(quantization.error());
  return LayerWeights{std::move(quantization->tensor), weights->source, {}};
}

}  // namespace

std::string LayerOptions::command_line(const std::string& command) const {
  std::string text = fmt::format("microscopiq {} --config {}", command, shell_word(config));
  if (quantized.empty()) {
    text += fmt::format(" {} --bits {}{}", weights.options(), quantizer.options.bits, quantizer.arguments());
  } else {
    text += " --quantized " + shell_word(quantized);
    if (!layer.empty()) text += " --layer " + shell_word(layer);
  }
  text += " " + activations.options();
  return stalls > 0 ? text + fmt::format(" --stalls {}", stalls) : text;
}

void add_layer_options(CLI::App& command, LayerOptions& o) {
  add_config(command, o.config, true);
  add_weights(command, o.weights);
  add_quantizer_choices(command, o.quantizer);
  auto* bits = command.add_option("-b,--bits", o.quantizer.options.bits, "Bits of a weight")
                   ->check(CLI::IsMember({2, 4}))
                   ->capture_default_str();
  command.add_option("-q,--quantized", o.quantized, "Instead of weights: a file that quantize wrote")
      ->excludes("--weights")
      ->excludes("--synthetic")
      ->excludes(bits);
  command.add_option("--layer", o.layer, "Layer in that file, if it holds several")->needs("--quantized");
  add_activations(command, o.activations);
  add_seed(command, o.seed);
  command.add_option("--stalls", o.stalls, "Probability of a pause of each stream in a cycle, 0 to 0.95")
      ->check(CLI::Range(0.0, 0.95))
      ->capture_default_str();
  command.add_option("--trace", o.trace,
                     "Also record signals to this file (FST), and beside it a signal list for GTKWave");
  command.add_option("--trace-from", o.trace_from, "First cycle recorded, counted from the start")
      ->capture_default_str();
  command.add_option("--trace-cycles", o.trace_cycles, "Cycles recorded, 1 to 1000000")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1000000}))
      ->capture_default_str();
  add_json(command, o.json);
}

Result<LayerOperands> load_operands(const LayerOptions& options, const Config& config) {
  auto weights = load_layer_weights(options, config);
  if (!weights) return Error(weights.error());
  return with_activations(std::move(*weights), options.activations, config, options.seed);
}

Result<LayerOperands> with_activations(LayerWeights weights, const ActivationsSource& source,
                                       const Config& config, unsigned seed) {
  auto activations = load_activations(source, weights.tensor.k, weights.source, seed);
  if (!activations) return Error(activations.error());
  divide_inputs(activations->matrix, weights.input_scales);
  auto quantized = quantize_activations(*activations, config.act_bits, weights.tensor.format.macro_block);
  if (!quantized) return Error(quantized.error());
  return LayerOperands{std::move(weights.tensor), std::move(weights.source), std::move(*quantized),
                       std::move(activations->source)};
}

}  // namespace msq::cli
