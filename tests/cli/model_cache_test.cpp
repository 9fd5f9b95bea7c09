// The cache of compiled models: whatever its files and the environment, a simulation runs on
// a model of its own making.

#include <cstdlib>
#include <fstream>

#include "support/files.hpp"
#include "tb/sim/model_seal.hpp"
#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

class ModelCache : public Flow {
 protected:
  /// Simulates a small layer with a cache in the test's own directory.
  ProcessResult simulate(Environment environment = {}) {
    environment.emplace_back("MSQ_MODEL_CACHE", "models");
    return run({"simulate", "--config", "tiny", "--synthetic", "8x8", "--tokens", "2"}, environment);
  }
  void expect_simulated(const Environment& environment = {}) {
    const ProcessResult result = simulate(environment);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    EXPECT_NE(result.output.find("16 of 16 outputs bit-exact"), std::string::npos) << result.output;
  }
  /// The one model in the cache.
  [[nodiscard]] fs::path model() const {
    fs::path found;
    for (const auto& entry : fs::directory_iterator(directory_ / "models")) {
      if (fs::exists(entry.path() / "model.so")) found = entry.path() / "model.so";
    }
    return found;
  }
  /// Names in the cache without the model's own directory, its lock and the runtime.
  [[nodiscard]] std::vector<std::string> leftovers() const {
    std::vector<std::string> names;
    const std::string own = model().parent_path().filename();
    for (const auto& entry : fs::directory_iterator(directory_ / "models")) {
      const std::string name = entry.path().filename();
      if (name != own && name != own + ".lock" && !name.starts_with("runtime-")) names.push_back(name);
    }
    return names;
  }
  void write_tool(const std::string& name, const std::string& script) {
    fs::create_directories(directory_ / "tools");
    write("tools/" + name, "#!/bin/sh\n" + script);
    fs::permissions(directory_ / "tools" / name, fs::perms::owner_all);
  }
  [[nodiscard]] Environment with_tools() const {
    return {{"PATH", (directory_ / "tools").string() + ":" + std::getenv("PATH")}};
  }
};

/// Flags and makefiles that would give another model, or none; and a home that nothing can be written to,
/// where ccache fails.
TEST_F(ModelCache, NeitherFlagsNorAMissingHomeMatter) {
  write("evil.mk", "CXX := false\n");
  const std::string evil = (directory_ / "evil.mk").string();
  expect_simulated({{"CXXFLAGS", "-fsanitize=address"},
                    {"CPPFLAGS", "-DVL_TIME_STAMP64=nonsense"},
                    {"LDFLAGS", "-fsanitize=address"},
                    {"OPT", "-O9nonsense"},
                    {"CXX", "false"},
                    {"MAKEFLAGS", "-e"},
                    {"MAKEFILES", evil},
                    {"CPATH", "/nonexistent"},
                    {"VERILATOR_ROOT", "/nonexistent"},
                    {"PERL5OPT", "-Mnonsense"},
                    {"CCACHE_DIR", "/proc/none"},
                    {"CCACHE_COMPILER", "false"},
                    {"HOME", "/proc/none"},
                    {"XDG_CACHE_HOME", "/proc/none"},
                    {"XDG_RUNTIME_DIR", "/proc/none"}});
  EXPECT_EQ(leftovers(), std::vector<std::string>{});
  const auto written = fs::last_write_time(model());
  expect_simulated();
  EXPECT_EQ(fs::last_write_time(model()), written) << "the same model serves everybody";
}

TEST_F(ModelCache, WhatIsDamagedIsBuiltAgain) {
  expect_simulated();
  const fs::path library = model();
  const std::string name = fs::relative(library, directory_);
  const std::string whole = read(name);
  const auto replace = [&](std::string_view bytes) {
    fs::remove(library);
    write(name, bytes);
  };
  const auto expect_rebuilt = [&](const char* what) {
    SCOPED_TRACE(what);
    expect_simulated();
    EXPECT_EQ(read(name).size(), whole.size());
    EXPECT_TRUE(tb::is_sealed(library));
    EXPECT_EQ(leftovers(), std::vector<std::string>{});
  };
  replace(whole.substr(0, 5000));
  expect_rebuilt("cut off");
  replace("");
  ASSERT_TRUE(tb::seal_model(library));
  expect_rebuilt("empty, and called whole");
  std::string changed = whole;
  changed[whole.size() / 2] ^= 1;
  replace(changed);
  fs::create_directory(library.parent_path().parent_path() /
                       (library.parent_path().filename().string() + ".tmp1"));
  expect_rebuilt("one bit is another, and a killed build left its directory");
  fs::remove(library);
  fs::create_directory(library);
  expect_rebuilt("a directory in its place");
}

/// Models share the runtime only below a path that make takes.
TEST_F(ModelCache, ADamagedRuntimeIsBuiltAgain) {
  const auto plain = PlainDirectory::create();
  ASSERT_TRUE(plain);
  const Environment cache = {{"MSQ_MODEL_CACHE", plain->path().string()}};
  const Arguments command = {"simulate", "--config", "tiny", "--synthetic", "8x8", "--tokens", "2"};
  ASSERT_EQ(run(command, cache).exit_code, 0);
  int cut = 0;
  for (const auto& entry : fs::recursive_directory_iterator(plain->path())) {
    if (entry.path().extension() != ".o") continue;
    fs::resize_file(entry.path(), 100);
    ++cut;
  }
  ASSERT_GT(cut, 0);
  for (const auto& entry : fs::directory_iterator(plain->path())) {
    if (fs::exists(entry.path() / "model.so")) fs::remove_all(entry.path());
  }
  const ProcessResult again = run(command, cache);
  EXPECT_EQ(again.exit_code, 0) << again.output;
}

TEST_F(ModelCache, AFailureIsShortInTheMessageAndWholeInTheLog) {
  write_tool("verilator",
             "[ \"$1\" = --version ] && exit 1\nmkdir obj\n"
             "yes 'x.cpp:1: error: no such thing in a rather long line' | head -c 900000\nexit 7\n");
  const ProcessResult result = simulate(with_tools());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_LT(result.output.size(), 3000U);
  EXPECT_NE(result.output.find("verilator failed on tiny (exit code 7, log: "), std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("lines more"), std::string::npos) << result.output;
  std::vector<std::string> logs;
  for (const std::string& name : listing("models")) {
    if (name.ends_with(".log")) logs.push_back(name);
    EXPECT_TRUE(name.ends_with(".log") || name.ends_with(".lock")) << "left behind: " << name;
  }
  ASSERT_EQ(logs.size(), 1U);
  EXPECT_EQ(read("models/" + logs[0]).size(), 900000U);
}

}  // namespace
}  // namespace msq::cli
