// `microscopiq compare`: a configuration and the arrays to compare with, synthesized alike in one run.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/area.hpp"
#include "cli/baselines.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/presets.hpp"
#include "cli/text.hpp"
#include "synth/json.hpp"

namespace msq::cli {
namespace {

struct CompareOptions {
  std::string config, liberty, work = "build/synth";
  std::vector<std::string> baselines = baseline_names();
  bool json = false;
};

/// One line of the table: an array in one of its modes.
struct Line {
  std::string name;
  int weight_bits = 0;  ///< of a stored weight that is no outlier
  int tree_rows = 1;
  int sum_bits = 0;  ///< as stored
  double area_um2 = 0;
  int pes = 0;
  int macs = 0;  ///< multiplications of a weight with an activation in a cycle

  [[nodiscard]] double density() const { return macs / (area_um2 / 1e6); }
};

/// Of a weight that is no outlier.
int stored_bits(Baseline kind) { return kind == Baseline::int8 ? 8 : kind == Baseline::gobo ? 3 : 4; }

Result<std::vector<Line>> measure_lines(const CompareOptions& o, const Config& config) {
  const AreaRequest request{.liberty = o.liberty, .work = o.work, .twins = false};
  std::vector<Line> lines;
  const auto own = measure_area(config, request);
  if (!own) return Error(own.error());
  const int pes = config.rows * config.cols;
  for (const int mode : config.modes) {
    lines.push_back({fmt::format("{}, {} bits", config.name, mode), mode, config.rows_per_tree(),
                     own->configuration.sum_bits, synth::to_um2(own->configuration.report.area), pes,
                     config.rows * config.logical_columns(mode)});
  }
  std::vector<int> trees = {1};
  if (config.rows_per_tree() > 1) trees.push_back(config.rows_per_tree());
  for (const std::string& name : o.baselines) {
    for (const int tree_rows : trees) {
      if (tree_rows > 1 && name == baseline_name(Baseline::gobo)) continue;
      const auto spec = find_baseline({name, config.rows, config.cols, tree_rows});
      if (!spec) return Error(spec.error());
      const auto area = measure_baseline(*spec, request);
      if (!area) return Error(area.error());
      lines.push_back({name, stored_bits(spec->kind), tree_rows, build_baseline(*spec).dimensions.sum_bits,
                       synth::to_um2(area->report.area), pes, pes});
    }
  }
  return lines;
}

std::string to_text(const std::vector<Line>& lines) {
  Table table({"array", "bits", "tree rows", "sum bits", "um^2", "um^2 per PE", "MACs per cycle",
               "MACs per cycle and mm^2", "of the first"});
  for (const Line& line : lines) {
    table.add({line.name, std::to_string(line.weight_bits), std::to_string(line.tree_rows),
               std::to_string(line.sum_bits), grouped(static_cast<std::int64_t>(line.area_um2 + 0.5)),
               grouped(static_cast<std::int64_t>(line.area_um2 / line.pes + 0.5)), std::to_string(line.macs),
               fmt::format("{:.1f}", line.density()),
               fmt::format("{:.2f}", line.density() / lines.front().density())});
  }
  return table.str();
}

Json to_json(const std::vector<Line>& lines) {
  Json arrays = Json::array();
  for (const Line& line : lines) {
    arrays.push_back({{"array", line.name},
                      {"weight_bits", line.weight_bits},
                      {"tree_rows", line.tree_rows},
                      {"sum_bits", line.sum_bits},
                      {"area_um2", line.area_um2},
                      {"area_um2_per_pe", line.area_um2 / line.pes},
                      {"macs_per_cycle", line.macs},
                      {"macs_per_cycle_and_mm2", line.density()}});
  }
  return arrays;
}

Outcome run_compare(const CompareOptions& o) {
  const auto config = find_config(o.config);
  if (!config) return Error(config.error());
  const auto lines = measure_lines(o, *config);
  if (!lines) return Error(lines.error());
  if (o.json) {
    fmt::print("{}", json_text({{"library", o.liberty}, {"arrays", to_json(*lines)}}));
  } else {
    fmt::print("{} x {} PEs, cores, memories apart\n{}", config->rows, config->cols, to_text(*lines));
  }
  return kOk;
}

}  // namespace

void add_compare(CLI::App& app, Action& action) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command = app.add_subcommand(
      "compare", "Synthesize a configuration and arrays to compare with: area and multiplications per area");
  add_config(*command, options->config, true);
  command->add_option("--baselines", options->baselines, "Arrays to compare with, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(baseline_names()))
      ->capture_default_str();
  add_liberty(*command, options->liberty);
  command->add_option("--work", options->work, "Directory for Verilog, scripts and logs")
      ->capture_default_str();
  add_json(*command, options->json);
  command->footer("\nExample:\n  microscopiq compare --config 8x8");
  command->callback([options, &action] { action = [options] { return run_compare(*options); }; });
}

}  // namespace msq::cli
