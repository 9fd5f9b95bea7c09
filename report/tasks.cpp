#include "report/tasks.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "golden/io/describe.hpp"
#include "report/json.hpp"
#include "report/quantization.hpp"
#include "report/sweep.hpp"
#include "report/sweep_point.hpp"
#include "report/text.hpp"

namespace msq::report {
namespace {

Json names_of(const std::vector<std::filesystem::path>& files) {
  Json names = Json::array();
  for (const auto& file : files) names.push_back(file.string());
  return names;
}

Json json_of(const flow::TaskFiles& files) {
  return {{"inputs", names_of(files.inputs)}, {"outputs", names_of(files.outputs)}};
}

Json json_of(const flow::LayerTask& task) {
  return {{"task", task.number}, {"layer", task.layer},        {"bits", task.bits},          {"k", task.k},
          {"n", task.n},         {"weights", task.k * task.n}, {"memory_mb", task.memory_mb}};
}

/// The files of a task after what else it has.
Json with_files(Json json, const flow::TaskFiles& files) {
  json.update(json_of(files));
  return json;
}

}  // namespace

std::string render_plan(const flow::QuantizePlan& plan) {
  Json tasks = Json::array();
  for (const flow::LayerTask& task : plan.tasks) tasks.push_back(with_files(json_of(task), task.files));
  return json_text(
      {{"output", plan.output}, {"tasks", std::move(tasks)}, {"collect", json_of(plan.collect)}});
}

std::string render_plan(const flow::SweepPlan& plan) {
  Json tasks = Json::array();
  for (const flow::PointTask& task : plan.tasks) {
    tasks.push_back(with_files({{"task", task.number}, {"settings", to_json(task.settings)}}, task.files));
  }
  return json_text(
      {{"output", plan.output}, {"tasks", std::move(tasks)}, {"collect", json_of(plan.collect)}});
}

std::string render(const flow::LayerTaskDone& done, Form form) {
  const flow::LayerTask& task = done.task;
  if (form == Form::json) {
    Json json = json_of(task);
    json["skipped"] = done.skipped;
    json.update(to_json(done.findings));
    return json_text(json);
  }
  return fmt::format("task {}: layer {} to {} bits: {}\n{}", task.number, golden::in_quotes(task.layer),
                     task.bits, done.skipped ? "done before" : "done", to_text(done.findings));
}

std::string render(const flow::MeasuredPoint& point, std::size_t number, Form form) {
  if (form == Form::json) {
    return json_text({{"task", number},
                      {"settings", to_json(point.settings)},
                      {"skipped", point.kept},
                      {"point", to_json(point.figures)}});
  }
  return fmt::format("task {}: {}: {}\n", number, to_json(point.settings).dump(),
                     point.kept ? "done before" : fmt::format("{:.1f} s", point.figures.seconds));
}

}  // namespace msq::report
