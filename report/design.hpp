#pragma once

#include <string>

#include "flow/generate.hpp"
#include "report/render.hpp"

namespace msq::report {

/// Report of `generate`.
[[nodiscard]] std::string render(const flow::GeneratedDesign& generated, Form form);

}  // namespace msq::report
