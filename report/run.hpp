#pragma once

#include <string>

#include "flow/run.hpp"
#include "report/render.hpp"

namespace msq::report {

/// The report of `run`: docs/user/reports.md lists the keys of its JSON form.
[[nodiscard]] std::string render(const flow::RunFindings& findings, Form form);

}  // namespace msq::report
