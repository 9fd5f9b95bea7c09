#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/quantization.hpp"
#include "cli/text.hpp"
#include "golden/io/quantized_file.hpp"

namespace msq::cli {
namespace {

struct QuantizeOptions {
  WeightsSource weights;
  QuantizerChoices choices;
  std::string output, layer;
  unsigned seed = 1;
  bool json = false;

  /// Layer name in the file: as asked for, else the tensor's without ".weight", else the file's stem.
  [[nodiscard]] std::string layer_name() const {
    if (!layer.empty()) return layer;
    if (weights.tensor.empty()) {
      return weights.file.empty() ? "synthetic" : std::filesystem::path(weights.file).stem().string();
    }
    const std::string_view name = weights.tensor;
    constexpr std::string_view kWeight = ".weight";
    return std::string(name.ends_with(kWeight) ? name.substr(0, name.size() - kWeight.size()) : name);
  }
};

Outcome run_quantize(const QuantizeOptions& o) {
  if (o.weights.file.empty() && o.weights.synthetic.empty()) {
    return Failure(std::string("weights: found none; allowed: one of --weights, --synthetic"));
  }
  if (std::filesystem::path(o.output).extension() != ".safetensors") {
    return Failure(
        fmt::format("--output: found \"{}\"; allowed: a name that ends in .safetensors", o.output));
  }
  if (auto valid = check_choices(o.choices); !valid) return Failure(valid.error());
  const auto weights = load_weights(o.weights, o.seed);
  if (!weights) return Failure(weights.error());
  const auto quantization = quantize_weights(*weights, o.choices);
  if (!quantization) return Failure(quantization.error());
  const golden::QuantizedLayer layer{o.layer_name(), quantization->tensor};
  if (auto saved = golden::save_quantized(o.output, {&layer, 1}); !saved) return Failure(saved.error());
  if (o.json) {
    Json json = {{"output", o.output}, {"layer", layer.name}, {"source", to_json(*weights, "k", "n")}};
    json.update(quantization->json);
    fmt::print("{}", json_text(json));
  } else {
    fmt::print("{}: layer {} of {}\n{}", o.output, layer.name, weights->source, quantization->text);
  }
  return kOk;
}

void add_format_options(CLI::App& command, QuantizeOptions& o) {
  command.add_option("-b,--bits", o.choices.bits, "Bits of a weight")
      ->check(CLI::IsMember({2, 4}))
      ->required();
  command.add_option("--micro-block", o.choices.micro_block, "Weights that share an outlier shift and list")
      ->check(CLI::IsMember({4, 8, 16}))
      ->capture_default_str();
  command
      .add_option("--axis", o.choices.axis,
                  "Along which a macro-block lies; the generated core takes reduction")
      ->check(CLI::IsMember({"reduction", "output"}))
      ->capture_default_str();
  command
      .add_option("--outliers-per-block", o.choices.outliers_per_block,
                  "Most outliers of a micro-block, 0 (none) to half of --micro-block, which is the default")
      ->check(CLI::Range(0, 8));
  command
      .add_option("--outlier-shift-max", o.choices.outlier_shift_max,
                  "Largest outlier shift in bits, 0 to 15")
      ->check(CLI::Range(0, 15))
      ->capture_default_str();
  command
      .add_option("--row-align-bits", o.choices.row_align_bits,
                  "Axis output: how far the scales of rows may differ, in bits, 0 to 7")
      ->check(CLI::Range(0, 7))
      ->capture_default_str();
}

}  // namespace

void add_quantize(CLI::App& app, Action& action) {
  auto options = std::make_shared<QuantizeOptions>();
  CLI::App* command = app.add_subcommand("quantize", "Quantize a weight matrix to 2 or 4 bits with outliers");
  add_weights(*command, options->weights);
  command->add_option("-o,--output", options->output, "File to write: .safetensors")->required();
  command->add_option("--layer", options->layer,
                      "Name of the layer in it. Default: the tensor's, without \".weight\", or the file's");
  add_format_options(*command, *options);
  add_quantizer_choices(*command, options->choices);
  add_seed(*command, options->seed);
  add_json(*command, options->json);
  command->footer(
      "\nExample:\n  microscopiq quantize --weights model.safetensors --tensor "
      "encoder.layer.0.intermediate.dense.weight\n    --bits 2 -o layer.safetensors");
  command->callback([options, &action] { action = [options] { return run_quantize(*options); }; });
}

}  // namespace msq::cli
