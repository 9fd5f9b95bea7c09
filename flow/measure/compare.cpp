#include "flow/measure/compare.hpp"

#include <fmt/format.h>

#include "flow/measure/area.hpp"
#include "flow/measure/baselines.hpp"

namespace msq::flow {
namespace {

std::vector<ClockPoint> clocks_of(const DesignArea& area) {
  return area.clock ? area.clock->points : std::vector<ClockPoint>();
}

Result<ComparedArray> measure_baseline(const BaselineChoice& choice, const Flow& flow) {
  MSQ_TRY(const BaselineSpec spec, find_baseline(choice));
  const Design design = build_baseline(spec);
  MSQ_TRY(const DesignArea area, measure_design(design, flow, {}));
  const int pes = choice.rows * choice.cols;
  return ComparedArray{choice.name,
                       weight_bits(spec.kind),
                       choice.tree_rows,
                       design.dimensions.sum_bits,
                       area.report().um2(area.report().area),
                       pes,
                       pes,
                       clocks_of(area)};
}

}  // namespace

Result<std::vector<ComparedArray>> compare_arrays(const Config& config,
                                                  const std::vector<std::string>& baselines,
                                                  const Flow& flow) {
  MSQ_TRY(const AreaFindings own, measure_area(config, flow, {}));
  std::vector<ComparedArray> arrays;
  for (const int mode : config.modes) {
    arrays.push_back(
        {fmt::format("{}, {} bits", config.name, mode), mode, config.rows_per_tree(),
         own.configuration.sum_bits, own.configuration.report().um2(own.configuration.report().area),
         config.rows * config.cols, config.weights_per_tile(mode), clocks_of(own.configuration)});
  }
  std::vector<int> trees = {1};
  if (config.rows_per_tree() > 1) trees.push_back(config.rows_per_tree());
  for (const std::string& name : baselines) {
    for (const int tree_rows : trees) {
      if (tree_rows > 1 && name == baseline_name(Baseline::gobo)) continue;  // its sums depend on the order
      MSQ_TRY(auto array, measure_baseline({name, config.rows, config.cols, tree_rows}, flow));
      arrays.push_back(std::move(array));
    }
  }
  return arrays;
}

}  // namespace msq::flow
