#include "cli/baselines.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gen/config/validate.hpp"

namespace msq::cli {
namespace {

constexpr Baseline kBaselines[] = {Baseline::int4, Baseline::int8, Baseline::olive, Baseline::gobo};

}  // namespace

std::vector<std::string> baseline_names() {
  std::vector<std::string> names;
  for (const Baseline kind : kBaselines) names.emplace_back(baseline_name(kind));
  return names;
}

void add_baseline(CLI::App& command, BaselineChoice& choice, CLI::Option* config) {
  CLI::Option* baseline =
      command.add_option("--baseline", choice.name, "Instead of a configuration: an array to compare with")
          ->check(CLI::IsMember(baseline_names()))
          ->excludes(config);
  command.add_option("--rows", choice.rows, "PE rows of the baseline")
      ->capture_default_str()
      ->needs(baseline);
  command.add_option("--cols", choice.cols, "PE columns of the baseline")
      ->capture_default_str()
      ->needs(baseline);
  command
      .add_option("--tree-rows", choice.tree_rows,
                  "Rows of the baseline whose products are added in a tree; 1 is the systolic column")
      ->capture_default_str()
      ->needs(baseline);
}

Result<BaselineSpec> find_baseline(const BaselineChoice& choice) {
  const auto* kind = std::find_if(std::begin(kBaselines), std::end(kBaselines),
                                  [&](Baseline b) { return baseline_name(b) == choice.name; });
  if (kind == std::end(kBaselines)) return Error("--config or --baseline is required");
  const BaselineSpec spec{*kind, choice.rows, choice.cols, choice.tree_rows, std::min(8, choice.cols)};
  if (spec.kind == Baseline::gobo && spec.tree_rows != 1)
    return Error(
        fmt::format("tree-rows: found {}; allowed: 1, as FP32 sums depend on their order", spec.tree_rows));
  if (auto valid = validate(baseline_config(spec)); !valid) return Error(valid.error());
  return spec;
}

Result<DesignArea> measure_baseline(const BaselineSpec& spec, const AreaRequest& request) {
  if (auto tools = check_synthesis_tools(request.liberty); !tools) return Error(tools.error());
  return measure_design(build_baseline(spec), request);
}

}  // namespace msq::cli
