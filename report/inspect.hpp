#pragma once

#include <string>

#include "flow/layer/inspect.hpp"
#include "report/render.hpp"

namespace msq::report {

/// Report of `inspect`.
[[nodiscard]] std::string render(const flow::Description& description, Form form);

}  // namespace msq::report
