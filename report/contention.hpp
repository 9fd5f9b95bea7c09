#pragma once

#include <string>

#include "flow/layer/contention.hpp"
#include "report/render.hpp"

namespace msq::report {

/// Report of `contention`.
[[nodiscard]] std::string render(const flow::ContentionFindings& findings, Form form);

/// One line for each scheme, number of tokens, of units and spacing; docs/results/data/contention.csv is one.
[[nodiscard]] std::string csv_of(const flow::ContentionFindings& findings);

}  // namespace msq::report
