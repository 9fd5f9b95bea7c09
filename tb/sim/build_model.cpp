#include "tb/sim/build_model.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
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
#include "support/process.hpp"

namespace msq::tb {
namespace fs = std::filesystem;

namespace {

/// Exclusive lock on a file for as long as the object lives: two processes that want one model build it once.
class FileLock {
 public:
  explicit FileLock(const fs::path& path)
      : descriptor_(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    if (descriptor_ >= 0) ::flock(descriptor_, LOCK_EX);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] bool held() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

std::string_view flavour_name(Flavour flavour) {
  switch (flavour) {
    case Flavour::fast:
      return "fast";
    case Flavour::check:
      return "check";
    case Flavour::trace:
      return "trace";
    case Flavour::quick:
      return "quick";
    case Flavour::cover:
      return "cover";
  }
  return "";
}

/// Options of the translation and levels of optimization. Verilator's own level is -Os: quicker to compile
/// than -O2, slower to run.
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
      return {"--x-assign", "unique", "--x-initial", "unique", "-DMSQ_ASSERT"};
    case Flavour::trace:
      return {"--x-assign",   "unique",      "--x-initial", "unique",
              "-DMSQ_ASSERT", "--trace-fst", "-CFLAGS",     "-DMSQ_TRACE"};
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

/// Names the sources and the way they are compiled. Only for the cache, so std::hash is good enough.
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

Result<ModelBuild> build_model(const Design& design, Flavour flavour, const fs::path& cache) {
  const std::string name =
      fmt::format("{}-{}-{}", design.config.name, flavour_name(flavour), digest(design, flavour));
  const fs::path final_directory = fs::absolute(cache) / name;
  const fs::path library = final_directory / "model.so";
  std::error_code error;
  fs::create_directories(cache, error);
  const FileLock lock(fs::absolute(cache) / (name + ".lock"));
  if (!lock.held()) return Error(fmt::format("{}: cannot write to the model cache", cache.string()));
  if (fs::exists(library)) return ModelBuild{library, true, 0};

  const fs::path work = fs::absolute(cache) / fmt::format("{}.tmp{}", name, ::getpid());
  fs::remove_all(work, error);
  if (auto written = write_sources(design, work); !written) return Error(written.error());

  std::optional<PlainDirectory> elsewhere;
  if (!is_plain_path(work)) {  // make takes no other
    auto made = PlainDirectory::create();
    if (!made) return Error(made.error());
    elsewhere.emplace(std::move(*made));
  }
  const fs::path build = elsewhere ? elsewhere->path() / "model" : work;
  if (elsewhere) MSQ_CHECK(write_sources(design, build));

  ProcessRequest request;
  request.argv = verilator_command(design, flavour);
  request.working_directory = build;
  if (on_path("ccache")) request.environment.emplace_back("OBJCACHE", "ccache");
  const auto start = std::chrono::steady_clock::now();
  auto result = run_process(request);
  if (!result) return Error(result.error());
  if (!result->ok()) {
    return Error(fmt::format("verilator failed on {} (exit code {}), sources in {}:\n{}", design.config.name,
                             result->exit_code, work.string(), result->output));
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  // Only the library is worth keeping: the objects of a 64x64 array are large.
  if (elsewhere) {
    fs::copy_file(build / "obj" / "model.so", work / "model.so", error);
  } else {
    fs::rename(work / "obj" / "model.so", work / "model.so", error);
  }
  if (error) return Error(fmt::format("{}: {}", (work / "model.so").string(), error.message()));
  fs::remove_all(work / "obj", error);
  fs::remove_all(final_directory, error);
  fs::rename(work, final_directory, error);
  if (error) return Error(fmt::format("{}: {}", final_directory.string(), error.message()));
  return ModelBuild{library, false, seconds.count()};
}

}  // namespace msq::tb
