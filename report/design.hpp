#pragma once

#include <string>

#include "flow/generate.hpp"
#include "report/render.hpp"

namespace msq::report {

/// What `generate` prints.
[[nodiscard]] std::string render(const flow::GeneratedDesign& generated, Form form);

}  // namespace msq::report
