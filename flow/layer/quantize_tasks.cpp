#include "flow/layer/quantize_tasks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "flow/layer/model_jobs.hpp"
#include "flow/layer/model_join.hpp"
#include "flow/layer/model_run.hpp"
#include "flow/layer/part_files.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

std::vector<std::size_t> numbers_of(const std::vector<ModelJob>& jobs) {
  std::vector<std::size_t> numbers;
  numbers.reserve(jobs.size());
  for (const ModelJob& job : jobs) numbers.push_back(job.index);
  return numbers;
}

/// Program and weights several times over; with a calibration the Hessian and its factor, K x K doubles each.
std::int64_t memory_mb(const ModelJob& job, bool calibrated) {
  constexpr std::int64_t kProgram = 64'000'000;
  constexpr std::int64_t kPerWeight = 32;
  const std::int64_t sums = calibrated ? 2 * static_cast<std::int64_t>(sizeof(double)) * job.k * job.k : 0;
  return (kProgram + kPerWeight * job.weights + sums) / 1'000'000 + 1;
}

std::vector<fs::path> inputs_of(const ModelToQuantize& of, const ModelJob& job) {
  std::vector<fs::path> inputs = of.model.files();
  const CalibrationSource& calibration = of.request.calibration;
  if (calibration.given()) inputs.push_back(calibration.file_of(job.layer, job.tensor));
  const std::optional<WidthLimit>& limit = of.request.widths;
  if (limit && limit->target && !limit->target->file.empty()) inputs.push_back(limit->target->file);
  return inputs;
}

LayerTask task_of(const ModelToQuantize& of, const ModelJob& job) {
  const std::int64_t memory = memory_mb(job, of.request.calibration.given());
  return {job.index,
          job.layer,
          job.bits,
          job.k,
          job.weights / job.k,
          memory,
          {inputs_of(of, job), PartFiles::files_of(of.request.output, job.index)}};
}

/// Of all tasks, without a file twice.
TaskFiles collected(const std::vector<LayerTask>& tasks, const std::string& output) {
  TaskFiles files{{}, {output}};
  for (const LayerTask& task : tasks) {
    for (const auto* some : {&task.files.inputs, &task.files.outputs}) {
      files.inputs.insert(files.inputs.end(), some->begin(), some->end());
    }
  }
  std::ranges::sort(files.inputs);
  files.inputs.erase(std::unique(files.inputs.begin(), files.inputs.end()), files.inputs.end());
  return files;
}

}  // namespace

Result<QuantizePlan> plan_quantization(const ModelToQuantize& of,
                                       const std::function<void(const std::string&)>& note) {
  MSQ_TRY(const std::vector<ModelJob> jobs, model_jobs(of));
  MSQ_CHECK(check_jobs(of.request, jobs));
  MSQ_TRY(const bool cleared, PartFiles::clear_others(of.request.output, plan_of(of)));
  if (cleared) {
    note(fmt::format("{}: layers of other options removed",
                     PartFiles::directory_of(of.request.output).string()));
  }
  QuantizePlan plan{of.request.output, {}, {}};
  for (const ModelJob& job : jobs) plan.tasks.push_back(task_of(of, job));
  plan.collect = collected(plan.tasks, plan.output);
  return plan;
}

Result<LayerTaskDone> run_quantization_task(const ModelToQuantize& of, std::size_t number) {
  MSQ_TRY(const std::vector<ModelJob> jobs, model_jobs(of));
  const auto job = std::ranges::find(jobs, number, &ModelJob::index);
  if (job == jobs.end()) return no_such_task(number, numbers_of(jobs));
  MSQ_CHECK(check_jobs(of.request, {*job}));
  MSQ_TRY(const std::unique_ptr<PartFiles> parts,
          PartFiles::open(of.request.output, plan_of(of), PartUse::task));
  ModelRun run(of, *parts);
  MSQ_CHECK(run.finish({*job}));
  return LayerTaskDone{task_of(of, *job), run.resumed() == 1, run.findings(*job)};
}

Result<ModelFindings> collect_quantization(const ModelToQuantize& of) {
  MSQ_TRY(const std::vector<ModelJob> jobs, model_jobs(of));
  MSQ_CHECK(check_jobs(of.request, jobs));
  MSQ_TRY(const std::unique_ptr<PartFiles> parts,
          PartFiles::open(of.request.output, plan_of(of), PartUse::collect));
  ModelRun run(of, *parts);
  MSQ_TRY(const std::vector<ModelJob> left, run.take_up(jobs));
  if (!left.empty()) return tasks_left(of.request.output, numbers_of(left), jobs.size());
  return join_parts(of, jobs, run, *parts);
}

}  // namespace msq::flow
