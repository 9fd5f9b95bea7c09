#include "flow/measure/baselines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "gen/config/validate.hpp"

namespace msq::flow {
namespace {

constexpr Baseline kBaselines[] = {Baseline::int4, Baseline::int8, Baseline::olive, Baseline::gobo};

}  // namespace

std::vector<std::string> baseline_names() {
  std::vector<std::string> names;
  for (const Baseline kind : kBaselines) names.emplace_back(baseline_name(kind));
  return names;
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

int weight_bits(Baseline kind) {
  switch (kind) {
    case Baseline::int8:
      return 8;
    case Baseline::gobo:
      return 3;
    case Baseline::int4:
    case Baseline::olive:
      break;
  }
  return 4;
}

}  // namespace msq::flow
