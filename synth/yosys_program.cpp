#include "synth/yosys_program.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "support/files.hpp"
#include "support/tool.hpp"
#include "synth/log.hpp"

namespace msq::synth {
namespace {

std::string help_on_abc() {
  const auto help =
      run_tool({.argv = {"yosys", "-Q", "-p", "help abc"}, .timeout = std::chrono::minutes(10)});
  return help && help->ok() ? help->output : std::string();
}

}  // namespace

Result<> check_yosys() {
  if (!on_path("yosys")) return Error(missing_program_message("yosys"));
  static const std::string abc = external_abc(help_on_abc());
  if (!abc.empty() && !on_path(abc)) return Error(missing_program_message(abc));
  return {};
}

std::string external_abc(std::string_view help) {
  // use the specified command instead of "berkeley-abc" to execute ABC.
  // use the specified command instead of "<yosys-bindir>/yosys-abc" to execute ABC.
  constexpr std::string_view kBefore = "use the specified command instead of \"";
  const std::size_t at = help.find(kBefore);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = help.substr(at + kBefore.size());
  const std::string name(rest.substr(0, rest.find('"')));
  return name.starts_with('<') ? std::string() : name;
}

Result<YosysRun> run_yosys(const YosysScript& script) {
  MSQ_CHECK(write_text(script.directory / script.file, script.text));
  // Standard output is no log: builds for WebAssembly lose all output after the first run of abc.
  const auto run = run_tool({.argv = {"yosys", "-Q", "-q", "-l", script.log, "-s", script.file},
                             .working_directory = script.directory});
  if (!run) return Error(run.error());
  const std::filesystem::path log = script.directory / script.log;
  const std::string text = read_text(log).value_or("");
  LogFooter footer = parse_log_footer(text);
  if (footer.version.empty()) footer.version = yosys_version();
  if (!run->ok()) {
    const std::string how = run->signal != 0 ? fmt::format("was ended by signal {}", run->signal) : "failed";
    return Error(fmt::format("{} {} (Yosys {}, log: {}):\n{}", script.task, how, footer.version, log.string(),
                             log_error(text.empty() ? run->output : text)));
  }
  return YosysRun{std::move(footer.version), footer.peak_memory_mb, run->wall_seconds};
}

const std::string& yosys_version() {
  static const std::string version = [] {
    const std::string line = tool_version("yosys", "-V");
    return line.starts_with("Yosys ") ? line.substr(6) : "of unknown version";
  }();
  return version;
}

}  // namespace msq::synth
