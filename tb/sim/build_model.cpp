#include "tb/sim/build_model.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "gen/arch/manifest.hpp"
#include "golden/io/atomic_file.hpp"
#include "support/files.hpp"
#include "support/interrupt.hpp"
#include "support/lock.hpp"
#include "support/process.hpp"
#include "support/tool.hpp"
#include "tb/sim/model.hpp"
#include "tb/sim/model_seal.hpp"

namespace msq::tb {
namespace fs = std::filesystem;

namespace {

constexpr const char* kLibrary = "model.so";

std::string_view flavour_name(Flavour flavour) {
  switch (flavour) {
    case Flavour::fast:
      return "fast";
    case Flavour::check:
      return "check";
    case Flavour::trace:
      return "trace";
    case Flavour::dsp:
      return "dsp";
    case Flavour::quick:
      return "quick";
    case Flavour::cover:
      return "cover";
  }
  return "";
}

/// Options of the translation and levels of optimization. -O1 compiles in two thirds of the time of -O2 and
/// of Verilator's own -Os; such a model runs like one of -O2, faster than one of -Os.
std::vector<std::string> flavour_options(const Design& design, Flavour flavour) {
  switch (flavour) {
    case Flavour::fast:
      return {"--x-assign", "fast", "--x-initial", "fast", "-MAKEFLAGS", "OPT_FAST=-O2"};
    case Flavour::quick:
      return {"--x-assign", "fast", "--x-initial", "fast", "-MAKEFLAGS", "OPT_FAST=-O0"};
    case Flavour::cover:
      // The counters of coverage are most of the code: for a small core, optimizing them takes longer than
      // running them.
      return {"--coverage",
              "--x-assign",
              "fast",
              "--x-initial",
              "fast",
              "-MAKEFLAGS",
              has_top(design) ? "OPT_FAST=-O1 OPT_SLOW=-O0" : "OPT_FAST=-O0 OPT_SLOW=-O0"};
    case Flavour::check:
      return {"--x-assign", "unique", "--x-initial", "unique", "-DMSQ_ASSERT", "-MAKEFLAGS", "OPT_FAST=-O1"};
    case Flavour::dsp:
      return {"--x-assign",   "unique",    "--x-initial", "unique",
              "-DMSQ_ASSERT", "-DMSQ_DSP", "-MAKEFLAGS",  "OPT_FAST=-O1"};
    case Flavour::trace:
      return {"--x-assign",  "unique",  "--x-initial", "unique",     "-DMSQ_ASSERT",
              "--trace-fst", "-CFLAGS", "-DMSQ_TRACE", "-MAKEFLAGS", "OPT_FAST=-O1"};
  }
  return {};
}

/// Run beside the sources, below the directory of all models.
std::vector<std::string> verilator_command(const Design& design, Flavour flavour) {
  std::vector<std::string> argv = {
      "verilator",    "--cc",       "--exe",      "--build",
      "-j",           "2",          "-Wall",      "-O3",
      "-CFLAGS",      "-fPIC -I..", "-LDFLAGS",   "-shared",
      "--Mdir",       "obj",        "-MAKEFLAGS", "-f ../model.mk RUNTIMES=../.. model.so",
      "--top-module", design.top};
  for (const std::string& option : flavour_options(design, flavour)) argv.push_back(option);
  argv.push_back(design.control.name);
  argv.push_back(design.assertions.name);
  for (const std::string& file : design.verilog_files()) argv.push_back(file);
  argv.emplace_back("model_shim.cpp");
  return argv;
}

/// Names the sources, the way they are compiled and what compiles them. Only for the cache, so std::hash is
/// good enough.
std::string digest(const Design& design, Flavour flavour) {
  std::string all(flavour_name(flavour));
  for (const auto* files : {&design.leaves, &design.generated}) {
    for (const DesignFile& file : *files) all += file.name + '\0' + file.text + '\0';
  }
  all += design.assertions.text;
  all += design.control.text;
  all += shim_source("model_shim");
  all += shim_source("model_abi");
  all += shim_source("model");
  for (const std::string& argument : verilator_command(design, flavour)) all += argument + '\0';
  all += verilator_version();
  return fmt::format("{:016x}", std::hash<std::string>{}(all));
}

Result<> write_sources(const Design& design, const fs::path& directory) {
  if (auto written = write_design(design, directory); !written) return written;
  const std::pair<const char*, std::string> extra[] = {
      {"model_shim.cpp", std::string(shim_source("model_shim"))},
      {"model_abi.h", std::string(shim_source("model_abi"))},
      {"model.mk", std::string(shim_source("model"))},
      {"msq_ports.hpp", ports_header(design)}};
  for (const auto& [name, text] : extra) {
    if (auto written = golden::write_file_atomically(directory / name, text); !written) return written;
  }
  return {};
}

/// Variables from which ccache derives the paths of its results and its configuration.
const std::vector<std::string>& ccache_variables() {
  static const std::vector<std::string> names = {"HOME",
                                                 "XDG_CACHE_HOME",
                                                 "XDG_CONFIG_HOME",
                                                 "XDG_RUNTIME_DIR",
                                                 "CCACHE_BASEDIR",
                                                 "CCACHE_DIR",
                                                 "CCACHE_DISABLE",
                                                 "CCACHE_MAXSIZE",
                                                 "CCACHE_READONLY",
                                                 "CCACHE_TEMPDIR",
                                                 "CCACHE_CONFIGPATH"};
  return names;
}

Result<ProcessResult> run_verilator(const Design& design, Flavour flavour, const fs::path& directory,
                                    bool with_ccache) {
  ProcessRequest request{.argv = verilator_command(design, flavour), .working_directory = directory};
  if (with_ccache && on_path("ccache")) {
    request.environment.emplace_back("OBJCACHE", "ccache");
    return run_tool(std::move(request), ccache_variables());
  }
  request.environment.emplace_back("CCACHE_DISABLE", "1");  // where g++ is a link to ccache
  return run_tool(std::move(request));
}

void remove_runtimes(const fs::path& directory) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().filename().string().starts_with("runtime-")) fs::remove_all(entry.path(), ignored);
  }
}

