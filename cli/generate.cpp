#include "flow/generate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <string>

#include "cli/command.hpp"
#include "cli/design_options.hpp"
#include "cli/files.hpp"
#include "cli/values.hpp"
#include "flow/measure/baselines.hpp"
#include "gen/arch/design.hpp"
#include "gen/configs/presets.hpp"
#include "gen/packaging/packaging.hpp"
#include "report/design.hpp"

namespace msq::cli {
namespace {

struct GenerateOptions {
  std::string config, output;
  bool json = false;
  bool core = false;   ///< without the top around it
  bool shell = false;  ///< with the shell around the top
  std::string prefix;
  bool packaging = false;  ///< with descriptions for other tools
  PackagingOptions package;
  flow::BaselineChoice baseline;
};

/// An argument as a shell takes it; control characters, which no comment can hold, become `?`.
std::string shell_word(std::string word) {
  std::replace_if(
      word.begin(), word.end(), [](unsigned char c) { return std::iscntrl(c) != 0; }, '?');
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || std::strchr("_-./+=:,@%", c) != nullptr;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// Command line for the headers: what decides about the text of the files, not where they go.
std::string command_line(const GenerateOptions& options) {
  const flow::BaselineChoice& b = options.baseline;
  if (options.config.empty()) {
    return fmt::format("microscopiq generate --baseline {} --rows {} --cols {} --tree-rows {}", b.name,
                       b.rows, b.cols, b.tree_rows);
  }
  return fmt::format("microscopiq generate --config {}{}", shell_word(options.config),
                     options.core    ? " --core-only"
                     : options.shell ? " --shell"
                                     : "");
}

Result<Design> find_design(const GenerateOptions& options) {
  const std::string command =
      command_line(options) + (options.prefix.empty() ? "" : " --prefix " + options.prefix);
  if (options.config.empty()) {
    MSQ_TRY(const BaselineSpec spec, flow::find_baseline(options.baseline));
    return build_baseline(spec, command);
  }
  MSQ_TRY(const Config config, find_config(options.config));
  if (options.shell) return build_shell(config, command);
  return options.core ? build_design(config, command) : build_accelerator(config, command);
}

Outcome run_generate(const GenerateOptions& o) {
  MSQ_TRY(Design design, find_design(o));
  if (!o.prefix.empty()) design = with_prefix(std::move(design), o.prefix);
  if (o.packaging) design.packaging = packaging_files(design, o.package);
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
      ->add_option("-o,--output", options->output,
                   "Output directory: new, empty, or with an earlier output, which is replaced")
      ->type_name(kOutputDirectory)
      ->required();
  CLI::Option* core = command->add_flag("--core-only", options->core,
                                        "Write the core alone, without streams, buffers and registers");
  command
      ->add_flag("--shell", options->shell,
                 "Add the shell: memory ports of AXI4, and job lists read from descriptors in memory")
      ->excludes(core)
      ->needs("--config");
  command
      ->add_option(
          "--prefix", options->prefix,
          "Prefix of module, file and macro names instead of msq, so that several designs fit into one")
      ->check([](const std::string& text) {
        return is_prefix(text) ? std::string()
                               : fmt::format(
                                     "found \"{}\"; allowed: 1 to 32 lower-case letters, digits and _, a "
                                     "letter first, no _ last",
                                     text);
      });
  CLI::Option* packaging = command->add_flag("--packaging", options->packaging,
                                             "Add an IP-XACT component, a FuseSoC core, constraints (SDC, "
                                             "XDC), registers in SystemRDL, and a smoke test");
  command->add_option("--period", options->package.period_ns, "Clock period of the constraints in ns")
      ->type_name("NS")
      ->capture_default_str()
      ->check(between(0.01, 1000.0))
      ->needs(packaging);
  add_json(*command, options->json);
  command->footer("Example:\n  microscopiq generate --config 8x8 -o build/core-8x8");
  command->callback([options, &action] { action = [options] { return run_generate(*options); }; });
}

}  // namespace msq::cli
