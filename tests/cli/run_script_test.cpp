// run.sh hands its options to `microscopiq run` as they are, with the default weights there or not.

#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

/// A copy of the script beside programs that only print their arguments.
class RunScript : public Flow {
 protected:
  void SetUp() override {
    Flow::SetUp();
    fs::create_directories(directory_ / "build/release/cli");
    fs::create_directories(directory_ / "build/weights");
    fs::copy_file(MSQ_RUN_SCRIPT, directory_ / "run.sh");
    for (const char* program : {"setup.sh", "build/release/cli/microscopiq"}) {
      write(program, "#!/bin/sh\nprintf '[%s]' \"$@\"\n");
      fs::permissions(directory_ / program, fs::perms::owner_all);
    }
  }

  std::string output(const Arguments& arguments) {
    Arguments argv = {(directory_ / "run.sh").string()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const auto result = run_process({.argv = argv});
    return result && result->exit_code == 0 ? result->output : "failed";
  }
};

TEST_F(RunScript, HandsOptionsOn) {
  for (const bool weights : {false, true}) {
    if (weights) write("build/weights/model.safetensors", "");
    EXPECT_EQ(output({}), "[--weights][run]");
    EXPECT_EQ(output({"-w", "my file"}), "[--weights][run][-w][my file]");
    EXPECT_EQ(output({"--synthetic", "64x64", "--json"}), "[--weights][run][--synthetic][64x64][--json]");
  }
}

/// The program takes the weights of the default place itself, unless others are named.
TEST_F(RunScript, LeavesTheDefaultToTheProgram) {
  write("build/weights/model.safetensors", "");
  refuse({"run", "--config", "tiny", "--no-synth"}, {"build/weights/model.safetensors"});
  refuse({"run", "--config", "tiny", "--no-synth", "-w", "none.npy"}, {"none.npy"});
  succeed({"run", "--config", "tiny", "--no-synth", "--synthetic", "8x8", "--tokens", "2"});
}

}  // namespace
}  // namespace msq::cli
