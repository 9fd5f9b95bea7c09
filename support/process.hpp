#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/result.hpp"

namespace msq {

/// A program to run, without any shell in between: arguments reach it exactly as given here.
struct ProcessRequest {
  /// argv[0] is a name to look up in PATH, or a path (relative ones are relative to our working directory).
  std::vector<std::string> argv;
  /// Where the program runs; empty: our own working directory.
  std::filesystem::path working_directory{};
  /// Variables added to, or replaced in, our environment. They do not change where argv[0] is looked up.
  std::vector<std::pair<std::string, std::string>> environment{};
  /// Names of our variables that the program inherits. None: all of them.
  std::optional<std::vector<std::string>> inherited{};
  /// File that receives stdout and stderr (replaced if it exists); empty: they are captured in memory.
  std::filesystem::path log_file{};
  /// After this time the program and everything it started are ended. None: wait as long as it takes.
  std::optional<std::chrono::milliseconds> timeout{};
};

/// How a program ended. A non-zero exit code is a result, not an error: only the caller knows its meaning.
struct ProcessResult {
  int exit_code = 0;  ///< exit status; 128 + signal number if a signal ended it, as shells count
  int signal = 0;     ///< the signal that ended it, or 0
  bool timed_out = false;
  std::string output;  ///< stdout and stderr interleaved; empty if they went to a log file
  double wall_seconds = 0;

  bool ok() const { return exit_code == 0 && !timed_out; }
};

/// Runs a program to its end. Its standard input is empty. It gets its own process group: a timeout, or
/// SIGINT, SIGTERM or SIGHUP reaching us, also ends whatever it started, as does its own end; SIGKILL to us
/// ends the program. Several threads may run programs at once. Errors: program not found (with the Debian
/// package that has it), working directory or log file unusable.
Result<ProcessResult> run_process(const ProcessRequest& request);

/// True if an executable file of this name is in PATH, or is at this path if the name holds a '/'.
bool on_path(std::string_view name);

/// Message for a user who lacks a program: its name, and the Debian package to install if we know it.
std::string missing_program_message(std::string_view name);

}  // namespace msq
