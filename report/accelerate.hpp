#pragma once

#include <string>
#include <string_view>

#include "flow/layer/accelerate.hpp"
#include "report/render.hpp"

namespace msq::report {

/// "raw", "fp32", "mx8" or "mx4".
[[nodiscard]] std::string_view format_name(tb::OutputFormat format);

/// Report of `accelerate`.
[[nodiscard]] std::string render(const flow::AcceleratorFindings& findings, Form form);

}  // namespace msq::report
