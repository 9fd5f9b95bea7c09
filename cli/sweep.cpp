// `microscopiq sweep`: area, timing, power and throughput over a grid of configurations.

#include "flow/sweep/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/task_options.hpp"
#include "cli/values.hpp"
#include "flow/file_list.hpp"
#include "flow/measure/power.hpp"
#include "flow/measure/synthesize.hpp"
#include "flow/sweep/sweep_tasks.hpp"
#include "golden/io/atomic_file.hpp"
#include "report/sweep.hpp"
#include "report/sweep_point.hpp"
#include "report/tasks.hpp"
#include "report/text.hpp"
#include "support/interrupt.hpp"
#include "support/lock.hpp"
#include "support/process.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;
using report::json_text;

struct SweepOptions {
  std::string config, grid, output, liberty, model = "minilm";
  std::vector<std::string> axes;
  flow::WeightsSource weights;
  flow::QuantizerChoices quantizer;
  std::int64_t tokens = 128;
  unsigned seed = 1;
  int jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  int max_fanout = 16;
  std::vector<double> periods;
  bool top = false, timing = false, power = false, list = false, json = false;
  TaskOptions tasks;
};

Result<flow::GridPoints> points_of(const SweepOptions& o) {
  MSQ_TRY(std::string base, flow::grid_base(o.config));
  flow::Grid grid;
  if (!o.grid.empty()) MSQ_CHECK(flow::load_grid(o.grid, base, grid));
  for (const std::string& text : o.axes) {
    MSQ_TRY(auto axis, flow::parse_axis(text));
    flow::add_axis(grid, std::move(axis));
  }
  MSQ_TRY(auto points, flow::expand_grid(base, grid));
  flow::add_clocks(points, o.periods);
  return points;
}

Result<flow::SweepMeasures> measures_of(const SweepOptions& o) {
  flow::SweepMeasures measures;
  MSQ_TRY(measures.shapes, model::find_model(o.model));
  measures.flow = {.liberty = o.liberty,
                   .work = fs::path(o.output) / "work",
                   .max_fanout = o.max_fanout,
                   .periods = o.periods};
  measures.top = o.top;
  measures.timing = o.timing;
  measures.power = o.power;
  measures.tokens = o.tokens;
  measures.seed = o.seed;
  measures.quantizer = o.quantizer;
  if (!o.weights.file.empty() || !o.weights.synthetic.empty()) {
    MSQ_TRY(measures.weights, flow::load_weights(o.weights, o.seed));
  }
  return measures;
}

/// The list of the reports first, so that those of an interrupted run are known as ours.
Result<> write_reports(const fs::path& directory, const flow::SweepFindings& findings) {
  const std::string texts[] = {json_text(report::to_json(findings)), report::to_csv(findings),
                               report::to_html(findings)};
  for (std::size_t i = 0; i < std::size(texts); ++i)
    MSQ_CHECK(golden::write_file_atomically(directory / report::kSweepFiles[i], texts[i]));
  return {};
}

Result<> check_reports(const fs::path& directory) {
  const auto& files = report::kSweepFiles;
  return flow::check_replaceable(directory, {files.begin(), files.end()}, files.front(), "sweep");
}

Error no_point(const flow::GridPoints& grid) {
  return Error(fmt::format("grid: no combination is a configuration; the first: {}", grid.skipped[0].reason));
}

Result<> check(const SweepOptions& o, const flow::GridPoints& grid) {
  if (o.output.empty()) return Error("--output: found none; allowed: a directory");
  MSQ_CHECK(check_max_fanout(o.max_fanout));
  if (grid.points.empty()) return no_point(grid);
  MSQ_CHECK(check_reports(o.output));
  MSQ_CHECK(flow::check_synthesis_tools(o.liberty));
  MSQ_CHECK(flow::check_clocks({.liberty = o.liberty, .periods = o.periods}));
  if (o.timing && !on_path("sta")) return Error(missing_program_message("sta"));
  if (o.power) {
    MSQ_CHECK(flow::check_power_tools());
  }
  return {};
}

void print_point(const flow::PointDone& done, std::size_t points) {
  std::string outcome = !done.figures ? "FAILED: " + done.figures.error()
                        : done.kept   ? "kept from an earlier run"
                                      : fmt::format("{:.1f} s", done.figures->seconds);
  if (!done.not_kept.empty()) outcome += fmt::format(" (not kept for later runs: {})", done.not_kept);
  fmt::print(stderr, "{} of {}: {}: {}\n", done.number, points, report::to_json(done.settings).dump(),
             outcome);
}

void print_points(const SweepOptions& o, const flow::GridPoints& grid) {
  if (o.json) {
    fmt::print("{}", json_text(report::to_json(grid)));
    return;
  }
  for (const flow::GridPoint& point : grid.points) fmt::print("{}\n", report::to_json(point.settings).dump());
  for (const flow::SkippedPoint& point : grid.skipped)
    fmt::print("skipped {}: {}\n", report::to_json(point.settings).dump(), point.reason);
}

Outcome list_points(const SweepOptions& o, const flow::GridPoints& grid) {
  print_points(o, grid);
  if (grid.points.empty()) return no_point(grid);
  return kOk;
}

/// --plan.
Outcome print_point_tasks(const SweepOptions& o, const flow::GridPoints& grid,
                          const flow::SweepMeasures& measures) {
  MSQ_TRY(auto inputs, flow::files_of(o.weights));
  for (const std::string& file : {o.grid, o.config, o.liberty}) {
    std::error_code ignored;
    if (!file.empty() && fs::exists(file, ignored)) inputs.emplace_back(file);  // a preset is no file
  }
  flow::TaskFiles files{std::move(inputs), {}};
  for (const std::string& name : report::kSweepFiles) files.outputs.push_back(fs::path(o.output) / name);
  const report::PointFiles store(fs::path(o.output) / "points");
  MSQ_TRY(const auto plan, flow::plan_sweep(grid, measures, store, o.output, files));
  fmt::print("{}", report::render_plan(plan));
  return kOk;
}

