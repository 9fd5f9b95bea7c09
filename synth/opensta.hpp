#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "support/result.hpp"
#include "synth/tool_library.hpp"

namespace msq::synth {

/// Begins a line of a log that a script of ours wrote, and nothing else does.
inline constexpr const char* kOpenStaMark = "%%";

/// One run of OpenSTA: a Tcl script and the files it reads, in a directory that stays for inspection. Times
/// are in ns, capacitances in pF, powers in W.
class OpenStaRun {
 public:
  /// @param name of the script and the log: NAME.tcl, NAME.log. No start-up file of the user is read.
  OpenStaRun(std::filesystem::path directory, const std::string& name, const std::filesystem::path& liberty);

  void add(const std::string& commands) { script_ += commands; }
  /// A file beside the script.
  void add_file(const std::string& name, const std::string& text);
  /// Runs the script. @return its output. Errors: OpenSTA missing; a file that cannot be written; an
  /// error in OpenSTA's words.
  [[nodiscard]] Result<std::string> execute();
  [[nodiscard]] std::filesystem::path log_file() const { return directory_ / (name_ + ".log"); }

 private:
  void write(const std::string& name, const std::string& text);

  std::filesystem::path directory_;
  std::string name_;
  std::optional<ToolLibrary> library_;
  std::string script_;
  std::optional<std::string> problem_;
};

/// Output of `sta -version`, such as "2.0.17"; empty if it prints nothing. Asked once per process.
[[nodiscard]] const std::string& opensta_version();

}  // namespace msq::synth
