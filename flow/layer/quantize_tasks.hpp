#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "flow/layer/quantize_model.hpp"
#include "flow/tasks.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Quantizing one layer to one width.
struct LayerTask {
  std::size_t number = 0;  ///< its place in the model, which other choices of tensors do not change
  std::string layer;
  int bits = 0;
  std::int64_t k = 0, n = 0;
  std::int64_t memory_mb = 0;  ///< estimate of its maximum need, 10^6 bytes
  TaskFiles files;
};

/// A model as tasks that may be done in any order, on any machine that has their inputs, and the joining of
/// their outputs.
struct QuantizePlan {
  std::string output;
  std::vector<LayerTask> tasks;
  TaskFiles collect;
};

/// A task that is done.
struct LayerTaskDone {
  LayerTask task;
  bool skipped = false;  ///< it was done before
  QuantizationFindings findings;
};

/// Plans the tasks. Removes finished layers of other options, as `note` reports, and writes nothing.
/// Errors: those of quantize_model before the first layer.
[[nodiscard]] Result<QuantizePlan> plan_quantization(const ModelToQuantize& of,
                                                     const std::function<void(const std::string&)>& note);

/// Does one task, unless it was done before; several may run at once. Error: no task has the number; layers
/// of other options are there; those of quantize_model about this layer.
[[nodiscard]] Result<LayerTaskDone> run_quantization_task(const ModelToQuantize& of, std::size_t number);

/// Joins the layers when all tasks are done, with the findings and the file of quantize_model. Error: tasks
/// that are not done, or were done for other weights or another calibration, by their numbers; layers of
/// other options; another run or a task is at work.
[[nodiscard]] Result<ModelFindings> collect_quantization(const ModelToQuantize& of);

}  // namespace msq::flow
