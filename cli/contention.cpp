#include "model/contention.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/hardware_options.hpp"
#include "cli/layer_patterns.hpp"
#include "cli/options.hpp"
#include "cli/text.hpp"
#include "gen/arch/dimensions.hpp"
#include "golden/io/atomic_file.hpp"

namespace msq::cli {
namespace {

using model::ContentionCount;
using model::ContentionLoad;
using model::ContentionPoint;

struct ContentionOptions {
  HardwareOptions hardware;
  std::vector<int> units, tokens = {1, 128}, modes, spacings = {1, 2, 4, 8, 16, 32, 64, 128};
  std::vector<double> rates = {0.09, 0.0375};
  std::vector<std::string> files;
  int tiles = 64;
  unsigned seed = 1;
  std::string csv;
  bool json = false;
};

/// What was measured of one load.
struct Study {
  ContentionLoad load;
  model::ContentionResult result;
  int spacing_tokens = 1;  ///< the most asked for
  std::vector<model::SpacingPoint> spacing;
};

Result<> check(const ContentionOptions& o, const Config& config) {
  if (!config.has_recon()) {
    return Error(fmt::format("--config: found {} with outlier_path \"{}\"; allowed: one with ReCoN",
                             config.name, outlier_path_name(config.outlier_path)));
  }
  for (const int mode : o.modes) {
    if (!config.has_mode(mode)) {
      return Error(fmt::format("--mode: found {}; allowed by configuration {}: {}", mode, config.name,
                               fmt::join(config.modes, ", ")));
    }
  }
  for (const int units : o.units) {
    if (units > config.rows || !std::has_single_bit(static_cast<unsigned>(units))) {
      return Error(
          fmt::format("--units: found {}; allowed: a power of two, 1 to {}, the rows", units, config.rows));
    }
  }
  return {};
}

ContentionLoad random_load(const ContentionOptions& o, const Config& config, int mode, double rate) {
  const int blocks = config.logical_columns(mode) / config.micro_block;
  return {fmt::format("random, {} of micro-blocks", percent(rate)),
          mode,
          {model::random_patterns(o.tiles, config.rows, blocks, rate, o.seed)}};
}

Result<ContentionLoad> file_load(const ContentionOptions& o, const Config& config, const std::string& file) {
  auto patterns = load_patterns(file, config, o.tiles);
  if (!patterns) return Error(patterns.error());
  ContentionLoad load{file, patterns->mode, {}};
  for (PatternLayer& layer : patterns->layers) load.sequences.push_back(std::move(layer.tiles));
  return load;
}

Result<std::vector<ContentionLoad>> loads(const ContentionOptions& o, const Config& config) {
  std::vector<ContentionLoad> result;
  for (const int mode : o.modes.empty() ? config.modes : o.modes) {
    for (const double rate : o.rates) result.push_back(random_load(o, config, mode, rate));
  }
  for (const std::string& file : o.files) {
    auto load = file_load(o, config, file);
    if (!load) return Error(load.error());
    result.push_back(std::move(*load));
  }
  return result;
}

Study measure(const ContentionOptions& o, const Config& config, ContentionLoad load) {
  std::vector<int> units = o.units;
  for (int u = 1; o.units.empty() && u <= config.rows; u *= 2) units.push_back(u);
  // The paper's network has log2(n) + 1 stages, each with a register.
  const int latency = std::countr_zero(static_cast<unsigned>(config.cols)) + 1;
  const auto timing = model::CoreTiming::of(Dimensions(config));
  Study study;
  study.result = model::study_contention(load, timing, o.tokens, units, latency);
  study.spacing_tokens = *std::max_element(o.tokens.begin(), o.tokens.end());
  study.spacing = model::study_spacing(load, config.rows, study.spacing_tokens, o.spacings, latency);
  study.load = std::move(load);
  return study;
}

std::string share(const ContentionCount& count) { return percent(count.waited_share()); }
std::string factor(const ContentionCount& count) { return fmt::format("{:.2f}", count.slowdown); }

std::string text(const Study& study) {
  std::string out = fmt::format("\n{}, mode {}: {} tiles, {} of micro-blocks and {} of rows with outliers\n",
                                study.load.name, study.load.mode, grouped(study.result.tiles),
                                percent(study.result.block_rate), percent(study.result.row_rate));
  Table table({"tokens", "units", "II", "core: held", "slower", "oldest first: busy", "slower",
               "in turns: busy", "slower", "by blocks: busy", "slower"});
  for (const ContentionPoint& p : study.result.points) {
    table.add({std::to_string(p.tokens), std::to_string(p.units), fmt::format("{:.2f}", p.mean_interval),
               share(p.core), factor(p.core), share(p.oldest), factor(p.oldest), share(p.turns),
               factor(p.turns), share(p.blocks), factor(p.blocks)});
  }
  Table spacing({"oldest first, one unit, a token every", "busy", "slower"});
  for (const model::SpacingPoint& p : study.spacing) {
    spacing.add({fmt::format("{} cycles", p.spacing), share(p.oldest), factor(p.oldest)});
  }
  return out + table.str() + spacing.str();
}

Json json(const ContentionCount& count) {
  return {{"cycles", count.cycles},
          {"accesses", count.accesses},
          {"waited", count.waited},
          {"waited_share", count.waited_share()},
          {"slowdown", count.slowdown}};
}

Json json(const Study& study) {
  Json points = Json::array();
  for (const ContentionPoint& p : study.result.points) {
    points.push_back({{"tokens", p.tokens},
                      {"units", p.units},
                      {"mean_interval", p.mean_interval},
                      {"core", json(p.core)},
                      {"oldest_first", json(p.oldest)},
                      {"in_turns", json(p.turns)},
                      {"by_blocks", json(p.blocks)}});
  }
  Json spacing = Json::array();
  for (const model::SpacingPoint& p : study.spacing) {
    spacing.push_back({{"spacing", p.spacing}, {"oldest_first", json(p.oldest)}});
  }
  return {{"load", study.load.name},
          {"mode", study.load.mode},
          {"tiles", study.result.tiles},
          {"block_rate", study.result.block_rate},
          {"row_rate", study.result.row_rate},
          {"points", points},
          {"spacing", spacing}};
}

std::string csv_text(const std::vector<Study>& studies) {
  std::string out =
      "load,mode,tiles,block_rate,row_rate,scheme,tokens,units,spacing,cycles,accesses,waited,slowdown\n";
  const auto line = [&out](const Study& s, const char* scheme, int tokens, int units, int spacing,
                           const ContentionCount& c) {
    out += fmt::format("\"{}\",{},{},{:.6f},{:.6f},{},{},{},{},{},{},{},{:.6f}\n", s.load.name, s.load.mode,
                       s.result.tiles, s.result.block_rate, s.result.row_rate, scheme, tokens, units, spacing,
                       c.cycles, c.accesses, c.waited, c.slowdown);
  };
  for (const Study& s : studies) {
    for (const ContentionPoint& p : s.result.points) {
      line(s, "core", p.tokens, p.units, 1, p.core);
      line(s, "oldest_first", p.tokens, p.units, 1, p.oldest);
      line(s, "in_turns", p.tokens, p.units, 1, p.turns);
      line(s, "by_blocks", p.tokens, p.units, 1, p.blocks);
    }
    for (const model::SpacingPoint& p : s.spacing) {
      line(s, "oldest_first", s.spacing_tokens, 1, p.spacing, p.oldest);
    }
  }
  return out;
}

Outcome run_contention(const ContentionOptions& o) {
  const auto config = o.hardware.load();
  if (!config) return Error(config.error());
  if (auto valid = check(o, *config); !valid) return Error(valid.error());
  auto chosen = loads(o, *config);
  if (!chosen) return Error(chosen.error());
  std::vector<Study> studies;
  for (ContentionLoad& load : *chosen) studies.push_back(measure(o, *config, std::move(load)));
  if (!o.csv.empty()) {
    if (auto written = golden::write_file_atomically(o.csv, csv_text(studies)); !written)
      return Error(written.error());
  }
  if (o.json) {
    Json all = {{"config", config->name}, {"seed", o.seed}, {"studies", Json::array()}};
    for (const Study& study : studies) all["studies"].push_back(json(study));
    fmt::print("{}", json_text(all));
    return kOk;
  }
  fmt::print("{}: accesses to ReCoN that wait, and the time relative to {} units\n", config->name,
             config->rows);
  for (const Study& study : studies) fmt::print("{}", text(study));
  return kOk;
}

void add_options(CLI::App& command, ContentionOptions& o) {
  add_hardware(command, o.hardware);
  command.add_option("--units", o.units, "ReCoN units, several with commas. Default: 1, 2, 4 .. rows")
      ->delimiter(',')
      ->check(CLI::Range(1, 128));
  command.add_option("-m,--tokens", o.tokens, "Tokens that a loaded tile is used for, several with commas")
      ->delimiter(',')
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command.add_option("--mode", o.modes, "Modes of the random tiles. Default: those of the configuration")
      ->delimiter(',')
      ->check(CLI::IsMember({2, 4}));
  command
      .add_option("--outlier-rate", o.rates, "Share of micro-blocks with outliers in random tiles, 0 to 1")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("-q,--quantized", o.files,
                     "A file that `quantize` wrote: its layers as well; may be repeated");
  command.add_option("--spacing", o.spacings, "Cycles between tokens for the table of spacings")
      ->delimiter(',')
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command.add_option("--tiles", o.tiles, "Random tiles, and tiles of each layer at most, 1 to 100000")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  add_seed(command, o.seed);
  command.add_option("--csv", o.csv, "Also write the figures to this file");
  add_json(command, o.json);
}

}  // namespace

void add_contention(CLI::App& app, Action& action) {
  auto options = std::make_shared<ContentionOptions>();
  options->hardware.config = "recon-64x64";
  CLI::App* command = app.add_subcommand(
      "contention", "How many accesses to ReCoN wait, and the cost, by number of units (docs/contention.md)");
  add_options(*command, *options);
  command->footer("\nExample:\n  microscopiq contention --rows 16 --cols 16 --tiles 8");
  command->callback([options, &action] { action = [options] { return run_contention(*options); }; });
}

}  // namespace msq::cli
