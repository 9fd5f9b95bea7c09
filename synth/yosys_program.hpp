#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "support/result.hpp"

namespace msq::synth {

/// Checks that Yosys is in PATH, and the program that it starts as abc if that is one in PATH: Debian 12
/// has it in a package of its own, newer versions bring it. Errors: the missing program, with its package.
[[nodiscard]] Result<> check_yosys();

/// Name of the program in PATH that Yosys starts as abc. @param help what `help abc` of Yosys prints.
/// @return empty if Yosys has abc beside or inside itself, or says nothing of it.
[[nodiscard]] std::string external_abc(std::string_view help);

/// A run that ended well.
struct YosysRun {
  std::string version;        ///< "0.23 (git sha1 7ce5011c24b)"
  double peak_memory_mb = 0;  ///< of Yosys itself, without abc; 0 if the log does not say
  double wall_seconds = 0;
};

/// A script and where it runs.
struct YosysScript {
  std::string task;                 ///< for messages: "synthesis of top"
  std::filesystem::path directory;  ///< gets script and log; exists
  std::string file;                 ///< name of the script
  std::string log;                  ///< name of the log
  std::string text;
};

/// Runs a script of Yosys. Errors: the script cannot be written; Yosys cannot be started; it fails, with its
/// version, the log's name and its own words.
[[nodiscard]] Result<YosysRun> run_yosys(const YosysScript& script);

/// "0.23 (git sha1 7ce5011c24b)", or "of unknown version". Asked once per process.
[[nodiscard]] const std::string& yosys_version();

}  // namespace msq::synth
