#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/area.hpp"
#include "gen/arch/design.hpp"
#include "support/result.hpp"

namespace msq::cli {

/// Which array to compare with, as it stands on the command line.
struct BaselineChoice {
  std::string name;  ///< empty: none
  int rows = 8, cols = 8, tree_rows = 1;
};
/// --baseline, --rows, --cols, --tree-rows; excludes `config`.
void add_baseline(CLI::App& command, BaselineChoice& choice, CLI::Option* config);
/// The design that was chosen. Errors: an array that cannot be built, named as configurations name it.
[[nodiscard]] Result<BaselineSpec> find_baseline(const BaselineChoice& choice);

/// Names of all baselines, in the order of reports.
[[nodiscard]] std::vector<std::string> baseline_names();

/// Area of a baseline's core, with no twin.
[[nodiscard]] Result<DesignArea> measure_baseline(const BaselineSpec& spec, const AreaRequest& request);

}  // namespace msq::cli
