#pragma once

#include <string>

#include "flow/run.hpp"
#include "report/render.hpp"

namespace msq::report {

/// The report of `run`: docs/user/reports.md lists the keys of its JSON form.
[[nodiscard]] std::string render(const flow::RunFindings& findings, Form form);

/// The same as a page that needs no other file: array to scale, errors, checks, cycles, area.
[[nodiscard]] std::string to_html(const flow::RunFindings& findings);

}  // namespace msq::report
