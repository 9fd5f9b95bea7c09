#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

/// Ctrl-C one second after the start, in the middle of compiling a model.
TEST_F(Flow, InterruptLeavesNothingHalfDone) {
  const auto result = run_process({.argv = {"timeout", "--preserve-status", "--signal=INT", "1", MSQ_PROGRAM,
                                            "simulate", "--config", "64x64", "--synthetic", "64x64"},
                                   .working_directory = directory_,
                                   .environment = {{"MSQ_MODEL_CACHE", "models"}}});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->exit_code, 130) << result->output;
  for (const std::string& name : listing()) {
    EXPECT_TRUE(name == "models" || name.ends_with(".lock")) << name;
  }
}

TEST_F(Flow, InterruptDuringSynthesisEndsYosys) {
  const auto result = run_process({.argv = {"timeout", "--preserve-status", "--signal=INT", "1", MSQ_PROGRAM,
                                            "synth", "--config", "64x64"},
                                   .working_directory = directory_});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->exit_code, 130) << result->output;
  EXPECT_LT(result->wall_seconds, 10);
}

}  // namespace
}  // namespace msq::cli
