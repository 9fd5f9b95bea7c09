#pragma once

#include <string>

#include "flow/layer/inspect.hpp"
#include "report/render.hpp"

namespace msq::report {

/// What `inspect` prints.
[[nodiscard]] std::string render(const flow::Description& description, Form form);

}  // namespace msq::report
