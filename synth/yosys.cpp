#include "synth/yosys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <system_error>

#include "support/files.hpp"
#include "support/process.hpp"
#include "synth/liberty.hpp"
#include "synth/log.hpp"
#include "synth/plain_path.hpp"
#include "synth/stat.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScriptFile = "synth.ys";
constexpr const char* kLogFile = "yosys.log";
constexpr const char* kStatFile = "stat.txt";

// The recipe that gave the smallest area of those tried, by Yosys 0.23 in um^2 of the library. PE: two lanes,
// 23-bit sums. 8x8: the core with ReCoN, and its plain twin. Delay: the PE's longest path by OpenSTA 2.0.17,
// wires not counted. Run times differ by less than the noise.
//
//   OSU018                               PE         8x8       twin    delay
//   synth; abc -liberty              21,088   1,941,296  1,076,106  3.02 ns
//   with &nf -R 1000 -F 5            20,543   1,887,882  1,055,089  3.53 ns
//   with -noalumacc as well          20,438   1,884,502  1,048,176  3.53 ns
//
//   8x8 and twin                  Nangate45         ASAP7             SKY130
//   synth; abc -liberty      71,198  40,670  5,366  3,017  351,226  195,128
//   with &nf -R 1000 -F 5    70,071  40,366  5,070  2,931  341,404  191,180
//   with -noalumacc as well  69,441  39,654  5,049  2,912  338,411  188,007
//
// So the area is bought with a path that is 17 % longer. Without the abc inside `synth` (-noabc) the PE is
// smaller (20,256) but the 8x8 core larger (1,911,089). Adders made of the library's full adders (FAX1)
// would make the flattened PE 17,835, at 5.59 ns and only for libraries that have them. ReCoN's overhead over
// the twin moves with the recipe (8x8, OSU018: 80.4, 78.9, 79.8 %): compare figures of one recipe only.
constexpr const char* kSynthOptions = "-noalumacc";
// The default script of `abc -liberty` with more rounds of area recovery. Yosys makes the commas blanks.
constexpr const char* kAbcScript =
    "+strash;&get,-n;&fraig,-x;&put;scorr;dc2;dretime;strash;&get,-n;&dch,-f;&nf,-R,1000,-F,5;&put";

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
  line(fmt::format("synth {} {}-top {}", kSynthOptions, request.flatten ? "-flatten " : "", request.top));
  line("dfflibmap -liberty " + library);
  line(fmt::format("abc -liberty {} -script {}", library, kAbcScript));
  line("opt_clean -purge");
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
  const auto liberty = read_liberty(request.liberty);
  if (!liberty) return Error(liberty.error());
  if (!liberty->has_flip_flop()) {
    return Error(fmt::format("{}: the library has no flip-flop", request.liberty.string()));
  }
  const auto library = PlainPath::of(fs::absolute(request.liberty));
  if (!library) return Error(library.error());
  if (auto problem = prepare_directory(request.work_directory, synthesis_script(request, library->path()))) {
    return Error(*problem);
  }

  const fs::path log_file = request.work_directory / kLogFile;
  const auto run = run_process({.argv = {"yosys", "-Q", "-s", kScriptFile},
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
  auto report = summarize(*stat, *liberty, request.top);
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
