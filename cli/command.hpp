#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "support/result.hpp"

namespace msq::cli {

/// Exit codes of the program. Ended by a signal: 128 + its number, as shells count.
enum ExitCode {
  kOk = 0,           ///< done, and every check passed
  kCheckFailed = 1,  ///< ran to completion; a check failed
  kBadInput = 2,     ///< bad usage, input, or a tool that is missing
  kInternal = 3      ///< a bug of this program
};

/// An exit code (kOk or kCheckFailed), or why the input cannot be used (kBadInput).
using Outcome = Result<int>;

/// Action that the command line chose: set by the callback of a subcommand, called after all of it was
/// parsed.
using Action = std::function<Outcome()>;

void add_generate(CLI::App& app, Action& action);
void add_quantize(CLI::App& app, Action& action);
void add_dequantize(CLI::App& app, Action& action);
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
