#include "flow/generate.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "flow/measure/baselines.hpp"
#include "gen/arch/design.hpp"
#include "gen/configs/presets.hpp"
#include "report/design.hpp"

namespace msq::cli {
namespace {

struct GenerateOptions {
  std::string config, output;
  bool json = false;
  bool core = false;  ///< without the top around it
  flow::BaselineChoice baseline;
};

Result<Design> find_design(const GenerateOptions& options) {
  if (options.config.empty()) {
    return flow::find_baseline(options.baseline).map([](const BaselineSpec& spec) {
      return build_baseline(spec);
    });
  }
  return find_config(options.config).map([&](const Config& config) {
    return options.core ? build_design(config) : build_accelerator(config);
  });
}

Outcome run_generate(const GenerateOptions& o) {
  MSQ_TRY(Design design, find_design(o));
  MSQ_TRY(const flow::GeneratedDesign generated, flow::generate(std::move(design), o.output));
  fmt::print("{}", report::render(generated, form(o.json)));
  return kOk;
}

}  // namespace

void add_generate(CLI::App& app, Action& action) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* command =
      app.add_subcommand("generate", "Write an accelerator as Verilog, with its manifest and register map");
  add_config(*command, options->config, false);
  add_baseline(*command, options->baseline, "--config");
  command
      ->add_option(
          "-o,--output", options->output,
          "Directory to hold exactly these files: new, empty, or with an earlier output, which is replaced")
      ->required();
  command->add_flag("--core-only", options->core,
                    "Leave out the top with its streams, buffers and registers");
  add_json(*command, options->json);
  command->footer("\nExample:\n  microscopiq generate --config 8x8 -o build/core-8x8");
  command->callback([options, &action] { action = [options] { return run_generate(*options); }; });
}

}  // namespace msq::cli
