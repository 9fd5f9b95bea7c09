#include "synth/opensta.hpp"

#include <fmt/format.h>

#include <cctype>
#include <system_error>
#include <utility>

#include "support/files.hpp"
#include "support/tool.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

/// A word of Tcl that is exactly this text.
std::string tcl_word(const std::string& text) {
  std::string word;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '_' || c == '.' ||
                       c == '-' || static_cast<unsigned char>(c) >= 0x80;
    if (!plain) word += '\\';
    word += c;
  }
  return word;
}

/// The last line that OpenSTA calls an error, with its reason behind it; else the end of the log.
std::string error_in(const std::string& log) {
  const std::size_t at = log.rfind("Error:");
  constexpr std::size_t kTail = 400;
  return log.substr(at != std::string::npos ? at : log.size() - std::min(log.size(), kTail));
}

}  // namespace

OpenStaRun::OpenStaRun(fs::path directory, const std::string& name, const fs::path& liberty)
    : directory_(std::move(directory)), name_(name) {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error)
    problem_ = fmt::format("{}: cannot create the directory: {}", directory_.string(), error.message());
  auto library = ToolLibrary::of(liberty);
  if (!library) {
    problem_ = library.error();
    return;
  }
  library_.emplace(std::move(*library));
  script_ = fmt::format("read_liberty {}\nset_cmd_units -time ns -capacitance pF -power W\n",
                        tcl_word(library_->path().string()));
}

void OpenStaRun::write(const std::string& name, const std::string& text) {
  const auto written = write_text(directory_ / name, text);
  if (!written && !problem_) problem_ = written.error();
}

void OpenStaRun::add_file(const std::string& name, const std::string& text) { write(name, text); }

Result<std::string> OpenStaRun::execute() {
  if (!on_path("sta")) return Error(missing_program_message("sta"));
  // An error in the script would make OpenSTA wait for commands; the exit code reports it instead.
  write(name_ + ".tcl",
        fmt::format("if {{[catch {{\n{}}} message]}} {{\n  puts \"Error: $message\"\n  exit 1\n"
                    "}}\nputs {{{} done}}\nexit\n",
                    script_, kOpenStaMark));
  if (problem_) return Error(*problem_);
  const auto run = run_tool({.argv = {"sta", "-no_init", "-no_splash", "-exit", name_ + ".tcl"},
                             .working_directory = directory_,
                             .log_file = log_file()});
  if (!run) return Error(run.error());
  std::string log = read_text(log_file()).value_or("");
  const std::size_t end = log.rfind(fmt::format("{} done", kOpenStaMark));
  if (!run->ok() || end == std::string::npos) {
    return Error(fmt::format("OpenSTA {} failed (log: {}):\n{}", opensta_version(), log_file().string(),
                             error_in(log)));
  }
  log.resize(end);
  return log;
}

const std::string& opensta_version() {
  static const std::string version = tool_version("sta", "-version");
  return version;
}

}  // namespace msq::synth
