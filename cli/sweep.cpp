#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <utility>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/presets.hpp"
#include "cli/sweep_grid.hpp"
#include "cli/sweep_point.hpp"
#include "cli/sweep_report.hpp"
#include "cli/text.hpp"
#include "flow/measure/synthesize.hpp"
#include "gen/config/serialize.hpp"
#include "golden/io/atomic_file.hpp"
#include "support/interrupt.hpp"
#include "support/process.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

struct SweepOptions {
  std::string config, grid, output, liberty, model = "minilm";
  std::vector<std::string> axes;
  WeightsSource weights;
  QuantizerChoices quantizer;
  std::int64_t tokens = 128;
  unsigned seed = 1;
  int jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  int max_fanout = 16;
  bool timing = false, power = false, list = false, json = false;
};

Result<Json> base_of(const SweepOptions& o) {
  if (o.config.empty()) return Json::object();
  if (auto config = find_config(o.config); !config) return Error(config.error());
  const auto& presets = preset_names();
  Json base;
  if (std::find(presets.begin(), presets.end(), o.config) != presets.end()) {
    base = Json::parse(preset_text(o.config));
  } else {
    std::ifstream in(o.config, std::ios::binary);
    base = Json::parse(in);  // find_config has read it
  }
  base.erase("name");
  return base;
}

Result<GridPoints> points_of(const SweepOptions& o) {
  auto base = base_of(o);
  if (!base) return Error(base.error());
  Grid grid;
  if (!o.grid.empty()) {
    if (auto loaded = load_grid(o.grid, *base, grid); !loaded) return Error(loaded.error());
  }
  for (const std::string& text : o.axes) {
    auto axis = parse_axis(text);
    if (!axis) return Error(axis.error());
    grid.push_back(std::move(*axis));
  }
  return expand_grid(*base, grid);
}

Result<SweepMeasures> measures_of(const SweepOptions& o) {
  auto shapes = model::find_model(o.model);
  if (!shapes) return Error(shapes.error());
  SweepMeasures measures{.liberty = o.liberty,
                         .work = fs::path(o.output) / "work",
                         .timing = o.timing,
                         .power = o.power,
                         .max_fanout = o.max_fanout,
                         .shapes = std::move(*shapes),
                         .tokens = o.tokens,
                         .seed = o.seed,
                         .weights = {},
                         .quantizer = o.quantizer};
  if (!o.weights.file.empty() || !o.weights.synthetic.empty()) {
    auto weights = load_weights(o.weights, o.seed);
    if (!weights) return Error(weights.error());
    measures.weights = std::move(*weights);
  }
  return measures;
}

/// A result that an earlier run kept; nothing if there is none that can be read.
std::optional<Json> kept(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  Json json = Json::parse(in, nullptr, false);
  if (json.is_discarded() || !json.contains("area_um2")) return std::nullopt;
  return json;
}

/// Measures the points of a grid with several threads, and keeps each result under the hash of its
/// configuration and measures: a run that is interrupted goes on where it was.
class Sweep {
 public:
  Sweep(const GridPoints& grid, const SweepMeasures& measures, fs::path points, std::string digest)
      : grid_(grid), measures_(measures), directory_(std::move(points)), digest_(std::move(digest)) {
    results_.resize(grid.points.size());
  }

  void run(int jobs) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < jobs; ++i) threads.emplace_back([this] { work(); });
  }

  /// Measured points, in the order of the grid.
  [[nodiscard]] Json points() const {
    Json points = Json::array();
    for (const auto& result : results_) {
      if (result && result->has_value()) points.push_back(**result);
    }
    return points;
  }

  [[nodiscard]] Json failures() const {
    Json failures = Json::array();
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (results_[i] && !results_[i]->has_value())
        failures.push_back({{"values", grid_.points[i].values}, {"reason", results_[i]->error()}});
    }
    return failures;
  }

 private:
  void work() {
    for (std::size_t i = next_++; i < grid_.points.size(); i = next_++) {
      auto result = point(grid_.points[i]);
      const std::lock_guard lock(mutex_);
      tell(grid_.points[i], result);
      results_[i] = std::move(result);
    }
  }

  Result<Json> point(const GridPoint& grid_point) const {
    const fs::path file = directory_ / fmt::format("{}-{}.json", config_hash(grid_point.config), digest_);
    auto known = kept(file);
    const bool reused = known.has_value();
    Result<Json> json = reused ? Result<Json>(std::move(*known)) : measure_point(grid_point, measures_);
    if (!json) return json;
    if (!reused) {
      if (auto written = golden::write_file_atomically(file, json_text(*json)); !written)
        return Error(written.error());
    }
    (*json)["values"] = grid_point.values;
    (*json)["kept"] = reused;
    return json;
  }

  void tell(const GridPoint& grid_point, const Result<Json>& result) {
    ++done_;
    const std::string what = !result ? "FAILED: " + result.error()
                             : (*result)["kept"].get<bool>()
                                 ? "kept from an earlier run"
                                 : fmt::format("{:.1f} s", (*result)["seconds"].get<double>());
    fmt::print(stderr, "{} of {}: {}: {}\n", done_, grid_.points.size(), grid_point.values.dump(), what);
  }

  const GridPoints& grid_;
  const SweepMeasures& measures_;
  fs::path directory_;
  std::string digest_;
  std::vector<std::optional<Result<Json>>> results_;
  std::atomic<std::size_t> next_{0};
  std::size_t done_ = 0;
  std::mutex mutex_;
};

Json skipped_json(const GridPoints& grid) {
  Json skipped = Json::array();
  for (const SkippedPoint& point : grid.skipped)
    skipped.push_back({{"values", point.values}, {"reason", point.reason}});
  return skipped;
}

