#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/outcome.hpp"

namespace msq::cli {

/// What the command line chose: set by the callback of a subcommand, called after all of it was parsed.
using Action = std::function<Outcome()>;

void add_generate(CLI::App& app, Action& action);
void add_quantize(CLI::App& app, Action& action);
void add_simulate(CLI::App& app, Action& action);
void add_accelerate(CLI::App& app, Action& action);
void add_synth(CLI::App& app, Action& action);
void add_compare(CLI::App& app, Action& action);
void add_sweep(CLI::App& app, Action& action);
void add_fit(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);
void add_model(CLI::App& app, Action& action);
void add_contention(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);

}  // namespace msq::cli
