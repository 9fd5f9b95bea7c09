// `microscopiq compare`: a configuration and the arrays to compare with, synthesized alike in one run.

#include "flow/measure/compare.hpp"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "flow/measure/baselines.hpp"
#include "flow/tool_versions.hpp"
#include "gen/configs/presets.hpp"
#include "report/compare.hpp"
#include "report/text.hpp"
#include "report/tool_versions.hpp"

namespace msq::cli {
namespace {

struct CompareOptions {
  std::string config, liberty, work = "build/synth";
  std::vector<std::string> baselines = flow::baseline_names();
  std::vector<double> periods;
  int max_fanout = 16;
  bool json = false;
};

Outcome run_compare(const CompareOptions& o) {
  MSQ_TRY(const Config config, find_config(o.config));
  const flow::Flow setup{
      .liberty = o.liberty, .work = o.work, .max_fanout = o.max_fanout, .periods = o.periods};
  MSQ_CHECK(check_max_fanout(o.max_fanout));
  MSQ_CHECK(flow::check_clocks(setup));
  MSQ_TRY(const auto arrays, flow::compare_arrays(config, o.baselines, setup));
  std::vector<flow::Tool> used = {flow::Tool::yosys};
  if (!o.periods.empty()) used.push_back(flow::Tool::opensta);
  const auto tools = flow::tool_versions(used);
  if (o.json) {
    fmt::print("{}", report::json_text({{"library", o.liberty},
                                        {"arrays", report::to_json(arrays)},
                                        {"tools", report::to_json(tools)}}));
  } else {
    fmt::print("{} x {} PEs, cores, memories apart\n{}{}", config.rows, config.cols, report::to_text(arrays),
               report::to_text(tools));
  }
  return kOk;
}

}  // namespace

void add_compare(CLI::App& app, Action& action) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command = app.add_subcommand(
      "compare", "Synthesize a configuration and baseline arrays: area, and multiplications per area");
  add_config(*command, options->config, true);
  command->add_option("--baselines", options->baselines, "Baseline arrays, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(flow::baseline_names()))
      ->capture_default_str();
  add_liberty(*command, options->liberty);
  CLI::Option* periods = add_periods(*command, options->periods);
  add_max_fanout(*command, options->max_fanout, "With --period: as in synth")->needs(periods);
  command->add_option("--work", options->work, "Directory for Verilog, scripts and logs")
      ->type_name(kOutputDirectory)
      ->capture_default_str();
  add_json(*command, options->json);
  command->footer(
      "Example:\n  microscopiq compare --config 8x8\n  microscopiq compare --config 8x8 --period 3.5");
  command->callback([options, &action] { action = [options] { return run_compare(*options); }; });
}

}  // namespace msq::cli
