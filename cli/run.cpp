#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/presets.hpp"
#include "cli/report.hpp"
#include "cli/text.hpp"
#include "golden/io/atomic_file.hpp"
#include "support/process.hpp"
#include "support/progress.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWeightsFile = "build/weights/model.safetensors";
constexpr const char* kTensor = "encoder.layer.0.intermediate.dense.weight";
constexpr const char* kSyntheticShape = "384x1536";  // of that tensor

struct RunOptions {
  std::string config = "8x8", liberty, report = "build/report.json", work = "build/synth";
  WeightsSource weights;
  ActivationsSource activations;
  QuantizerChoices quantizer;
  unsigned seed = 1;
  bool no_synth = false, json = false;
};

/// Fills in the layer that is run if the command line names none. @return what the user should know.
std::string choose_weights(WeightsSource& source) {
  std::error_code ignored;
  if (source.file.empty() && source.synthetic.empty()) {
    if (!fs::exists(kWeightsFile, ignored)) {
      source.synthetic = kSyntheticShape;
      return fmt::format("{}: not there, so no real weights; going on with synthetic ones", kWeightsFile);
    }
    source.file = kWeightsFile;
  }
  if (source.tensor.empty() && fs::path(source.file).extension() == ".safetensors") source.tensor = kTensor;
  return {};
}

/// Makes the directory of a file that will be written at the end, so that a run of minutes cannot end in
/// vain.
Result<> prepare_report(const fs::path& file) {
  std::error_code error;
  const fs::path directory = fs::absolute(file).parent_path();
  fs::create_directories(directory, error);
  if (error || ::access(directory.c_str(), W_OK) != 0 || fs::is_directory(file, error)) {
    return Error(fmt::format("--report: cannot write {}", file.string()));
  }
  return {};
}

std::string verilator_version() {
  const auto result = run_process({.argv = {"verilator", "--version"}});
  return result && result->ok() ? result->output.substr(0, result->output.find('\n')) : std::string();
}

/// Operands before quantization.
struct Layer {
  LabelledMatrix weights, activations;
};

Result<Layer> load_layer(const RunOptions& o) {
  auto weights = load_weights(o.weights, o.seed);
  if (!weights) return Error(weights.error());
  auto activations = load_activations(o.activations, weights->matrix.rows, weights->source, o.seed);
  if (!activations) return Error(activations.error());
  return Layer{std::move(*weights), std::move(*activations)};
}

Result<BitsRun> run_bits(const RunOptions& o, const Design& design, const Layer& layer, int bits) {
  auto quantization = quantize_weights(layer.weights, o.quantizer.for_config(design.config, bits));
  if (!quantization) return Error(quantization.error());
  const auto activations =
      quantize_activations(layer.activations, design.config.act_bits, o.quantizer.options.macro_block);
  if (!activations) return Error(activations.error());
  tb::LayerRunOptions run;
  run.seed = o.seed;
  auto simulation = simulate(design, quantization->tensor, layer.weights.source, *activations, run);
  if (!simulation) return Error(simulation.error());
  const double error =
      output_error(layer.activations.matrix, layer.weights.matrix, simulation->result.outputs.value());
  return BitsRun{std::move(*quantization), std::move(*simulation), error};
}

std::string failures(const RunReport& report, const RunOptions& o) {
  std::string text;
  for (const BitsRun& run : report.runs) {
    text += failure_text(
        run.simulation, report.config,
        fmt::format("microscopiq simulate --config {} {} --bits {}{} {}", o.config, o.weights.options(),
                    run.simulation.bits, o.quantizer.arguments(), o.activations.options()));
  }
  return text;
}

/// Everything that can be wrong with the input, before anything takes long.
Result<Config> check_input(const RunOptions& o) {
  auto config = find_config(o.config);
  if (!config) return config;
  if (!on_path("verilator")) return Error(missing_program_message("verilator"));
  if (!o.no_synth) {
    if (auto tools = flow::check_synthesis_tools(o.liberty); !tools) return Error(tools.error());
  }
  return config;
}

Outcome run_all(RunOptions o) {
  const auto start = std::chrono::steady_clock::now();
  const auto config = check_input(o);
  if (!config) return Error(config.error());
  if (const std::string note = choose_weights(o.weights); !note.empty()) {
    fmt::print(stderr, "microscopiq: {}\n", note);
  }
  const auto layer = load_layer(o);
  if (!layer) return Error(layer.error());
  if (auto prepared = prepare_report(o.report); !prepared) return Error(prepared.error());

  const Design design = build_design(*config);
  RunReport report{.config = *config,
                   .memory_bits = design.dimensions.memory_bits(),
                   .weights = to_json(layer->weights, "k", "n"),
                   .activations = to_json(layer->activations, "m", "k"),
                   .seed = o.seed,
                   .runs = {},
                   .area = std::nullopt,
                   .verilator_version = verilator_version()};
  for (const int bits : config->modes) {
    auto run = run_bits(o, design, *layer, bits);
    if (!run) return Error(run.error());
    report.runs.push_back(std::move(*run));
  }
  if (!o.no_synth) {
    MSQ_TRY(report.area,
            flow::measure_area(*config, {.liberty = o.liberty, .work = o.work}, {.twins = true}));
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const std::string json = json_text(to_json(report));
  if (auto written = golden::write_file_atomically(o.report, json); !written) return Error(written.error());
  fmt::print("{}", o.json ? json : to_text(report));
  if (!o.json) fmt::print("Report: {}\n", o.report);
  fmt::print(stderr, "{}", failures(report, o));
  return report.ok() ? kOk : kCheckFailed;
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand(
      "run", "The whole way of a layer: quantize, generate, simulate, compare every bit, synthesize, report");
  add_config(*command, options->config, false);
  add_weights(*command, options->weights);
  add_activations(*command, options->activations);
  add_quantizer_choices(*command, options->quantizer);
  add_seed(*command, options->seed);
  add_liberty(*command, options->liberty);
  command->add_flag("--no-synth", options->no_synth, "Leave out the synthesis");
  command->add_option("--work", options->work, "Directory for the synthesis: Verilog, scripts and logs")
      ->capture_default_str();
  command->add_option("--report", options->report, "Where the report is kept as JSON (docs/report.md)")
      ->capture_default_str();
  add_json(*command, options->json);
  command->footer(fmt::format(
      "\nBoth bit budgets run if the configuration has both modes. Without --weights: {}\nif it is there, "
      "else "
      "synthetic weights, and the report says so. Default tensor of a .safetensors file:\n{}\n\nExample:\n  "
      "microscopiq run --config 16x16 --tokens 32",
      kWeightsFile, kTensor));
  command->callback([options, &action] { action = [options] { return run_all(*options); }; });
}

}  // namespace msq::cli
