#pragma once

#include <string>

#include "flow/layer/quantize_tasks.hpp"
#include "flow/sweep/sweep_tasks.hpp"
#include "report/render.hpp"

namespace msq::report {

// docs/user/reports.md has the keys.

/// Output of --plan: one JSON object.
[[nodiscard]] std::string render_plan(const flow::QuantizePlan& plan);
[[nodiscard]] std::string render_plan(const flow::SweepPlan& plan);

/// Output of --task.
[[nodiscard]] std::string render(const flow::LayerTaskDone& done, Form form);
[[nodiscard]] std::string render(const flow::MeasuredPoint& point, std::size_t number, Form form);

}  // namespace msq::report
