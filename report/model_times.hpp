#pragma once

#include <string>

#include "flow/layer/model_times.hpp"
#include "report/render.hpp"

namespace msq::report {

/// Report of `model`.
[[nodiscard]] std::string render(const flow::ModelTimes& times, Form form);

}  // namespace msq::report