/// Runs Verilator in `directory`. If the C++ does not build, the reason may be ccache (without a writable
/// home, say) or a damaged object of the runtime that the models beside it share: once more without both.
Result<ProcessResult> build(const Design& design, Flavour flavour, const fs::path& directory) {
  auto result = run_verilator(design, flavour, directory, true);
  std::error_code ignored;
  if (!result || result->ok() || result->signal != 0 || !fs::exists(directory / "obj", ignored))
    return result;
  fs::remove_all(directory / "obj", ignored);
  remove_runtimes(directory.parent_path());
  return run_verilator(design, flavour, directory, false);
}

/// A directory that goes with its contents, unless release() is called.
class Unfinished {
 public:
  explicit Unfinished(fs::path path) : path_(std::move(path)) { remove(); }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    if (!path_.empty()) remove();
  }
  [[nodiscard]] const fs::path& path() const { return path_; }
  void release() { path_.clear(); }

 private:
  void remove() const {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path path_;
};

/// Builds and seals the library in `work`, beside the sources. @param log gets all that Verilator says if it
/// fails.
Result<> build_in(const fs::path& work, const Design& design, Flavour flavour, const fs::path& log) {
  MSQ_CHECK(write_sources(design, work));
  std::optional<PlainDirectory> elsewhere;
  if (!is_plain_path(work)) {  // make takes no other
    MSQ_TRY(auto made, PlainDirectory::create());
    elsewhere.emplace(std::move(made));
  }
  const fs::path directory = elsewhere ? elsewhere->path() / "model" : work;
  if (elsewhere) MSQ_CHECK(write_sources(design, directory));
  MSQ_TRY(const ProcessResult result, build(design, flavour, directory));
  if (!result.ok()) {
    wait_if_interrupted();
    const bool logged = golden::write_file_atomically(log, result.output).has_value();
    return Error(fmt::format("verilator failed on {} (exit code {}{}):\n{}", design.config.name,
                             result.exit_code, logged ? ", log: " + log.string() : "",
                             error_excerpt(result.output)));
  }
  // Only the library is worth keeping: the objects of a 64x64 array are large.
  const fs::path library = work / kLibrary;
  std::error_code error;
  fs::copy_file(directory / "obj" / kLibrary, library, error);
  if (error) return Error(fmt::format("{}: {}", library.string(), error.message()));
  fs::remove_all(work / "obj", error);
  return seal_model(library);
}

