#include "flow/sweep/sweep_tasks.hpp"

#include <numeric>
#include <optional>
#include <utility>

namespace msq::flow {

Result<SweepPlan> plan_sweep(const GridPoints& grid, const SweepMeasures& measures, const PointStore& store,
                             const std::string& output, const TaskFiles& files) {
  MSQ_TRY(const std::string digest, measures.digest());
  SweepPlan plan{output, {}, files};
  for (const GridPoint& point : grid.points) {
    const std::filesystem::path file = store.file(point_key(point.config, digest, point.period));
    plan.tasks.push_back({plan.tasks.size(), point.settings, {files.inputs, {file}}});
    plan.collect.inputs.push_back(file);
  }
  return plan;
}

Result<MeasuredPoint> run_sweep_task(const GridPoints& grid, const SweepMeasures& measures, PointStore& store,
                                     std::size_t number) {
  if (number >= grid.points.size()) {
    std::vector<std::size_t> numbers(grid.points.size());
    std::iota(numbers.begin(), numbers.end(), std::size_t{0});
    return no_such_task(number, numbers);
  }
  const GridPoint& point = grid.points[number];
  MSQ_TRY(const std::string digest, measures.digest());
  const std::string key = point_key(point.config, digest, point.period);
  if (auto known = store.find(key, point.config))
    return MeasuredPoint{
        .figures = std::move(*known), .settings = point.settings, .kept = true, .series = {}};
  MSQ_TRY(SweepPoint figures, measure_point(point.config, measures.at(point.period)));
  MSQ_CHECK(store.keep(key, figures));
  return MeasuredPoint{.figures = std::move(figures), .settings = point.settings, .series = {}};
}

Result<SweepFindings> collect_sweep(const GridPoints& grid, const SweepMeasures& measures, PointStore& store,
                                    const std::string& output) {
  MSQ_TRY(const std::string digest, measures.digest());
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < grid.points.size(); ++i) {
    const GridPoint& point = grid.points[i];
    if (!store.find(point_key(point.config, digest, point.period), point.config)) left.push_back(i);
  }
  if (!left.empty()) return tasks_left(output, left, grid.points.size());
  return run_sweep(grid, measures, 1, store, [](const PointDone&) {});
}

}  // namespace msq::flow
