#include <future>
#include <span>

#include "golden/io/safetensors.hpp"
#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

class Tasks : public Flow {
 protected:
  void SetUp() override {
    Flow::SetUp();
    write_model(1);
  }

  /// Layers a, b and c; tensor 1 is none.
  void write_model(unsigned seed) {
    const golden::Matrix a = sample_matrix(16, 48, seed), b = sample_matrix(1024, 2048, 2),
                         c = sample_matrix(16, 64, 3);
    const auto named = [](const char* name, const golden::Matrix& matrix) {
      return golden::named_tensor(name, {matrix.rows, matrix.columns}, std::span<const float>(matrix.values));
    };
    const std::vector<golden::NamedTensor> tensors{named("a.weight", a), named("b.table", a),
                                                   named("b.weight", b), named("c.weight", c)};
    write("m.safetensors", *golden::safetensors_bytes(tensors, {}));
  }

  static Arguments quantize(const Arguments& more = {}, const char* bits = "2",
                            const char* output = "q.safetensors") {
    Arguments all = {"quantize", "-w", "m.safetensors", "-b", bits, "-o", output};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static Arguments sweep(const Arguments& more = {}) {
    Arguments all = {"sweep", "--set",         "size=4,8", "--set", "outlier_path=none", "--set", "modes=[4]",
                     "--set", "micro_block=4", "-o",       "out"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_F(Tasks, APlanIsOneJsonObject) {
  const auto plan = json(quantize({"--plan"}));
  EXPECT_EQ(plan["output"], "q.safetensors");
  ASSERT_EQ(plan["tasks"].size(), 3U);
  const auto& task = plan["tasks"][1];
  EXPECT_EQ(task["task"], 2);
  EXPECT_EQ(task["layer"], "b");
  EXPECT_EQ(task["bits"], 2);
  EXPECT_EQ(task["weights"], 1024 * 2048);
  EXPECT_GT(task["memory_mb"], plan["tasks"][0]["memory_mb"]);
  using Names = std::vector<std::string>;
  EXPECT_EQ(task["inputs"], (Names{"m.safetensors"}));
  EXPECT_EQ(task["outputs"],
            (Names{"q.safetensors.parts/0002.json", "q.safetensors.parts/0002.safetensors"}));
  EXPECT_EQ(plan["collect"]["outputs"], (Names{"q.safetensors"}));
  EXPECT_EQ(plan["collect"]["inputs"].size(), 7U);
  EXPECT_EQ(listing(), (Names{"m.safetensors"}));
}

TEST_F(Tasks, CalibrationIsAnInputOfItsLayer) {
  std::filesystem::create_directory(directory_ / "x");
  write_npy("x/a.npy", sample_matrix(100, 48));
  write_npy("x/c.weight.npy", sample_matrix(100, 64));
  const Arguments calibrated = {"--calibration", "x", "--exclude", "b.weight", "--plan"};
  const auto plan = json(quantize(calibrated));
  EXPECT_EQ(plan["tasks"][0]["inputs"], (std::vector<std::string>{"m.safetensors", "x/a.npy"}));
  EXPECT_EQ(plan["tasks"][1]["inputs"], (std::vector<std::string>{"m.safetensors", "x/c.weight.npy"}));
  // A task needs the calibration of its own layer only.
  std::filesystem::remove(directory_ / "x" / "a.npy");
  refuse(quantize(calibrated), {"a.npy"});
  succeed(quantize({"--calibration", "x", "--exclude", "b.weight", "--task", "3"}));
}

TEST_F(Tasks, JoinedLayersAreThePlainCommandByteForByte) {
  const std::string report = succeed(quantize({"--json"}));
  const std::string bytes = read("q.safetensors");
  std::filesystem::remove(directory_ / "q.safetensors");
  for (const char* task : {"3", "2", "0"}) {
    EXPECT_NE(succeed(quantize({"--task", task})).find(": done\n"), std::string::npos);
  }
  EXPECT_NE(succeed(quantize({"--task", "3"})).find("task 3: layer 'c' to 2 bits: done before\n"),
            std::string::npos);
  EXPECT_EQ(json(quantize({"--task", "0", "--json"}))["skipped"], true);
  EXPECT_EQ(succeed(quantize({"--collect", "--json"})), report);
  EXPECT_EQ(read("q.safetensors"), bytes);
  EXPECT_EQ(listing(), (std::vector<std::string>{"m.safetensors", "q.safetensors"}));
}

TEST_F(Tasks, ProcessesWorkAtOnce) {
  std::vector<std::future<ProcessResult>> running;
  for (const char* task : {"2", "2", "0", "3", "3"}) {
    running.push_back(std::async(std::launch::async, [this, task] {
      return run(quantize({"--task", task}));
    }));
  }
  for (auto& process : running) {
    const ProcessResult result = process.get();
    EXPECT_EQ(result.exit_code, 0) << result.output;
  }
  succeed(quantize({"--collect"}));
  succeed(quantize({}, "2", "plain.safetensors"));
  EXPECT_EQ(read("q.safetensors"), read("plain.safetensors"));
}

TEST_F(Tasks, AKilledTaskLeavesTheRest) {
  succeed(quantize({"--task", "0"}));
  Arguments argv = {"timeout", "--signal=KILL", "0.05", MSQ_PROGRAM};
  const Arguments task = quantize({"--task", "2"});
  argv.insert(argv.end(), task.begin(), task.end());
  const auto killed = run_process({.argv = argv, .working_directory = directory_});
  ASSERT_TRUE(killed) << killed.error();
  EXPECT_NE(killed->exit_code, 0);
  refuse(quantize({"--collect"}), {"q.safetensors: 2 of 3 tasks are not done: 2, 3;"});
  EXPECT_NE(succeed(quantize({"--task", "0"})).find("done before"), std::string::npos);
  for (const char* left : {"2", "3"})
    EXPECT_EQ(succeed(quantize({"--task", left})).find("done before"), std::string::npos);
  succeed(quantize({"--collect"}));
  succeed(quantize({}, "2", "plain.safetensors"));
  EXPECT_EQ(read("q.safetensors"), read("plain.safetensors"));
}

TEST_F(Tasks, OthersLayersAreNeverMixedIn) {
  succeed(quantize({"--task", "0"}));
  refuse(quantize({"--task", "3"}, "4"),
         {"q.safetensors.parts: found choices.bits 2; allowed: 4", "--plan removes"});
  refuse(quantize({"--collect"}, "4"), {"found choices.bits 2"});
  for (const char* task : {"2", "3"}) succeed(quantize({"--task", task}));
  write_model(7);
  refuse(quantize({"--collect"}), {"1 of 3 tasks are not done: 0;"});
  const std::string note = run(quantize({"--plan"}, "4")).output;
  EXPECT_NE(note.find("q.safetensors.parts: layers of other options removed"), std::string::npos) << note;
  succeed(quantize({"--task", "3"}, "4"));
}

TEST_F(Tasks, Refusals) {
  refuse(quantize({"--task", "1"}), {"--task: found 1; allowed: 0, 2, 3"});
  refuse(quantize({"--task", "-1"}), {"--task"});
  refuse(quantize({"--task", "x"}), {"--task"});
  refuse(quantize({"--task", "0", "--collect"}), {"--task", "--collect"});
  refuse(quantize({"--plan", "--list"}), {"--plan", "--list"});
  refuse(quantize({"--tensor", "a.weight", "--plan"}), {"--plan: found with one tensor"});
  refuse({"quantize", "--synthetic", "8x8", "-b", "2", "-o", "q.safetensors", "--task", "0"},
         {"--task: found with one tensor"});
  refuse(quantize({"--task", "0"}, "2", "missing/q.safetensors"), {"missing/q.safetensors.parts"});
  refuse(sweep({"--plan", "--collect"}), {"--plan", "--collect"});
  refuse(sweep({"--plan", "--liberty", "missing.lib"}), {"missing.lib"});
}

TEST_F(Tasks, ASweepPointByPoint) {
  write("grid.json", R"({"base": {"act_bits": 4}, "grid": {"size": [4]}})");
  const auto plan = json(sweep({"--plan", "--grid", "grid.json"}));
  ASSERT_EQ(plan["tasks"].size(), 2U);
  EXPECT_EQ(plan["tasks"][1]["task"], 1);
  EXPECT_EQ(plan["tasks"][1]["settings"]["size"], 8);
  EXPECT_EQ(plan["tasks"][1]["inputs"][0], "grid.json");
  EXPECT_EQ(plan["collect"]["outputs"],
            (std::vector<std::string>{"out/sweep.json", "out/sweep.csv", "out/sweep.html"}));
  EXPECT_EQ(listing(), (std::vector<std::string>{"grid.json", "m.safetensors"}));
  const auto result = run(sweep({"--collect"}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.output.find("out: 2 of 2 tasks are not done: 0, 1;"), std::string::npos) << result.output;

  std::vector<std::future<ProcessResult>> running;
  for (const char* task : {"1", "0"}) {
    running.push_back(std::async(std::launch::async, [this, task] {
      return run(sweep({"--grid", "grid.json", "--task", task}));
    }));
  }
  for (auto& process : running) {
    const ProcessResult done = process.get();
    EXPECT_EQ(done.exit_code, 0) << done.output;
  }
  for (const auto& task : plan["tasks"])
    EXPECT_TRUE(std::filesystem::exists(directory_ / task["outputs"][0].get<std::string>()));
  EXPECT_EQ(json(sweep({"--grid", "grid.json", "--task", "1", "--json"}))["skipped"], true);
  succeed(sweep({"--grid", "grid.json", "--collect"}));
  const std::string joined = read("out/sweep.json");
  succeed(sweep({"--grid", "grid.json"}));
  EXPECT_EQ(read("out/sweep.json"), joined) << "as the plain command with all points kept";
}

}  // namespace
}  // namespace msq::cli
