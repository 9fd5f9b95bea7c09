// Full disks, signals and dying tools at random moments, and names that a shell would misread: nothing
// half-written is ever taken for a result.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

class Hostile : public Flow {
 protected:
  /// The program behind other programs, such as `timeout`.
  ProcessResult behind(Arguments argv, const Arguments& arguments, const Environment& environment = {}) {
    argv.emplace_back(MSQ_PROGRAM);
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    Environment all = environment;
    const auto is_cache = [](const auto& variable) { return variable.first == "MSQ_MODEL_CACHE"; };
    if (std::none_of(all.begin(), all.end(), is_cache))
      all.emplace_back("MSQ_MODEL_CACHE", (directory_ / "models").string());
    auto result = run_process({.argv = argv, .working_directory = directory_, .environment = all});
    if (!result) throw std::runtime_error(result.error());
    return *result;
  }

  /// Names and bytes of all files below a directory.
  std::vector<std::pair<std::string, std::string>> contents(const std::string& below) const {
    std::vector<std::pair<std::string, std::string>> files;
    for (const std::string& name : listing(below))
      files.emplace_back(name, read(fmt::format("{}/{}", below, name)));
    return files;
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

TEST_F(Hostile, FileSizeLimit) {
  const Arguments quantize = {"quantize", "--synthetic", "64x64", "--bits", "4", "-o", "q.safetensors"};
  for (const char* limit : {"--fsize=0", "--fsize=100", "--fsize=2000"}) {
    const auto result = behind({"prlimit", limit}, quantize);
    EXPECT_EQ(result.exit_code, 2) << limit << result.output;
    EXPECT_EQ(listing(), std::vector<std::string>{}) << limit;
  }
  succeed({"quantize", "--synthetic", "8x8", "--bits", "2", "-o", "q.safetensors"});
  const std::string before = read("q.safetensors");
  EXPECT_EQ(behind({"prlimit", "--fsize=2000"}, quantize).exit_code, 2);
  EXPECT_EQ(read("q.safetensors"), before);
  EXPECT_EQ(behind({"prlimit", "--fsize=3000"}, {"generate", "--config", "tiny", "-o", "out"}).exit_code, 2);
  EXPECT_EQ(listing(), std::vector<std::string>{"q.safetensors"});
}

/// A file system that is full, where one may be mounted.
TEST_F(Hostile, FullDisk) {
  fs::create_directory(directory_ / "disk");
  const std::string script =
      R"(mount -t tmpfs -o size=64k none disk || exit 99; "$@"; c=$?; find disk -type f | wc -l; exit $c)";
  const Arguments inside = {"unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"};
  const auto small =
      behind(inside, {"quantize", "--synthetic", "8x8", "--bits", "2", "-o", "disk/q.safetensors"});
  if (small.exit_code == 99 || small.output.find("unshare") != std::string::npos)
    GTEST_SKIP() << "no mount is permitted here: " << small.output;
  EXPECT_EQ(small.exit_code, 0) << small.output;
  for (const Arguments& arguments :
       {Arguments{"quantize", "--synthetic", "512x512", "--bits", "4", "-o", "disk/q.safetensors"},
        Arguments{"generate", "--config", "8x8", "-o", "disk/out"}}) {
    const auto result = behind(inside, arguments);
    EXPECT_EQ(result.exit_code, 2) << result.output;
    EXPECT_NE(result.output.find("No space left on device"), std::string::npos) << result.output;
    EXPECT_TRUE(result.output.ends_with("\n0\n")) << "files left behind: " << result.output;
  }
}

/// Not every system has a package of the default library.
TEST_F(Hostile, NoDefaultLibrary) {
  const std::string script = R"(mount -t tmpfs none /usr/share/qflow || exit 99; exec "$@")";
  const Arguments inside = {"unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"};
  const auto result = behind(inside, {"run", "--config", "tiny", "--synthetic", "8x8", "--tokens", "1"},
                             {{"MSQ_MODEL_CACHE", MSQ_MODELS}});
  if (result.exit_code == 99 || result.output.find("unshare") != std::string::npos)
    GTEST_SKIP() << "no mount is permitted here: " << result.output;
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_NE(result.output.find("osu018_stdcells.lib: not found; the synthesis is left out"),
            std::string::npos);
  EXPECT_NE(result.output.find("Every check passed"), std::string::npos);
  const auto synth = behind(inside, {"synth", "--config", "tiny"});
  EXPECT_EQ(synth.exit_code, 2) << synth.output;
  EXPECT_NE(synth.output.find("--liberty"), std::string::npos) << synth.output;
}

/// Ctrl-C and the end without warning, wherever the program happens to be.
TEST_F(Hostile, SignalsAtRandomMoments) {
  std::mt19937 random(1);
  const Arguments generate = {"generate", "--config", "64x64", "-o", "out"};
  const Arguments quantize = {"quantize", "--synthetic", "512x512", "--bits", "2", "-o", "q.safetensors"};
  succeed(generate);
  succeed(quantize);
  const auto files = contents("out");
  const std::string quantized = read("q.safetensors");
  int interrupted = 0;
  for (int round = 0; round < 24; ++round) {
    const bool hard = round % 3 == 0;
    const bool fresh = round % 2 == 0;
    if (fresh) {
      fs::remove_all(directory_ / "out");
      fs::remove(directory_ / "q.safetensors");
    }
    const bool generates = round % 4 < 2;
    const bool existed = fs::exists(directory_ / (generates ? "out" : "q.safetensors"));
    const std::string after = std::to_string(std::uniform_real_distribution<>(0.002, 0.08)(random));
    const Arguments timeout = {"timeout", "--preserve-status", hard ? "--signal=KILL" : "--signal=INT",
                               after};
    const auto result = behind(timeout, generates ? generate : quantize);
    const bool finished = result.exit_code == 0;
    interrupted += finished ? 0 : 1;
    EXPECT_TRUE(finished || result.exit_code == (hard ? 137 : 130)) << result.exit_code << result.output;
    // All of it or nothing; an older output stays or is replaced whole.
    if (fs::exists(directory_ / "out")) {
      EXPECT_EQ(contents("out"), files) << "round " << round;
    }
    if (fs::exists(directory_ / "q.safetensors")) {
      EXPECT_EQ(read("q.safetensors"), quantized) << "round " << round;
    }
    if (finished || existed) {
      EXPECT_TRUE(fs::exists(directory_ / (generates ? "out" : "q.safetensors"))) << "round " << round;
    }
    for (const auto& entry : fs::directory_iterator(directory_)) {
      const std::string name = entry.path().filename();
      if (name == "out" || name == "q.safetensors" || name == "models") continue;
      EXPECT_TRUE(hard && name.starts_with('.')) << "left behind by round " << round << ": " << name;
      fs::remove_all(entry.path());
    }
  }
  EXPECT_GT(interrupted, 0);
  succeed(generate);
  succeed(quantize);
  EXPECT_EQ(contents("out"), files);
  EXPECT_EQ(read("q.safetensors"), quantized);
}

/// Verilator dies early and late; after that the model is built as if nothing had been.
TEST_F(Hostile, VerilatorThatDies) {
  const Arguments simulate = {"simulate", "--config", "tiny", "--synthetic", "8x8", "--tokens", "2"};
  const std::string real = "PATH=${PATH#*:}; export PATH\n[ \"$1\" = --version ] && exec verilator \"$@\"\n";
  const char* deaths[] = {
      "kill -9 $$\n", "mkdir -p obj; echo half > obj/model.so; kill -9 $$\n",
      "verilator \"$@\" & p=$!; until [ -d obj ]; do sleep 0.01; done; kill -9 $p; wait $p\n",
      "verilator \"$@\" || exit; echo half > obj/model.so; kill -9 $$\n"};
  for (const char* death : deaths) {
    write_tool("verilator", real + death);
    const auto result = behind({"env"}, simulate, with_tools());
    EXPECT_EQ(result.exit_code, 2) << death << result.output;
    EXPECT_NE(result.output.find("verilator failed"), std::string::npos) << result.output;
    EXPECT_EQ(result.output.find("bit-exact"), std::string::npos) << result.output;
  }
  const auto result = behind({"env"}, simulate);
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

TEST_F(Hostile, YosysThatDies) {
  const char* deaths[] = {"kill -9 $$\n", "echo 'Chip area for top module \\top: 1.0'; kill -9 $$\n",
                          "echo 'End of script.'; exit 0\n"};
  for (const char* death : deaths) {
    write_tool("yosys", death);
    const auto result = behind({"env"}, {"synth", "--config", "tiny", "--work", "work"}, with_tools());
    EXPECT_NE(result.exit_code, 0) << death << result.output;
    EXPECT_EQ(result.output.find("um^2"), std::string::npos) << "an area from nowhere: " << result.output;
  }
}

/// Names that an option parser, a shell or a tool might take for something else.
TEST_F(Hostile, NamesThatAShellWouldMisread) {
  const std::string names[] = {"with space",    "-dash",         "--help",        "$(touch pwned)",
                               "`touch pwned`", "a;touch pwned", "a|touch pwned", "quote's\"",
                               "new\nline",     "star*[x]?",     "back\\slash",   "caf\xc3\xa9",
                               "{\"json\": 1}", "%s%n",          "#comment"};
  const std::string npy = read(write_npy("w.npy", sample_matrix(12, 10)));
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    fs::create_directory(directory_ / name);
    const auto inside = [&name](const char* extension) { return fmt::format("{0}/{0}{1}", name, extension); };
    const std::string in = inside(".npy");
    const std::string out = inside(".safetensors");
    const std::string config = inside(".json");
    write(in, npy);
    write(config,
          R"({"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "none", "tree_rows": 1, "name": "t"})");
    // As the value of an option with `=`, a leading dash is no option.
    succeed({"quantize", "--weights=" + in, "--bits", "2", "--output=" + out, "--micro-block", "4"});
    succeed({"inspect", "./" + out});
    succeed({"generate", "--config=" + config, fmt::format("--output={}/out", name)});
    EXPECT_TRUE(fs::exists(directory_ / name / "out" / "manifest.json"));
    // A path through the parent directory is the same file.
    succeed({"inspect", fmt::format("./{}/../{}", name, out)});
    EXPECT_FALSE(fs::exists(directory_ / "pwned"));
    EXPECT_FALSE(fs::exists(directory_ / name / "pwned"));
  }
  // Names of files alone, in the working directory.
  for (const std::string& name : {std::string("-o.npy"), std::string("--bits.npy")}) {
    write(name, npy);
    succeed({"quantize", "--weights=" + name, "--bits", "2", "--output=" + name + ".safetensors"});
    EXPECT_TRUE(fs::exists(directory_ / (name + ".safetensors")));
  }
}

/// Tools get such names too: Verilator through the model cache, Yosys through its work directory and the
/// library.
TEST_F(Hostile, NamesThatReachTools) {
  const std::string name = "-a b;$(touch pwned)'\"";
  fs::create_directory(directory_ / name);
  const auto simulated =
      behind({"env", "-C", name}, {"simulate", "--config", "tiny", "--synthetic", "8x8", "--tokens", "2"},
             {{"MSQ_MODEL_CACHE", name + "/models"}});
  EXPECT_EQ(simulated.exit_code, 0) << simulated.output;
  fs::copy_file("/usr/share/qflow/tech/osu018/osu018_stdcells.lib",
                directory_ / name / "cells $(touch pwned).lib");
  const auto result = behind({"env"}, {"synth", "--config", "tiny", "--work=" + name + "/work",
                                       "--liberty=" + name + "/cells $(touch pwned).lib"});
  EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 2) << result.output;
  EXPECT_EQ(result.output.find("internal error"), std::string::npos) << result.output;
  for (const std::string& file : listing()) EXPECT_FALSE(file == "pwned" || file.ends_with("/pwned")) << file;
}

}  // namespace
}  // namespace msq::cli