/// Files left by killed builds of this model; nobody else builds it while we hold its lock.
void remove_leftovers(const fs::path& cache, const std::string& name) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(cache, ignored)) {
    if (entry.path().filename().string().starts_with(name + ".tmp")) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

Result<> write_design(const Design& design, const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error)
    return Error(fmt::format("{}: cannot create the directory: {}", directory.string(), error.message()));
  for (const auto* files : {&design.leaves, &design.generated}) {
    for (const DesignFile& file : *files) {
      if (auto written = golden::write_file_atomically(directory / file.name, file.text); !written)
        return written;
    }
  }
  MSQ_CHECK(golden::write_file_atomically(directory / design.assertions.name, design.assertions.text));
  return golden::write_file_atomically(directory / design.control.name, design.control.text);
}

fs::path default_model_cache() {
  const char* chosen = std::getenv("MSQ_MODEL_CACHE");
  return chosen != nullptr && *chosen != '\0' ? fs::path(chosen) : fs::path("build/models");
}

const std::string& verilator_version() {
  static const std::string version = [] {
    std::string line = tool_version("verilator");
    const auto root = run_tool({.argv = {"verilator", "--getenv", "VERILATOR_ROOT"}});
    if (line.empty() || !root || !root->ok()) return line;
    const fs::path directory = root->output.substr(0, root->output.find('\n'));
    const fs::path config = directory / "include" / "verilated_config.h";
    return complete_verilator_version(line, read_text(config).value_or(""));
  }();
  return version;
}

std::string complete_verilator_version(const std::string& line, std::string_view config) {
  constexpr std::string_view kName = "Verilator ";
  const bool complete = line.starts_with(kName) && line.size() > kName.size() && line[kName.size()] != ' ';
  constexpr std::string_view kDefine = "#define VERILATOR_VERSION \"";
  const std::size_t at = config.find(kDefine);
  if (line.empty() || complete || at == std::string_view::npos) return line;
  const std::string_view rest = config.substr(at + kDefine.size());
  return fmt::format("{}{} {}", kName, rest.substr(0, rest.find('"')),
                     line.substr(line.find_first_not_of(' ')));
}

Result<ModelBuild> build_model(const Design& design, Flavour flavour, const fs::path& cache) {
  const std::string name =
      fmt::format("{}-{}-{}", design.config.name, flavour_name(flavour), digest(design, flavour));
  const fs::path root = fs::absolute(cache);
  const fs::path final_directory = root / name;
  const fs::path library = final_directory / kLibrary;
  std::error_code error;
  fs::create_directories(root, error);
  const auto lock = Lock::wait_for_file(root / (name + ".lock"));
  if (!lock)
    return Error(fmt::format("{}: cannot write to the model cache: {}", cache.string(), lock.error()));
  if (is_sealed(library) && Model::is_model(library)) return ModelBuild{library, true, 0};

  remove_leftovers(root, name);
  Unfinished work(root / fmt::format("{}.tmp{}", name, ::getpid()));
  const fs::path log = root / (name + ".log");
  const auto start = std::chrono::steady_clock::now();
  MSQ_CHECK(build_in(work.path(), design, flavour, log));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  fs::remove(log, error);
  fs::remove_all(final_directory, error);
  fs::rename(work.path(), final_directory, error);
  if (error) return Error(fmt::format("{}: {}", final_directory.string(), error.message()));
  work.release();
  return ModelBuild{library, false, seconds.count()};
}

}  // namespace msq::tb