Result<> write_reports(const fs::path& directory, const Json& sweep) {
  const std::pair<const char*, std::string> files[] = {{"sweep.json", json_text(sweep)},
                                                       {"sweep.csv", sweep_csv(sweep["points"])},
                                                       {"sweep.html", sweep_page(sweep)}};
  for (const auto& [name, text] : files) {
    if (auto written = golden::write_file_atomically(directory / name, text); !written)
      return Error(written.error());
  }
  return {};
}

Outcome list_points(const SweepOptions& o, const GridPoints& grid) {
  Json points = Json::array();
  for (const GridPoint& point : grid.points) points.push_back(point.values);
  const Json json = {{"points", points}, {"skipped", skipped_json(grid)}};
  if (o.json) {
    fmt::print("{}", json_text(json));
    return kOk;
  }
  for (const Json& values : points) fmt::print("{}\n", values.dump());
  for (const SkippedPoint& point : grid.skipped)
    fmt::print("skipped {}: {}\n", point.values.dump(), point.reason);
  return kOk;
}

Outcome run_sweep(const SweepOptions& o) {
  const auto grid = points_of(o);
  if (!grid) return Error(grid.error());
  if (o.list) return list_points(o, *grid);
  if (o.output.empty()) return Error(std::string("--output: found none; allowed: a directory"));
  if (o.max_fanout == 1) return Error(std::string("--max-fanout: found 1; allowed: 0, or 2 to 1000"));
  if (grid->points.empty())
    return Error(
        fmt::format("grid: no combination is a configuration; the first: {}", grid->skipped[0].reason));
  if (auto tools = flow::check_synthesis_tools(o.liberty); !tools) return Error(tools.error());
  if ((o.timing || o.power) && !on_path("sta")) return Error(missing_program_message("sta"));
  if (o.power && !on_path("verilator")) return Error(missing_program_message("verilator"));
  const auto measures = measures_of(o);
  if (!measures) return Error(measures.error());
  const auto digest = measures->digest();
  if (!digest) return Error(digest.error());
  const fs::path directory = o.output;
  std::error_code error;
  fs::create_directories(directory / "points", error);
  if (error)
    return Error(fmt::format("{}: cannot create the directory: {}", directory.string(), error.message()));
  Sweep sweep(*grid, *measures, directory / "points", *digest);
  sweep.run(o.jobs);
  wait_if_interrupted();
  Json points = sweep.points();
  mark_points(points);
  Json json = {{"generator", "microscopiq"},
               {"workload", {{"model", o.model}, {"tokens", o.tokens}}},
               {"weights", measures->weights ? Json(measures->weights->source) : Json(nullptr)},
               {"timing", o.timing},
               {"power", o.power},
               {"points", points},
               {"scaling", scaling_laws(points)},
               {"skipped", skipped_json(*grid)},
               {"failed", sweep.failures()}};
  if (auto written = write_reports(directory, json); !written) return Error(written.error());
  if (o.json) {
    fmt::print("{}", json_text(json));
  } else {
    fmt::print(
        "{}{}", sweep_text(json),
        item("reports", fmt::format("{0}/sweep.html, {0}/sweep.csv, {0}/sweep.json", directory.string())));
  }
  return json["failed"].empty() ? kOk : kCheckFailed;
}

void add_grid_options(CLI::App& command, SweepOptions& o) {
  command.add_option("-c,--config", o.config,
                     "Configuration that every point starts from: a preset or JSON file");
  command.add_option("--grid", o.grid,
                     "JSON file: {\"base\": {..}, \"grid\": {\"size\": [4, 8], \"outlier_path\": [..]}}");
  command
      .add_option("--set", o.axes,
                  "KEY=VALUE,VALUE,..: one more parameter of the grid; \"size\" is rows and cols at once, a "
                  "dot leads "
                  "into an object (recon.units)")
      ->take_all();
  command.add_flag("--list", o.list, "Only print the points, and combinations that are no configuration");
}

}  // namespace

void add_sweep(CLI::App& app, Action& action) {
  auto options = std::make_shared<SweepOptions>();
  SweepOptions& o = *options;
  CLI::App* command = app.add_subcommand(
      "sweep", "Area, timing, power and throughput over a grid of configurations, as CSV, JSON and HTML");
  add_grid_options(*command, o);
  command->add_option(
      "-o,--output", o.output,
      "Directory for sweep.html, sweep.csv, sweep.json, and the results that are kept between runs");
  add_liberty(*command, o.liberty);
  command->add_flag("--timing", o.timing, "Also f_max by OpenSTA, as in synth");
  command->add_flag(
      "--power", o.power,
      "Also power at 100 MHz, as in synth, while it computes --weights or a random 256x256 layer");
  command->add_option("--max-fanout", o.max_fanout, "For timing and power: as in synth")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  std::vector<std::string> names;
  for (const auto& known : model::known_models()) names.push_back(known.name);
  command->add_option("--model", o.model, "Workload whose cycles are calculated (prefill)")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  command->add_option("-m,--tokens", o.tokens, "Its tokens, 1 to 65536")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{65536}))
      ->capture_default_str();
  add_weights(*command, o.weights);
  add_quantizer_choices(*command, o.quantizer);
  add_seed(*command, o.seed);
  command->add_option("-j,--jobs", o.jobs, "Points measured at once, 1 to 256")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  add_json(*command, o.json);
  command->footer(
      "\nThe same command goes on where an interrupted one stopped. Exit code 1 if a point could not be "
      "measured.\n\nExample:\n  microscopiq sweep --set size=4,8,16 --set outlier_path=none,recon,inline "
      "--timing -o "
      "build/sweep");
  command->callback([options, &action] { action = [options] { return run_sweep(*options); }; });
}

}  // namespace msq::cli
