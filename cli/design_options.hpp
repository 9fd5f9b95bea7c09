#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "flow/measure/baselines.hpp"
#include "report/render.hpp"

namespace msq::cli {

// Options that name a design. The objects must live as long as the parser.

void add_config(CLI::App& command, std::string& config, bool required);
/// --baseline, --rows, --cols and --tree-rows; not with the option `excluded`.
void add_baseline(CLI::App& command, flow::BaselineChoice& choice, const std::string& excluded);
void add_json(CLI::App& command, bool& json);
[[nodiscard]] inline report::Form form(bool json) { return json ? report::Form::json : report::Form::text; }

}  // namespace msq::cli
