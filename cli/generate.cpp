#include "flow/generate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "cli/design_options.hpp"
#include "cli/files.hpp"
#include "cli/values.hpp"
#include "flow/measure/baselines.hpp"
#include "flow/silicon.hpp"
#include "gen/arch/design.hpp"
#include "gen/configs/presets.hpp"
#include "gen/packaging/packaging.hpp"
#include "gen/silicon/silicon.hpp"
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
  ConstraintOptions constraints;
  double input_delay = 0, output_delay = 0;  ///< ns; 0: the share of the period
  std::string flow, platform, memories;      ///< to silicon; empty: none, its first one, the model
  bool memory_registers = false;
  double utilization = 45, cell_area = 0;
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

/// A delay that was given, below the period.
Result<std::optional<double>> find_delay(const char* option, double delay, double period) {
  if (delay <= 0) return std::optional<double>();
  if (delay < period) return std::optional(delay);
  return Error(fmt::format("{}: found {}; allowed: less than the period, {}", option, delay, period));
}

Result<ConstraintOptions> find_constraints(const GenerateOptions& o) {
  ConstraintOptions constraints = o.constraints;
  MSQ_TRY(constraints.input_delay_ns, find_delay("--input-delay", o.input_delay, constraints.period_ns));
  MSQ_TRY(constraints.output_delay_ns, find_delay("--output-delay", o.output_delay, constraints.period_ns));
  return constraints;
}

Result<SiliconOptions> find_flow(const GenerateOptions& o, const Design& design,
                                 const ConstraintOptions& constraints) {
  SiliconOptions options{.constraints = constraints, .utilization = o.utilization, .cell_area = o.cell_area};
  if (o.flow == silicon_flow_name(SiliconFlow::librelane)) options.flow = SiliconFlow::librelane;
  options.platform = o.platform.empty() ? silicon_platforms(options.flow).front() : o.platform;
  flow::SiliconMemories memories{.given = {}, .registers = o.memory_registers};
  if (!o.memories.empty()) {
    MSQ_TRY(memories.given, flow::load_memory_file(o.memories));
  }
  return flow::silicon_options(design, options, memories);
}

/// Files beside the design.
Result<std::vector<DesignFile>> find_descriptions(const GenerateOptions& o, const Design& design) {
  MSQ_TRY(const ConstraintOptions constraints, find_constraints(o));
  std::vector<DesignFile> files;
  if (o.packaging) files = packaging_files(design, constraints);
  if (o.flow.empty()) return files;
  if (o.flow == silicon_flow_name(SiliconFlow::orfs) && o.output.find_first_of(" \t") != std::string::npos)
    return Error(
        fmt::format("--output: found \"{}\"; allowed with --flow orfs: a path that make can read, "
                    "without blanks",
                    o.output));
  MSQ_TRY(const SiliconOptions options, find_flow(o, design, constraints));
  for (DesignFile& file : silicon_files(design, options)) files.push_back(std::move(file));
  return files;
}

Outcome run_generate(const GenerateOptions& o) {
  MSQ_TRY(Design design, find_design(o));
  if (!o.prefix.empty()) design = with_prefix(std::move(design), o.prefix);
  MSQ_TRY(design.packaging, find_descriptions(o, design));
  MSQ_TRY(const flow::GeneratedDesign generated, flow::generate(std::move(design), o.output));
  fmt::print("{}", report::render(generated, form(o.json)));
  return kOk;
}

void add_flow(CLI::App& command, GenerateOptions& o) {
  std::vector<std::string> flows, platforms;
  for (const SiliconFlow flow : {SiliconFlow::orfs, SiliconFlow::librelane}) {
    flows.emplace_back(silicon_flow_name(flow));
    for (const std::string& platform : silicon_platforms(flow)) platforms.push_back(platform);
  }
  CLI::Option* flow =
      command
          .add_option("--flow", o.flow,
                      "Add the files for a flow to silicon, OpenROAD-flow-scripts or LibreLane: "
                      "configuration, SDC, sides of pins, memories as macros with placeholders")
          ->check(CLI::IsMember(flows));
  command
      .add_option("--platform", o.platform,
                  "Process of the flow; without: sky130hd with orfs, sky130A with librelane")
      ->check(CLI::IsMember(platforms))
      ->needs(flow);
  CLI::Option* memories =
      command
          .add_option("--memories", o.memories,
                      "Figures of your own memory macros instead of the model's: a JSON list, "
                      "docs/results/data/sram.md has its keys")
          ->type_name(kInput)
          ->needs(flow);
  command.add_flag("--memory-registers", o.memory_registers, "Keep memories as registers instead of macros")
      ->needs(flow)
      ->excludes(memories);
  command.add_option("--utilization", o.utilization, "Area of the cells / area of the core, in percent")
      ->type_name("PERCENT")
      ->capture_default_str()
      ->check(between(5.0, 95.0))
      ->needs(flow);
  command
      .add_option("--cell-area", o.cell_area,
                  "Area of the cells without macros: LibreLane needs it to have places for macros")
      ->type_name("UM2")
      ->check(positive())
      ->needs(flow);
}

void add_constraints(CLI::App& command, GenerateOptions& o) {
  command
      .add_option("--period", o.constraints.period_ns,
                  "Clock period in ns in the constraints of --packaging and --flow")
      ->type_name("NS")
      ->capture_default_str()
      ->check(between(0.01, 1000.0));
  command
      .add_option("--io-share", o.constraints.io_share,
                  "Part of the period before inputs and behind outputs, outside of the design")
      ->type_name("SHARE")
      ->capture_default_str()
      ->check(between(0.0, 0.9));
  command.add_option("--input-delay", o.input_delay, "Delay before inputs in ns, instead of the share")
      ->type_name("NS")
      ->check(positive());
  command.add_option("--output-delay", o.output_delay, "Delay behind outputs in ns, instead of the share")
      ->type_name("NS")
      ->check(positive());
}

/// Refuses constraints that no file would have.
Result<> check_constraints(const CLI::App& command, const GenerateOptions& o) {
  if (o.packaging || !o.flow.empty()) return {};
  for (const char* option : {"--period", "--io-share", "--input-delay", "--output-delay"}) {
    if (command.count(option) > 0) return Error(fmt::format("{} needs --packaging or --flow", option));
  }
  return {};
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
  command->add_flag("--packaging", options->packaging,
                    "Add an IP-XACT component, a FuseSoC core, constraints (SDC, XDC), registers in "
                    "SystemRDL, and a smoke test");
  add_flow(*command, *options);
  add_constraints(*command, *options);
  add_json(*command, options->json);
  command->footer("Example:\n  microscopiq generate --config 8x8 -o build/core-8x8");
  command->callback([command, options, &action] {
    action = [command, options]() -> Outcome {
      MSQ_CHECK(check_constraints(*command, *options));
      return run_generate(*options);
    };
  });
}

}  // namespace msq::cli
