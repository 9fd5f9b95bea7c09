#include "flow/run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <regex>
#include <system_error>
#include <utility>

#include "gen/arch/design.hpp"
#include "support/files.hpp"
#include "support/process.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Operands before quantization.
struct Layer {
  LabelledMatrix weights, activations;
};

/// Whether the file would be among those of a design that is synthesized below `work`: in a directory
/// NAME-HASH.
bool among_design_files(const fs::path& file, const fs::path& work) {
  static const std::regex kDesign(".*-[0-9a-f]{16}(-.*)?");
  fs::path directory = fs::absolute(file).lexically_normal().parent_path();
  for (; directory.has_relative_path(); directory = directory.parent_path()) {
    if (same_file(directory.parent_path(), work))
      return std::regex_match(directory.filename().string(), kDesign);
  }
  return false;
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

Result<Layer> load_layer(const RunRequest& r) {
  MSQ_TRY(LabelledMatrix weights, load_weights(r.weights, r.seed));
  MSQ_TRY(LabelledMatrix activations,
          load_activations(r.activations, weights.matrix.rows, weights.source, r.seed));
  return Layer{std::move(weights), std::move(activations)};
}

Result<BitsRun> run_bits(const RunRequest& r, const Design& design, const Layer& layer, int bits) {
  MSQ_TRY(const Quantization quantization,
          quantize_weights(layer.weights, r.quantizer.for_config(design.config, bits)));
  MSQ_TRY(const golden::QuantizedActivations activations,
          quantize_activations(layer.activations, design.config.act_bits, r.quantizer.options.macro_block));
  tb::LayerRunOptions options;
  options.seed = r.seed;
  MSQ_TRY(Simulation simulation,
          simulate(design, quantization.tensor, layer.weights.source, activations, options));
  const double error =
      output_error(layer.activations.matrix, layer.weights.matrix, simulation.result.outputs.value());
  return BitsRun{quantization.findings, std::move(simulation), error};
}

}  // namespace

bool RunFindings::checks_passed() const {
  return !runs.empty() && std::all_of(runs.begin(), runs.end(), [](const BitsRun& run) {
    return run.simulation.result.ok() && run.simulation.result.outputs_compared > 0;
  });
}

Result<> check_tools(const RunRequest& request) {
  if (!on_path("verilator")) return Error(missing_program_message("verilator"));
  return request.synthesis ? check_synthesis_tools(request.synthesis->liberty) : Result<>{};
}

Result<RunFindings> run(const Config& config, const RunRequest& request) {
  const auto start = Clock::now();
  MSQ_TRY(const Layer layer, load_layer(request));
  if (request.synthesis && among_design_files(request.report, request.synthesis->work))
    return Error(fmt::format("--report: found \"{}\", in a directory that --work fills; allowed: another one",
                             request.report.string()));
  MSQ_CHECK(prepare_report(request.report));
  const Design design = build_design(config);
  RunFindings findings{.config = config,
                       .memory_bits = design.dimensions.memory_bits(),
                       .weights = layer.weights.origin(),
                       .activations = layer.activations.origin(),
                       .seed = request.seed,
                       .runs = {},
                       .area = std::nullopt,
                       .failure = std::nullopt,
                       .tools = tool_versions(request.synthesis ? std::vector{Tool::verilator, Tool::yosys}
                                                                : std::vector{Tool::verilator})};
  for (const int bits : config.modes) {
    auto run = run_bits(request, design, layer, bits);
    if (!run && findings.runs.empty()) return Error(std::move(run).error());
    if (!run) {
      findings.failure = std::move(run).error();
      break;
    }
    findings.runs.push_back(std::move(*run));
  }
  if (request.synthesis && !findings.failure) {
    auto area = measure_area(config, *request.synthesis, {.synthesis = {}, .twins = true});
    if (area) {
      findings.area = std::move(*area);
    } else {
      findings.failure = std::move(area).error();
    }
  }
  findings.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return findings;
}

}  // namespace msq::flow
