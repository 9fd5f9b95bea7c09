#include "synth/yosys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>

#include "support/files.hpp"
#include "synth/recipe.hpp"
#include "synth/stat.hpp"
#include "synth/summary.hpp"
#include "synth/tool_library.hpp"
#include "synth/yosys_program.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScriptFile = "synth.ys";
constexpr const char* kLogFile = "yosys.log";
constexpr const char* kStatFile = "stat.txt";
constexpr const char* kStatJsonFile = "stat.json";

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
  const char* const options = request.flatten ? "-flatten" : "";
  script += request.clock ? clock_script(*request.clock, request.top, library, options)
                          : mapping_script(request.top, library, options);
  line("check -mapped -assert");
  line(fmt::format("tee -o {} stat -liberty {}", kStatFile, library));
  line(fmt::format("tee -o {} stat -json -liberty {}", kStatJsonFile, library));
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

/// Problems that are known before Yosys runs, in clearer words than its own.
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

Result<> prepare_directory(const fs::path& directory, const ClockMapping* clock) {
  std::error_code code;
  fs::create_directories(directory, code);
  if (code)
    return Error(fmt::format("{}: cannot create the directory: {}", directory.string(), code.message()));
  // Figures of an earlier run are never read.
  for (const char* file : {kStatFile, kStatJsonFile}) fs::remove(directory / file, code);
  if (clock == nullptr) return {};
  for (const ScriptFile& file : clock_files(*clock)) {
    MSQ_CHECK(write_text(directory / file.name, file.text));
  }
  return {};
}

Result<SynthesisReport> read_figures(const SynthesisRequest& request, const Liberty& liberty) {
  std::string texts[2];
  for (const auto& [file, text] : {std::pair(kStatJsonFile, &texts[0]), std::pair(kStatFile, &texts[1])}) {
    auto read = read_text(request.work_directory / file);
    if (!read)
      return Error(fmt::format("{}: Yosys wrote no statistics", (request.work_directory / file).string()));
    *text = std::move(*read);
  }
  MSQ_TRY(const Stat stat, parse_stat(texts[0], texts[1]));
  return summarize(stat, liberty, request.top);
}

}  // namespace

Result<SynthesisReport> synthesize(const SynthesisRequest& request) {
  if (auto problem = problem_with(request)) return Error(*problem);
  MSQ_CHECK(check_yosys());
  MSQ_TRY(const auto library, ToolLibrary::of(request.liberty));
  if (!library.liberty().has_flip_flop()) {
    return Error(fmt::format("{}: the library has no flip-flop that may be used", request.liberty.string()));
  }
  const ClockMapping* const clock = request.clock ? &*request.clock : nullptr;
  MSQ_CHECK(prepare_directory(request.work_directory, clock));

  MSQ_TRY(auto run, run_yosys({"synthesis of " + request.top, request.work_directory, kScriptFile, kLogFile,
                               synthesis_script(request, library.path())}));
  const fs::path log_file = request.work_directory / kLogFile;
  auto report = read_figures(request, library.liberty());
  if (!report)
    return Error(fmt::format("{} (Yosys {}, log: {})", report.error(), run.version, log_file.string()));
  report->flattened = request.flatten;
  report->runtime_seconds = run.wall_seconds;
  report->peak_memory_mb = run.peak_memory_mb;
  report->yosys_version = std::move(run.version);
  report->log_file = log_file;
  return report;
}

}  // namespace msq::synth
