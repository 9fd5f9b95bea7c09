#pragma once

#include <string>

#include "flow/layer/dequantize_model.hpp"
#include "report/render.hpp"

namespace msq::report {

/// Report of `dequantize`; the keys are in docs/user/reports.md.
[[nodiscard]] std::string render(const flow::DequantizedModel& model, Form form);

}  // namespace msq::report
