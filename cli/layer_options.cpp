#include "cli/layer_options.hpp"

#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/values.hpp"
#include "golden/quantize/option_names.hpp"
#include "report/text.hpp"

namespace msq::cli {

using report::shell_word;

std::string options_of(const flow::WeightsSource& weights) {
  if (weights.file.empty()) return "--synthetic " + weights.synthetic;
  std::string text = "--weights " + shell_word(weights.file);
  if (!weights.tensor.empty()) text += " --tensor " + shell_word(weights.tensor);
  return weights.layout.empty() ? text : fmt::format("{} --layout {}", text, weights.layout);
}

std::string options_of(const flow::ActivationsSource& activations) {
  if (activations.file.empty()) return fmt::format("--tokens {}", activations.tokens);
  std::string text = "--activations " + shell_word(activations.file);
  if (!activations.tensor.empty()) text += " --activations-tensor " + shell_word(activations.tensor);
  return text;
}

std::string options_of(const flow::QuantizerChoices& choices) {
  const golden::QuantizerOptions& o = choices.options;
  return fmt::format("--macro-block {} --inlier-rule {} --shift-rule {} --sigma {}", o.macro_block,
                     golden::option_name(o.inlier_rule), golden::option_name(o.shift_rule), o.outlier_sigma);
}

std::string LayerOptions::command_line(const std::string& command) const {
  std::string text = fmt::format("microscopiq {} --config {}", command, shell_word(config));
  if (quantized.empty()) {
    text +=
        fmt::format(" {} --bits {} {}", options_of(weights), quantizer.options.bits, options_of(quantizer));
  } else {
    text += " --quantized " + shell_word(quantized);
    if (!layer.empty()) text += " --layer " + shell_word(layer);
  }
  text += " " + options_of(activations);
  return stalls > 0 ? text + fmt::format(" --stalls {}", stalls) : text;
}

std::optional<tb::TraceWindow> LayerOptions::trace_window() const {
  if (trace.empty()) return std::nullopt;
  return tb::TraceWindow{trace, trace_from, trace_cycles};
}

void add_layer_options(CLI::App& command, LayerOptions& o) {
  add_config(command, o.config, true);
  add_weights(command, o.weights);
  add_quantizer_choices(command, o.quantizer);
  auto* bits = command.add_option("-b,--bits", o.quantizer.options.bits, "Bits per weight")
                   ->check(CLI::IsMember({2, 4}))
                   ->capture_default_str();
  command.add_option("-q,--quantized", o.quantized, "Quantized file instead of weights")
      ->type_name(kInput)
      ->excludes("--weights")
      ->excludes("--synthetic")
      ->excludes(bits);
  command.add_option("--layer", o.layer, "Layer of the quantized file, if the file holds several")
      ->needs("--quantized");
  add_activations(command, o.activations);
  add_seed(command, o.seed);
  command.add_option("--stalls", o.stalls, "Probability per cycle that a stream pauses")
      ->check(between(0.0, 0.95))
      ->capture_default_str();
  command
      .add_option("--trace", o.trace,
                  "Record signals to this file (FST), with a signal list for GTKWave beside it")
      ->type_name(kOutput);
  command.add_option("--trace-from", o.trace_from, "First recorded cycle, counted from the start")
      ->capture_default_str();
  command.add_option("--trace-cycles", o.trace_cycles, "Number of recorded cycles")
      ->check(between(std::uint64_t{1}, std::uint64_t{1000000}))
      ->capture_default_str();
  add_json(command, o.json);
}

}  // namespace msq::cli
