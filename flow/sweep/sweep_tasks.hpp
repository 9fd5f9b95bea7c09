#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "flow/sweep/sweep.hpp"
#include "flow/tasks.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Measuring one point of a grid.
struct PointTask {
  std::size_t number = 0;  ///< its place in the grid
  Settings settings;
  TaskFiles files;
};

/// A sweep as tasks that may be done in any order, on any machine that has their inputs and the same tools.
struct SweepPlan {
  std::string output;  ///< directory
  std::vector<PointTask> tasks;
  TaskFiles collect;
};

/// Plans a task for every point; writes nothing. @param files what every point depends on, and what the
/// joining writes. Error: those of SweepMeasures::digest.
[[nodiscard]] Result<SweepPlan> plan_sweep(const GridPoints& grid, const SweepMeasures& measures,
                                           const PointStore& store, const std::string& output,
                                           const TaskFiles& files);

/// Measures one point, unless the store has it; several may run at once. Error: no point has the number; it
/// cannot be measured or kept.
[[nodiscard]] Result<MeasuredPoint> run_sweep_task(const GridPoints& grid, const SweepMeasures& measures,
                                                   PointStore& store, std::size_t number);

/// The sweep, when the store has all points. Error: points that are missing, by the numbers of their tasks.
[[nodiscard]] Result<SweepFindings> collect_sweep(const GridPoints& grid, const SweepMeasures& measures,
                                                  PointStore& store, const std::string& output);

}  // namespace msq::flow
