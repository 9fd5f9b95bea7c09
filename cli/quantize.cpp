#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/model_selection.hpp"
#include "cli/options.hpp"
#include "cli/quantization.hpp"
#include "cli/quantize_model.hpp"
#include "cli/text.hpp"
#include "golden/io/quantized_file.hpp"

namespace msq::cli {
namespace {

struct QuantizeOptions {
  WeightsSource weights;
  QuantizerChoices choices;
  TensorSelection selection;
  std::string output, layer;
  unsigned seed = 1;
  bool list = false, json = false;

  /// Layer name in the file: as asked for, else the tensor's without ".weight", else the file's stem.
  [[nodiscard]] std::string layer_name() const {
    if (!layer.empty()) return layer;
    if (!weights.tensor.empty()) return layer_name_of(weights.tensor);
    return weights.file.empty() ? "synthetic" : std::filesystem::path(weights.file).stem().string();
  }
  /// A choice among the tensors of a model, rather than one matrix.
  [[nodiscard]] bool of_model() const {
    return golden::ModelFile::is_model(weights.file) && !selection.names_one();
  }
};

tl::expected<FinishedLayer, std::string> quantize_layer(const LabelledMatrix& weights,
                                                        const std::string& layer,
                                                        const QuantizerChoices& choices) {
  auto quantization = quantize_weights(weights, choices);
  if (!quantization) return Failure(quantization.error());
  return FinishedLayer{
      {layer, std::move(quantization->tensor)}, std::move(quantization->json), std::move(quantization->text)};
}

Outcome quantize_matrix(const QuantizeOptions& o) {
  const auto weights = load_weights(o.weights, o.seed);
  if (!weights) return Failure(weights.error());
  const auto finished = quantize_layer(*weights, o.layer_name(), o.choices);
  if (!finished) return Failure(finished.error());
  const golden::QuantizedLayer& layer = finished->layer;
  if (auto saved = golden::save_quantized(o.output, {&layer, 1}); !saved) return Failure(saved.error());
  if (o.json) {
    Json json = {{"output", o.output}, {"layer", layer.name}, {"source", to_json(*weights, "k", "n")}};
    json.update(finished->json);
    fmt::print("{}", json_text(json));
  } else {
    fmt::print("{}: layer {} of {}\n{}", o.output, layer.name, weights->source, finished->text);
  }
  return kOk;
}

/// Lists the tensors of a model, or quantizes those chosen.
Outcome run_model(const QuantizeOptions& o) {
  const auto model = golden::ModelFile::open(o.weights.file);
  if (!model) return Failure(model.error());
  const auto tensors = select_tensors(*model, o.selection, o.weights.chosen_layout());
  if (!tensors) return Failure(tensors.error());
  if (o.list) {
    fmt::print("{}",
               o.json ? json_text(list_json(o.weights.file, *tensors)) : list_text(o.weights.file, *tensors));
    return kOk;
  }
  const auto report =
      quantize_model(*model, *tensors, {.output = o.output, .choices = o.choices}, quantize_layer);
  if (!report) return Failure(report.error());
  fmt::print("{}", o.json ? json_text(report->json) : report->text);
  return kOk;
}

/// What concerns models only is not given with anything else.
tl::expected<void, std::string> check_model_options(const QuantizeOptions& o) {
  if (o.of_model() && !o.layer.empty()) {
    return Failure(
        fmt::format("--layer: found \"{}\"; allowed: with one tensor only, named by --tensor; the "
                    "layers of a model have their tensors' names",
                    o.layer));
  }
  if (golden::ModelFile::is_model(o.weights.file)) return {};
  const char* option = o.list                           ? "--list"
                       : !o.selection.exclude.empty()   ? "--exclude"
                       : o.selection.tensors.size() > 1 ? "--tensor, several times"
                                                        : nullptr;
  if (option == nullptr) return {};
  return Failure(fmt::format("{}: found with {}; allowed: with a model, --weights FILE.safetensors or .onnx",
                             option, o.weights.file.empty() ? "--synthetic" : o.weights.file));
}

Outcome run_quantize(QuantizeOptions o) {
  if (o.weights.file.empty() && o.weights.synthetic.empty()) {
    return Failure(std::string("weights: found none; allowed: one of --weights, --synthetic"));
  }
  if (auto valid = check_model_options(o); !valid) return Failure(valid.error());
  if (o.list) return run_model(o);
  if (std::filesystem::path(o.output).extension() != ".safetensors") {
    return Failure(
        fmt::format("--output: found \"{}\"; allowed: a name that ends in .safetensors", o.output));
  }
  if (auto valid = check_choices(o.choices); !valid) return Failure(valid.error());
  if (o.of_model()) return run_model(o);
  if (!o.selection.tensors.empty()) o.weights.tensor = o.selection.tensors.front();
  return quantize_matrix(o);
}

/// Which tensors of a model.
void add_selection(CLI::App& command, QuantizeOptions& o) {
  command
      .add_option(
          "--tensor", o.selection.tensors,
          fmt::format("Tensor of a .safetensors or .onnx file: a name, or a pattern with *, ? and [..]; "
                      "may be repeated. Default: the linear weights. {}",
                      kDefaultRule))
      ->allow_extra_args(false);
  command
      .add_option("--exclude", o.selection.exclude,
                  "Tensors to leave out: a name or pattern; may be repeated")
      ->allow_extra_args(false);
  command.add_flag("--list", o.list,
                   "Only list the tensors of a model, and for each whether it would be quantized or why not");
}

/// --bits and --output, which only --list does without.
void require_options(const CLI::App& command, const QuantizeOptions& o) {
  for (const char* name : {"--bits", "--output"}) {
    if (!o.list && command.count(name) == 0) throw CLI::RequiredError(name);
  }
}

void add_format_options(CLI::App& command, QuantizeOptions& o) {
  command.add_option("-b,--bits", o.choices.bits, "Bits of a weight; required without --list")
      ->check(CLI::IsMember({2, 4}));
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
  CLI::App* command = app.add_subcommand(
      "quantize", "Quantize a weight matrix, or those of a whole model, to 2 or 4 bits with outliers");
  add_weights_file(*command, options->weights);
  add_selection(*command, *options);
  command->add_option("-o,--output", options->output, "File to write: .safetensors; required without --list");
  command->add_option(
      "--layer", options->layer,
      "Name of the layer in it, for one tensor. Default: the tensor's, without \".weight\", or the file's");
  add_format_options(*command, *options);
  add_quantizer_choices(*command, options->choices);
  add_seed(*command, options->seed);
  add_json(*command, options->json);
  command->footer(
      "\nSeveral tensors go to one file. Finished layers are kept in OUTPUT.parts until the end: the same "
      "command "
      "goes\non where an interrupted one stopped; other options, or a model that has changed, begin anew.\n"
      "\nExample:\n  microscopiq quantize --weights model.safetensors --tensor "
      "encoder.layer.0.intermediate.dense.weight\n    --bits 2 -o layer.safetensors\n"
      "  microscopiq quantize --weights model.onnx --list");
  command->callback([options, command, &action] {
    require_options(*command, *options);
    action = [options] { return run_quantize(*options); };
  });
}

}  // namespace msq::cli