/// --task.
Outcome run_point_task(const SweepOptions& o, const flow::GridPoints& grid,
                       const flow::SweepMeasures& measures, report::PointFiles& store) {
  MSQ_TRY(const Lock lock, Lock::joined_directory(o.output));
  MSQ_TRY(const auto point, flow::run_sweep_task(grid, measures, store, *o.tasks.task));
  fmt::print("{}", report::render(point, *o.tasks.task, form(o.json)));
  return kOk;
}

/// All points measured, or only joined.
Result<flow::SweepFindings> findings_of(const SweepOptions& o, const flow::GridPoints& grid,
                                        const flow::SweepMeasures& measures, report::PointFiles& store) {
  if (o.tasks.collect) return flow::collect_sweep(grid, measures, store, o.output);
  return flow::run_sweep(grid, measures, o.jobs, store,
                         [&](const flow::PointDone& done) { print_point(done, grid.points.size()); });
}

Outcome run_sweep(const SweepOptions& o) {
  MSQ_TRY(const flow::GridPoints grid, points_of(o));
  if (o.list) return list_points(o, grid);
  MSQ_CHECK(check(o, grid));
  MSQ_TRY(const auto measures, measures_of(o));
  if (o.tasks.plan) return print_point_tasks(o, grid, measures);
  const fs::path directory = o.output;
  std::error_code error;
  fs::create_directories(directory / "points", error);
  if (error) {
    return Error(
        fmt::format("{}: cannot create the directory: {}", (directory / "points").string(), error.message()));
  }
  report::PointFiles store(directory / "points");
  if (o.tasks.task) return run_point_task(o, grid, measures, store);
  MSQ_TRY(const Lock lock, Lock::directory(directory));
  MSQ_TRY(const auto findings, findings_of(o, grid, measures, store));
  wait_if_interrupted();
  MSQ_CHECK(write_reports(directory, findings));
  if (o.json) {
    fmt::print("{}", json_text(report::to_json(findings)));
  } else {
    fmt::print("{}{}", report::to_text(findings),
               report::item("reports", fmt::format("{0}/sweep.html, {0}/sweep.csv, {0}/sweep.json",
                                                   directory.string())));
  }
  return findings.failed.empty() ? kOk : kCheckFailed;
}

void add_grid_options(CLI::App& command, SweepOptions& o) {
  command.add_option("-c,--config", o.config, "Base configuration of every point: a preset or a JSON file")
      ->type_name(kConfig);
  command
      .add_option(
          "--grid", o.grid,
          "JSON file of the grid: {\"base\": {..}, \"grid\": {\"size\": [4, 8], \"outlier_path\": [..]}}")
      ->type_name(kInput);
  command
      .add_option("--set", o.axes,
                  "KEY=VALUE,VALUE,..: parameter of the grid, or more values of a parameter; \"size\" sets "
                  "rows and cols; a dot names a key in an object (recon.units)")
      ->take_all();
  command.add_flag("--list", o.list,
                   "List the points, and the combinations that are no configuration; measure nothing");
  add_task_options(command, o.tasks, "--list");
}

}  // namespace

void add_sweep(CLI::App& app, Action& action) {
  auto options = std::make_shared<SweepOptions>();
  SweepOptions& o = *options;
  CLI::App* command = app.add_subcommand(
      "sweep",
      "Measure area, timing, power and throughput over a grid of configurations: CSV, JSON and HTML");
  add_grid_options(*command, o);
  command
      ->add_option("-o,--output", o.output,
                   "Directory for sweep.html, sweep.csv, sweep.json, and for results kept between runs")
      ->type_name(kOutputDirectory);
  add_liberty(*command, o.liberty);
  add_periods(*command, o.periods)
      ->description(
          "Clock periods in ns, separated by commas: map every configuration for each clock, as in synth");
  command
      ->add_flag(
          "--top", o.top,
          "Measure the whole accelerator with its memories instead of the core: area, f_max and throughput")
      ->excludes("--period");
  command->add_flag("--timing", o.timing, "Measure f_max with OpenSTA, as in synth");
  command
      ->add_flag("--power", o.power,
                 "Measure power at 100 MHz, as in synth, for --weights or a random 256x256 layer")
      ->excludes("--top");
  add_max_fanout(*command, o.max_fanout, "With --timing, --power or --period: as in synth");
  std::vector<std::string> names;
  for (const auto& known : model::known_models()) names.push_back(known.name);
  command->add_option("--model", o.model, "Workload (prefill) for the calculated cycles")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  command->add_option("-m,--tokens", o.tokens, "Tokens of the workload")
      ->check(between(std::int64_t{1}, std::int64_t{65536}))
      ->capture_default_str();
  add_weights(*command, o.weights);
  add_quantizer_choices(*command, o.quantizer);
  add_seed(*command, o.seed);
  command->add_option("-j,--jobs", o.jobs, "Points measured in parallel. Default: one per processor")
      ->check(between(1, 256));
  add_json(*command, o.json);
  command->footer(
      "The same command resumes after an interruption. Exit code 1 if a point could not be "
      "measured.\n\nExample:\n  microscopiq sweep --set size=8,16,32 --set outlier_path=none,recon,inline "
      "--timing -o "
      "build/sweep");
  command->callback([options, &action] { action = [options] { return run_sweep(*options); }; });
}

}  // namespace msq::cli
