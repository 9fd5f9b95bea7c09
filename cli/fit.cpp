#include "flow/layer/fit.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "gen/config/serialize.hpp"
#include "gen/configs/presets.hpp"
#include "golden/io/atomic_file.hpp"
#include "report/fit.hpp"

namespace msq::cli {
namespace {

struct FitOptions {
  std::string config, output;
  std::vector<std::string> files;
  bool json = false;
};

Outcome run_fit(const FitOptions& o) {
  MSQ_TRY(const Config config, find_config(o.config));
  MSQ_TRY(const flow::FitFindings findings, flow::fit(config, o.files));
  if (!o.output.empty()) MSQ_CHECK(golden::write_file_atomically(o.output, to_json(findings.fitted)));
  fmt::print("{}", report::render(findings, form(o.json)));
  return kOk;
}

}  // namespace

void add_fit(CLI::App& app, Action& action) {
  auto options = std::make_shared<FitOptions>();
  CLI::App* command = app.add_subcommand(
      "fit",
      "Find the narrowest sums and outlier shift that hold quantized weights, with a proof per column");
  add_config(*command, options->config, true);
  command->add_option("-q,--quantized", options->files, "Quantized file; may be repeated")
      ->type_name(kInput)
      ->required();
  command->add_option("-o,--output", options->output, "Write the fitted configuration to this JSON file")
      ->type_name(kOutput);
  add_json(*command, options->json);
  command->footer(
      "Example:\n  microscopiq fit --config 64x64 -q q2.safetensors -q q4.safetensors -o narrow.json");
  command->callback([options, &action] { action = [options] { return run_fit(*options); }; });
}

}  // namespace msq::cli
