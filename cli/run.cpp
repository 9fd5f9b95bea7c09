#include "flow/run.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/layer_options.hpp"
#include "cli/options.hpp"
#include "gen/configs/presets.hpp"
#include "golden/io/atomic_file.hpp"
#include "report/run.hpp"
#include "report/simulation.hpp"
#include "synth/liberty.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWeightsFile = "build/weights/model.safetensors";
constexpr const char* kTensor = "encoder.layer.0.intermediate.dense.weight";
constexpr const char* kSyntheticShape = "384x1536";  // of that tensor

struct RunOptions {
  std::string config = "8x8", liberty, report = "build/report.json", html, work = "build/synth";
  flow::WeightsSource weights;
  flow::ActivationsSource activations;
  flow::QuantizerChoices quantizer;
  unsigned seed = 1;
  bool no_synth = false, json = false;

  [[nodiscard]] flow::RunRequest request() const {
    flow::RunRequest request{weights, activations, quantizer, seed, std::nullopt, report};
    if (!no_synth) request.synthesis = flow::Flow{.liberty = liberty, .work = work};
    return request;
  }
};

/// Fills in the layer that is run if the command line names none. @return what the user should know.
std::string choose_weights(flow::WeightsSource& source) {
  std::error_code ignored;
  if (source.file.empty() && source.synthetic.empty()) {
    if (!fs::exists(kWeightsFile, ignored)) {
      source.synthetic = kSyntheticShape;
      return fmt::format("{}: not found; synthetic weights are used", kWeightsFile);
    }
    source.file = kWeightsFile;
  }
  if (source.tensor.empty() && fs::path(source.file).extension() == ".safetensors") source.tensor = kTensor;
  return {};
}

/// Leaves out the synthesis where the default library is not installed: not every system has a package of it.
/// @return what the user should know.
std::string choose_synthesis(RunOptions& o) {
  std::error_code ignored;
  if (o.no_synth || o.liberty != synth::kOsu018Liberty || fs::exists(o.liberty, ignored)) return {};
  o.no_synth = true;
  return fmt::format("{}: not found; the synthesis is left out; --liberty names another library", o.liberty);
}

/// Messages of all checks that failed, with the commands that record them.
std::string failures(const flow::RunFindings& findings, const RunOptions& o) {
  std::string text;
  for (const flow::BitsRun& run : findings.runs) {
    text += report::failure_text(
        run.simulation, findings.config,
        fmt::format("microscopiq simulate --config {} {} --bits {} {} {}", o.config, options_of(o.weights),
                    run.simulation.bits, options_of(o.quantizer), options_of(o.activations)));
  }
  return text;
}

Outcome run_all(RunOptions o) {
  MSQ_TRY(const Config config, find_config(o.config));
  const std::string no_area = choose_synthesis(o);
  MSQ_CHECK(flow::check_tools(o.request()));
  for (const std::string& note : {no_area, choose_weights(o.weights)}) {
    if (!note.empty()) fmt::print(stderr, "microscopiq: {}\n", note);
  }
  std::vector<NamedFile> outputs = {{"--report", o.report}};
  if (!o.html.empty()) outputs.push_back({"--html", o.html});
  MSQ_CHECK(check_apart({{"--weights", o.weights.file}}, outputs));  // the default's too
  MSQ_TRY(const flow::RunFindings findings, flow::run(config, o.request()));
  const std::string json = report::render(findings, report::Form::json);
  MSQ_CHECK(golden::write_file_atomically(o.report, json));
  if (!o.html.empty()) MSQ_CHECK(golden::write_file_atomically(o.html, report::to_html(findings)));
  fmt::print("{}", o.json ? json : report::render(findings, report::Form::text));
  if (!o.json) fmt::print("Report: {}{}{}\n", o.report, o.html.empty() ? "" : ", ", o.html);
  fmt::print(stderr, "{}", failures(findings, o));
  if (findings.failure) return Error(*findings.failure);
  return findings.ok() ? kOk : kCheckFailed;
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand(
      "run",
      "Run a layer through every step: quantize, generate, simulate, compare every bit, synthesize, report");
  add_config(*command, options->config, false);
  add_weights(*command, options->weights);
  add_activations(*command, options->activations);
  add_quantizer_choices(*command, options->quantizer);
  add_seed(*command, options->seed);
  add_liberty(*command, options->liberty);
  command->add_flag("--no-synth", options->no_synth, "Leave out the synthesis");
  command->add_option("--work", options->work, "Directory for the synthesis: Verilog, scripts and logs")
      ->type_name(kOutputDirectory)
      ->capture_default_str();
  command->add_option("--report", options->report, "JSON file of the report (docs/user/reports.md)")
      ->type_name(kOutput)
      ->capture_default_str();
  command->add_option("--html", options->html, "Also write the report as one HTML page")->type_name(kOutput);
  add_json(*command, options->json);
  command->footer(
      fmt::format("Every mode of the configuration runs. Without --weights: {0} if present,\nelse synthetic "
                  "weights, with a note. Default tensor of a .safetensors file:\n{1}\n\nExample:\n  "
                  "microscopiq run --config 16x16 --tokens 32",
                  kWeightsFile, kTensor));
  command->callback([options, &action] { action = [options] { return run_all(*options); }; });
}

}  // namespace msq::cli
