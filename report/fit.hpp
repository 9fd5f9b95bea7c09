#pragma once

#include <string>

#include "flow/layer/fit.hpp"
#include "report/render.hpp"

namespace msq::report {

/// Report of `fit`.
[[nodiscard]] std::string render(const flow::FitFindings& findings, Form form);

}  // namespace msq::report
