#include "synth/yosys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <system_error>

#include "support/files.hpp"
#include "support/tool.hpp"
#include "synth/log.hpp"
#include "synth/recipe.hpp"
#include "synth/stat.hpp"
#include "synth/tool_library.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScriptFile = "synth.ys";
constexpr const char* kLogFile = "yosys.log";
constexpr const char* kStatFile = "stat.txt";

/// A file name as Yosys reads it in a script; nothing else in a name has a meaning inside its quotes.
std::string quoted(const fs::path& path) { return fmt::format("\"{}\"", fs::absolute(path).string()); }

std::string synthesis_script(const SynthesisRequest& request, const fs::path& liberty) {
  std::string script;
  const auto line = [&](const std::string& text) { script += text + "\n"; };
  const std::string library = liberty.string();
  // The library's cells as blackboxes: without their ports `check` takes every mapped wire for undriven.
  line("read_liberty -lib -ignore_miss_func -ignore_miss_dir -ignore_miss_data_latch " + library);
  for (const fs::path& file : request.blackboxes) line("read_verilog -lib " + quoted(file));
  for (const fs::path& file : request.sources) line("read_verilog " + quoted(file));
  line("hierarchy -check -top " + request.top);
  line("proc");
  line("select -assert-none t:$dlatch t:$adlatch t:$dlatchsr t:$sr");
  line("check -assert");
  script += mapping_script(request.top, library, request.flatten ? "-flatten" : "");
  line("check -mapped -assert");
  line(std::string("tee -o ") + kStatFile + " stat -liberty " + library);
  if (request.netlist) line("write_json " + request.netlist_file().filename().string());
  return script;
}

bool is_identifier(const std::string& name) {
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
  };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 && name[0] != '$' &&
         std::all_of(name.begin(), name.end(), is_word);
}

/// What can be said before Yosys runs, in clearer words than its own.
std::optional<std::string> problem_with(const SynthesisRequest& request) {
  if (!is_identifier(request.top)) {
    return fmt::format("top module \"{}\": allowed is a plain Verilog identifier", request.top);
  }
  if (request.sources.empty()) return "no Verilog files to synthesize";
  for (const auto* files : {&request.sources, &request.blackboxes}) {
    for (const fs::path& file : *files) {
      std::error_code code;
      if (!fs::is_regular_file(file, code)) return fmt::format("{}: no such Verilog file", file.string());
      const std::string name = fs::absolute(file).string();
      const bool unusable = std::any_of(name.begin(), name.end(), [](char c) {
        return c == '"' || c == '\\' || std::iscntrl(static_cast<unsigned char>(c)) != 0;
      });
      if (unusable)
        return fmt::format("{}: Yosys cannot read file names with quotes or control characters", name);
    }
  }
  return std::nullopt;
}

std::optional<std::string> prepare_directory(const fs::path& directory, const std::string& script) {
  std::error_code code;
  fs::create_directories(directory, code);
  if (code) return fmt::format("{}: cannot create the directory: {}", directory.string(), code.message());
  fs::remove(directory / kStatFile, code);  // never read the figures of an earlier run
  std::ofstream out(directory / kScriptFile, std::ios::binary);
  out << script;
  out.close();
  if (!out) return fmt::format("{}: cannot write the file", (directory / kScriptFile).string());
  return std::nullopt;
}

}  // namespace

Result<SynthesisReport> synthesize(const SynthesisRequest& request) {
  if (auto problem = problem_with(request)) return Error(*problem);
  // Yosys starts abc under this name; Debian keeps it in a package of its own.
  for (const char* program : {"yosys", "berkeley-abc"}) {
    if (!on_path(program)) return Error(missing_program_message(program));
  }
  MSQ_TRY(const auto library, ToolLibrary::of(request.liberty));
  if (!library.liberty().has_flip_flop()) {
    return Error(fmt::format("{}: the library has no flip-flop that may be used", request.liberty.string()));
  }
  if (auto problem = prepare_directory(request.work_directory, synthesis_script(request, library.path()))) {
    return Error(*problem);
  }

  const fs::path log_file = request.work_directory / kLogFile;
  const auto run = run_tool({.argv = {"yosys", "-Q", "-s", kScriptFile},
                             .working_directory = request.work_directory,
                             .log_file = log_file});
  if (!run) return Error(run.error());
  const std::string log = read_text(log_file).value_or("");
  if (!run->ok()) {
    const std::string how = run->signal != 0 ? fmt::format("was ended by signal {}", run->signal) : "failed";
    return Error(fmt::format("synthesis of {} {} (log: {}):\n{}", request.top, how, log_file.string(),
                             log_error(log)));
  }
  const auto text = read_text(request.work_directory / kStatFile);
  if (!text)
    return Error(fmt::format("{}: Yosys wrote no statistics", (request.work_directory / kStatFile).string()));
  const auto stat = parse_stat(*text);
  if (!stat) return Error(stat.error());
  auto report = summarize(*stat, library.liberty(), request.top);
  if (!report) return Error(fmt::format("{} (log: {})", report.error(), log_file.string()));

  const LogFooter footer = parse_log_footer(log);
  report->flattened = request.flatten;
  report->runtime_seconds = run->wall_seconds;
  report->peak_memory_mb = footer.peak_memory_mb;
  report->yosys_version = footer.version;
  report->log_file = log_file;
  return report;
}

}  // namespace msq::synth
