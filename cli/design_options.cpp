#include "cli/design_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/files.hpp"
#include "gen/configs/presets.hpp"

namespace msq::cli {

void add_config(CLI::App& command, std::string& config, bool required) {
  auto* option = command.add_option(
      "-c,--config", config,
      fmt::format("Configuration: a JSON file, or one of the presets {}", fmt::join(preset_names(), ", ")));
  option->type_name(kConfig);
  if (required) {
    option->required();
  } else {
    option->capture_default_str();
  }
}

void add_json(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "Print one JSON object instead of text");
}

void add_baseline(CLI::App& command, flow::BaselineChoice& choice, const std::string& excluded) {
  CLI::Option* baseline =
      command.add_option("--baseline", choice.name, "Baseline array instead of a configuration")
          ->check(CLI::IsMember(flow::baseline_names()))
          ->excludes(command.get_option(excluded));
  command.add_option("--rows", choice.rows, "PE rows of the baseline")
      ->capture_default_str()
      ->needs(baseline);
  command.add_option("--cols", choice.cols, "PE columns of the baseline")
      ->capture_default_str()
      ->needs(baseline);
  command
      .add_option("--tree-rows", choice.tree_rows,
                  "Rows of the baseline whose products are added in a tree; 1: systolic column")
      ->capture_default_str()
      ->needs(baseline);
}

}  // namespace msq::cli
