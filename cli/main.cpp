#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <system_error>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/help_formatter.hpp"
#include "cli/values.hpp"
#include "gen/arch/design.hpp"
#include "golden/io/atomic_file.hpp"
#include "support/interrupt.hpp"

#ifndef MSQ_GENERATOR_ONLY
#include "cli/version.hpp"
#endif

namespace msq::cli {
namespace {

#ifdef MSQ_GENERATOR_ONLY
constexpr const char* kDescription = "Generate MicroScopiQ accelerators as Verilog.";

constexpr const char* kFooter =
    R"(A configuration (--config) is a JSON file or the name of a preset. This program was built with
MSQ_GENERATOR_ONLY.

Exit codes: 0 done; 2 bad usage or bad input; 3 a bug of this program; 128 + N ended by signal N.)";
#else
constexpr const char* kDescription =
    "Generate MicroScopiQ accelerators as Verilog, quantize weights, simulate layers bit for bit, and "
    "measure area, timing and power.";

constexpr const char* kFooter =
    R"(A configuration (--config) is a JSON file or the name of a preset; `microscopiq inspect NAME` prints
it with every key. `microscopiq SUBCOMMAND --help` lists the options and an example.

Exit codes:
  0        done; every check passed
  1        ran to completion; a check failed
  2        bad usage, bad input or a missing tool
  3        a bug of this program
  128 + N  ended by signal N

Environment:
  MSQ_MODEL_CACHE  directory of compiled simulation models; default: build/models

Other programs (Yosys, OpenSTA, Verilator, qflow) get PATH, LD_LIBRARY_PATH and TMPDIR, and ccache
its own variables and HOME. Compiler flags and start-up files such as ~/.sta have no effect on them.)";
#endif

void add_subcommands(CLI::App& app, Action& action) {
#ifdef MSQ_GENERATOR_ONLY
  add_generate(app, action);
#else
  add_run(app, action);
  add_generate(app, action);
  add_quantize(app, action);
  add_dequantize(app, action);
  add_simulate(app, action);
  add_accelerate(app, action);
  add_synth(app, action);
  add_compare(app, action);
  add_sweep(app, action);
  add_fit(app, action);
  add_inspect(app, action);
  add_model(app, action);
  add_contention(app, action);
#endif
}

std::string subcommand_names(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names += (names.empty() ? "" : ", ") + command->get_name();
  return names;
}

/// Text for standard error about a command line that is refused, with the command that was meant.
std::string usage_message(const CLI::App* app, const CLI::Error& error) {
  std::string command = app->get_name();
  for (const CLI::App* chosen : app->get_subcommands()) command += " " + chosen->get_name();
  return fmt::format("{0}: {1}\nRun {0} --help for more information.\n", command, error.what());
}

/// Does what the command line chose, unless that would overwrite an input.
Outcome perform(const CLI::App& app, const Action& action) {
  for (const CLI::App* command : app.get_subcommands()) MSQ_CHECK(check_outputs(*command));
  return action();
}

int execute(const CLI::App& app, const Action& action) {
  const Outcome outcome = perform(app, action);
  wait_if_interrupted();
  if (std::fflush(stdout) != 0) {
    fmt::print(stderr, "microscopiq: cannot write to standard output\n");
    return kBadInput;
  }
  if (outcome) return *outcome;
  fmt::print(stderr, "microscopiq: {}\n", outcome.error());
  return kBadInput;
}

int main_program(int argc, char** argv) {
  CLI::App app(kDescription, "microscopiq");
  app.footer(kFooter);
  bool version = false;
  [[maybe_unused]] auto* version_flag = app.add_flag("--version", version, "Print the version");
#ifndef MSQ_GENERATOR_ONLY
  bool as_json = false;
  app.add_flag("--json", as_json, "With --version: as JSON, with the versions of all tools, for bug reports")
      ->needs(version_flag);
#endif
  app.failure_message(usage_message);
  app.require_subcommand(0, 1);  // a missing one is reported below: an unknown one has its own message
  app.formatter(std::make_shared<HelpFormatter>());  // of the subcommands as well
  Action action;
  add_subcommands(app, action);
  check_values(app);
  try {
    check_arguments(argc, argv);
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kBadInput;
  }
#ifndef MSQ_GENERATOR_ONLY
  if (as_json) return execute(app, print_versions);
#endif
  if (version) {
    action = [] {
      fmt::print("microscopiq {}\n", generator_version());
      return kOk;
    };
  }
  if (!action) {
    fmt::print(stderr, "microscopiq: a subcommand is required: {}\nRun with --help for more information.\n",
               subcommand_names(app));
    return kBadInput;
  }
  return execute(app, action);
}

}  // namespace
}  // namespace msq::cli

int main(int argc, char** argv) {
  msq::handle_interrupts(msq::golden::remove_pending_files);
  try {
    return msq::cli::main_program(argc, argv);
  } catch (const std::system_error& error) {  // thrown by fmt::print
    msq::wait_if_interrupted();
    // Not fmt::print: where standard error cannot be written to either, it would throw again.
    std::fprintf(stderr, "microscopiq: cannot write: %s\n", error.what());
    return msq::cli::kBadInput;
  } catch (const std::bad_alloc&) {
    std::fputs("microscopiq: not enough memory for this input\n", stderr);
    return msq::cli::kBadInput;
  } catch (const std::exception& error) {
    msq::wait_if_interrupted();
    std::fprintf(stderr, "microscopiq: internal error, please report it: %s\n", error.what());
    return msq::cli::kInternal;
  }
}
