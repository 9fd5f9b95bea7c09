#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/quantize_options.hpp"
#include "flow/layer/model_selection.hpp"
#include "flow/layer/quantize_layer.hpp"
#include "flow/layer/quantize_model.hpp"
#include "flow/layer/quantize_tasks.hpp"
#include "flow/layer/save_hessians.hpp"
#include "golden/io/describe.hpp"
#include "golden/io/model_file.hpp"
#include "report/quantization.hpp"
#include "report/tasks.hpp"
#include "report/tensor_list.hpp"

namespace msq::cli {
namespace {

void note(const std::string& text) { fmt::print(stderr, "microscopiq: {}\n", text); }

void note_warnings(const std::string& layer, const flow::QuantizationFindings& findings) {
  for (const std::string& warning : findings.warnings)
    note(fmt::format("warning: layer {}: {}", golden::in_quotes(layer), warning));
}

/// The calibration to use from then on: the file of sums.
flow::CalibrationSource use(const flow::SavedHessians& saved, const std::string& file) {
  note(fmt::format("{}: sums written, inputs: {}, layers: {}", file, saved.inputs, saved.layers));
  return saved.source;
}

Outcome quantize_matrix(const QuantizeOptions& o) {
  MSQ_TRY(flow::LabelledMatrix matrix, flow::load_weights(o.weights, o.seed));
  MSQ_TRY(flow::QuantizeRequest request, o.request());
  if (!o.save_hessians.empty()) {
    const std::vector<flow::LayerWithRows> layers{{o.layer_name(), o.weights.tensor, matrix.matrix.rows}};
    MSQ_TRY(const auto saved, flow::save_hessians(o.save_hessians, request.calibration, layers,
                                                  request.choices.massive_weight));
    request.calibration = use(saved, o.save_hessians);
  }
  MSQ_TRY(const flow::MatrixFindings findings,
          flow::quantize_matrix(request, {o.layer_name(), o.weights.tensor, std::move(matrix)}));
  note_warnings(findings.layer, findings.quantization);
  fmt::print("{}", report::render(findings, form(o.json)));
  return kOk;
}

/// --task.
Outcome run_layer_task(const flow::ModelToQuantize& of, const QuantizeOptions& o) {
  MSQ_TRY(const flow::LayerTaskDone done, flow::run_quantization_task(of, *o.tasks.task));
  note_warnings(done.task.layer, done.findings);
  fmt::print("{}", report::render(done, form(o.json)));
  return kOk;
}

/// --plan.
Outcome print_layer_tasks(const flow::ModelToQuantize& of) {
  MSQ_TRY(const flow::QuantizePlan plan, flow::plan_quantization(of, note));
  fmt::print("{}", report::render_plan(plan));
  return kOk;
}

/// Lists the tensors of a model, or quantizes those chosen.
Outcome run_model(const QuantizeOptions& o) {
  MSQ_TRY(const golden::ModelFile model, golden::ModelFile::open(o.weights.file));
  MSQ_TRY(const auto tensors, flow::select_tensors(model, o.selection, o.weights.chosen_layout()));
  if (o.list) {
    fmt::print("{}", report::render_list(o.weights.file, tensors, model.notes(), form(o.json)));
    return kOk;
  }
  std::vector<NamedFile> inputs;
  for (const auto& file : model.files()) inputs.push_back({"--weights", file.string()});
  std::vector<NamedFile> outputs{{"--output", o.output}};
  if (!o.save_hessians.empty()) outputs.push_back({"--save-hessians", o.save_hessians});
  MSQ_CHECK(check_apart(inputs, outputs));
  for (const std::string& line : model.notes()) note(line);
  for (const std::string& line : flow::left_out_lines(model.name(), tensors)) note(line);
  MSQ_TRY(flow::QuantizeRequest request, o.request());
  const flow::ModelToQuantize of{model, tensors, request};
  if (!o.save_hessians.empty()) {
    MSQ_TRY(const auto saved, flow::save_hessians(o.save_hessians, of));
    request.calibration = use(saved, o.save_hessians);
  }
  if (o.tasks.plan) return print_layer_tasks(of);
  if (o.tasks.task) return run_layer_task(of, o);
  MSQ_TRY(const flow::ModelFindings findings,
          o.tasks.collect ? flow::collect_quantization(of) : flow::quantize_model(of, note));
  for (const flow::LayerFindings& layer : findings.layers) note_warnings(layer.layer, layer.quantization);
  fmt::print("{}", report::render(findings, form(o.json)));
  return kOk;
}

/// Options of models are given with models only.
Result<> check_model_options(const QuantizeOptions& o) {
  if (o.of_model() && !o.layer.empty()) {
    return Error(
        fmt::format("--layer: found \"{}\"; allowed: with one tensor only, named by --tensor; the "
                    "layers of a model have their tensors' names",
                    o.layer));
  }
  for (const char* option : {o.widths.given(), o.tasks.given()}) {
    if (option == nullptr || o.of_model()) continue;
    return Error(fmt::format("{}: found with one tensor; allowed: with several tensors of a model", option));
  }
  if (golden::ModelFile::is_model(o.weights.file)) return {};
  const char* option = o.list                           ? "--list"
                       : !o.selection.exclude.empty()   ? "--exclude"
                       : o.selection.tensors.size() > 1 ? "--tensor, several times"
                                                        : nullptr;
  if (option == nullptr) return {};
  if (!o.weights.file.empty() && std::filesystem::path(o.weights.file).extension() != ".npy") {
    MSQ_CHECK(golden::ModelFile::open(o.weights.file));
  }
  return Error(
      fmt::format("{}: found with {}; allowed: with a model, --weights FILE.safetensors or .onnx, "
                  "an index or a directory",
                  option, o.weights.file.empty() ? "--synthetic" : o.weights.file));
}

Outcome run_quantize(QuantizeOptions o) {
  if (o.weights.file.empty() && o.weights.synthetic.empty()) {
    return Error("weights: found none; allowed: one of --weights, --synthetic");
  }
  MSQ_CHECK(check_model_options(o));
  if (o.list) return run_model(o);
  for (const auto& [option, file] : {NamedFile{"--output", o.output}, {"--save-hessians", o.save_hessians}}) {
    if (std::filesystem::path(file).extension() == ".safetensors" || file.empty()) continue;
    return Error(fmt::format("{}: found \"{}\"; allowed: a name that ends in .safetensors", option, file));
  }
  MSQ_CHECK(flow::check_choices(o.choices));
  if (o.of_model() && flow::CalibrationSource(o.calibration).of_one_layer()) {
    return Error(
        fmt::format("--calibration: found {}; allowed: with one tensor only, named by --tensor; for a "
                    "model a directory or a .safetensors file",
                    o.calibration));
  }
  if (o.of_model()) return run_model(o);
  if (!o.selection.tensors.empty()) o.weights.tensor = o.selection.tensors.front();
  return quantize_matrix(o);
}

}  // namespace

void add_quantize(CLI::App& app, Action& action) {
  auto options = std::make_shared<QuantizeOptions>();
  CLI::App* command = app.add_subcommand(
      "quantize", "Quantize a weight matrix, or the layers of a model, to 2 or 4 bits with outliers");
  add_quantize_options(*command, *options);
  command->footer(
      "The layers of a model go to one file. Finished layers are kept in OUTPUT.parts until the end: "
      "the\nsame command resumes after an interruption; with other options all layers start over, and "
      "layers\nwith changed weights or calibration are quantized again.\n"
      "\nExample:\n  microscopiq quantize --weights model.safetensors --bits 2 -o layer.safetensors\n    "
      "--tensor encoder.layer.0.intermediate.dense.weight\n  microscopiq quantize --weights "
      "model.safetensors --bits 2 -o model-2.safetensors\n    --calibration activations/ --profile best\n  "
      "microscopiq quantize --weights llama-2-7b/ --list");
  command->callback([options, command, &action] {
    finish_quantize_options(*command, *options);
    action = [options] { return run_quantize(*options); };
  });
}

}  // namespace msq::cli
