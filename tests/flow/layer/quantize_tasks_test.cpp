#include "flow/layer/quantize_tasks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <optional>

#include "flow/layer/part_files.hpp"
#include "golden/io/safetensors.hpp"
#include "temporary_directory.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;
using golden::testing::TemporaryDirectory;

class QuantizeTasks : public ::testing::Test {
 protected:
  void SetUp() override { write_model(0.1F); }

  /// Layers a, b and c, and a tensor between them that is none.
  void write_model(float first) {
    const auto values = [&](float scale) {
      std::vector<float> some;
      some.reserve(128);
      for (int i = 0; i < 128; ++i) some.push_back(scale * static_cast<float>(i % 11 - 5));
      return some;
    };
    const std::vector<float> a = values(first), b = values(0.3F), c = values(0.5F);
    const auto tensor = [](const char* name, const std::vector<float>& from) {
      return golden::named_tensor(name, {8, 16}, std::span<const float>(from));
    };
    const std::vector<golden::NamedTensor> tensors{tensor("a.weight", a), tensor("b.table", b),
                                                   tensor("b.weight", b), tensor("c.weight", c)};
    ASSERT_TRUE(golden::write_safetensors(directory_ / "m.safetensors", tensors, {}));
    model_.emplace(golden::ModelFile::open(directory_ / "m.safetensors").value());
    tensors_ = select_tensors(*model_, {}, {}).value();
  }

  [[nodiscard]] QuantizeRequest request(int bits = 2, const char* output = "q.safetensors") const {
    QuantizeRequest request{(directory_ / output).string(), {}, {}};
    request.choices.options.bits = bits;
    return request;
  }
  Result<QuantizePlan> plan(const QuantizeRequest& request) {
    return plan_quantization({*model_, tensors_, request},
                             [this](const std::string& note) { notes_ += note; });
  }
  Result<LayerTaskDone> run(std::size_t number, const QuantizeRequest& request) {
    return run_quantization_task({*model_, tensors_, request}, number);
  }
  Result<ModelFindings> collect(const QuantizeRequest& request) {
    return collect_quantization({*model_, tensors_, request});
  }
  /// The file of the command in one go.
  std::string plain_bytes(QuantizeRequest request) {
    request.output = (directory_ / "plain.safetensors").string();
    EXPECT_TRUE(quantize_model({*model_, tensors_, request}, [](const std::string&) {}));
    return bytes(request.output);
  }
  static std::string bytes(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] fs::path parts() const { return directory_ / "q.safetensors.parts"; }

  TemporaryDirectory directory_;
  std::optional<golden::ModelFile> model_;
  std::vector<ListedTensor> tensors_;
  std::string notes_;
};

TEST_F(QuantizeTasks, ThePlanNamesEveryFile) {
  const auto made = plan(request());
  ASSERT_TRUE(made) << made.error();
  ASSERT_EQ(made->tasks.size(), 3U);
  const LayerTask& last = made->tasks[2];
  EXPECT_EQ(last.number, 3U) << "its place in the model";
  EXPECT_EQ(last.layer, "c");
  EXPECT_EQ(last.bits, 2);
  EXPECT_EQ(last.k, 16);
  EXPECT_EQ(last.n, 8);
  EXPECT_GT(last.memory_mb, 0);
  EXPECT_EQ(last.files.inputs, (std::vector<fs::path>{directory_ / "m.safetensors"}));
  EXPECT_EQ(last.files.outputs, (std::vector<fs::path>{parts() / "0003.json", parts() / "0003.safetensors"}));
  EXPECT_EQ(made->collect.inputs.size(), 7U) << "the model once, two files of each layer";
  EXPECT_EQ(made->collect.outputs, (std::vector<fs::path>{directory_ / "q.safetensors"}));
  EXPECT_FALSE(fs::exists(parts()));
}

TEST_F(QuantizeTasks, TheFileOfAConfigurationIsAnInput) {
  QuantizeRequest mixed = request();
  mixed.widths = WidthLimit{WidthLimit::Of::cycles, 0.9, CycleTarget{{}, 1, "array.json"}};
  const auto made = plan(mixed);
  ASSERT_TRUE(made) << made.error();
  for (const LayerTask& task : made->tasks) {
    EXPECT_EQ(task.files.inputs, (std::vector<fs::path>{directory_ / "m.safetensors", "array.json"}));
  }
  EXPECT_EQ(std::ranges::count(made->collect.inputs, fs::path("array.json")), 1);
}

TEST_F(QuantizeTasks, OutputsAreThoseOfThePlan) {
  const auto made = plan(request());
  for (const LayerTask& task : made->tasks) {
    const auto done = run(task.number, request());
    ASSERT_TRUE(done) << done.error();
    EXPECT_FALSE(done->skipped);
    for (const fs::path& file : task.files.outputs) EXPECT_TRUE(fs::exists(file)) << file;
  }
  const auto files = std::distance(fs::directory_iterator(parts()), fs::directory_iterator());
  EXPECT_EQ(files, 7) << "and the plan";
}

TEST_F(QuantizeTasks, InAnyOrderAndTwiceTheFileIsThatOfThePlainRun) {
  for (const std::size_t number : {3U, 0U, 2U}) ASSERT_TRUE(run(number, request()));
  const auto again = run(0, request());
  ASSERT_TRUE(again) << again.error();
  EXPECT_TRUE(again->skipped);
  const auto findings = collect(request());
  ASSERT_TRUE(findings) << findings.error();
  EXPECT_EQ(findings->layers.size(), 3U);
  EXPECT_EQ(findings->resumed, 0U);
  EXPECT_EQ(bytes(directory_ / "q.safetensors"), plain_bytes(request()));
  EXPECT_FALSE(fs::exists(parts()));
}

TEST_F(QuantizeTasks, AnAverageHasTwoTasksALayer) {
  QuantizeRequest mixed = request();
  mixed.widths = WidthLimit{WidthLimit::Of::stored_bits, 8};
  const auto made = plan(mixed);
  ASSERT_TRUE(made) << made.error();
  ASSERT_EQ(made->tasks.size(), 6U);
  EXPECT_EQ(made->tasks[5].number, 7U);
  EXPECT_EQ(made->tasks[5].bits, 4);
  for (const LayerTask& task : made->tasks) ASSERT_TRUE(run(task.number, mixed));
  const auto findings = collect(mixed);
  ASSERT_TRUE(findings) << findings.error();
  EXPECT_EQ(bytes(directory_ / "q.safetensors"), plain_bytes(mixed));
}

TEST_F(QuantizeTasks, TasksRunAtOnceEvenTheSameTask) {
  std::vector<std::future<Result<LayerTaskDone>>> running;
  for (const std::size_t number : {0U, 2U, 3U, 0U, 3U}) {
    running.push_back(std::async(std::launch::async, [this, number] { return run(number, request()); }));
  }
  for (auto& task : running) {
    const auto done = task.get();
    EXPECT_TRUE(done) << done.error();
  }
  ASSERT_TRUE(collect(request()));
  EXPECT_EQ(bytes(directory_ / "q.safetensors"), plain_bytes(request()));
}

TEST_F(QuantizeTasks, CollectingNamesTheTasksThatAreLeft) {
  const std::string output = request().output;
  EXPECT_EQ(collect(request()).error(),
            output + ": 3 of 3 tasks are not done: 0, 2, 3; allowed: --collect after all of them");
  EXPECT_FALSE(fs::exists(parts()));
  ASSERT_TRUE(run(2, request()));
  EXPECT_EQ(collect(request()).error(),
            output + ": 2 of 3 tasks are not done: 0, 3; allowed: --collect after all of them");
  EXPECT_TRUE(fs::exists(parts() / "0002.safetensors"));
}

TEST_F(QuantizeTasks, ALayerOfOtherWeightsIsNotCollectedAndMadeAgain) {
  for (const std::size_t number : {0U, 2U, 3U}) ASSERT_TRUE(run(number, request()));
  write_model(0.2F);
  const auto refused = collect(request());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("1 of 3 tasks are not done: 0;"), std::string::npos) << refused.error();
  EXPECT_FALSE(run(0, request())->skipped);
  EXPECT_TRUE(run(2, request())->skipped);
  ASSERT_TRUE(collect(request()));
  EXPECT_EQ(bytes(directory_ / "q.safetensors"), plain_bytes(request()));
}

TEST_F(QuantizeTasks, ATaskOfOtherOptionsIsRefusedUntilAPlanClearsTheLayers) {
  ASSERT_TRUE(run(0, request(2)));
  const std::string difference = parts().string() +
                                 ": found choices.bits 2; allowed: 4, as here; --plan removes layers of "
                                 "other options";
  EXPECT_EQ(run(2, request(4)).error(), difference);
  EXPECT_EQ(collect(request(4)).error(), difference);
  EXPECT_TRUE(fs::exists(parts() / "0000.safetensors"));
  ASSERT_TRUE(plan(request(2)));
  EXPECT_TRUE(fs::exists(parts() / "0000.safetensors")) << "of the same options";
  EXPECT_EQ(notes_, "");
  ASSERT_TRUE(plan(request(4)));
  EXPECT_EQ(notes_, parts().string() + ": layers of other options removed");
  EXPECT_FALSE(fs::exists(parts()));
  EXPECT_TRUE(run(2, request(4)));
}

/// As if it had been written on another machine, where no lock kept the two apart.
TEST_F(QuantizeTasks, ALayerOfAnotherPlanIsNotCollected) {
  for (const std::size_t number : {0U, 2U, 3U}) ASSERT_TRUE(run(number, request()));
  QuantizeRequest other = request(2, "o.safetensors");
  other.choices.options.outlier_sigma = 4;
  ASSERT_TRUE(run_quantization_task({*model_, tensors_, other}, 2));
  for (const char* name : {"0002.json", "0002.safetensors"}) {
    fs::copy_file(directory_ / "o.safetensors.parts" / name, parts() / name,
                  fs::copy_options::overwrite_existing);
  }
  const auto refused = collect(request());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("are not done: 2;"), std::string::npos) << refused.error();
}

TEST_F(QuantizeTasks, APlainRunAndTasksKeepApartButPlansDoNot) {
  ASSERT_TRUE(run(0, request()));
  {
    const auto task = PartFiles::open(request().output, {"x", "1", {}}, PartUse::task);
    EXPECT_FALSE(task) << "of another plan";
  }
  const Lock task = Lock::joined_directory(parts()).value();
  EXPECT_TRUE(run(2, request())) << "as another task does";
  EXPECT_TRUE(plan(request()));
  const std::string in_use = parts().string() + ": in use by another run that writes the same output";
  EXPECT_EQ(collect(request()).error(), in_use);
  EXPECT_EQ(plan(request(4)).error(), in_use);
  EXPECT_TRUE(fs::exists(parts() / "0000.safetensors"));
}

TEST_F(QuantizeTasks, ANumberOfNoTaskIsRefused) {
  EXPECT_EQ(run(1, request()).error(), "--task: found 1; allowed: 0, 2, 3");
  EXPECT_FALSE(fs::exists(parts()));
}

TEST_F(QuantizeTasks, FilesOfOthersAreLeftAlone) {
  fs::create_directory(parts());
  std::ofstream(parts() / "thesis.txt") << "precious";
  EXPECT_FALSE(plan(request()));
  EXPECT_FALSE(run(0, request()));
  EXPECT_FALSE(collect(request()));
  EXPECT_TRUE(fs::exists(parts() / "thesis.txt"));
}

TEST_F(QuantizeTasks, LayersWithoutAPlanAreRefused) {
  ASSERT_TRUE(run(0, request()));
  const std::string plan = bytes(parts() / "plan.json");
  for (const char* text : {"", "[", "[]", "{\"choices\": 3}"}) {
    std::ofstream(parts() / "plan.json") << text;
    const auto refused = run(2, request());
    ASSERT_FALSE(refused) << text;
    EXPECT_NE(refused.error().find("found 'plan.json', which quantize did not write"), std::string::npos)
        << refused.error();
    EXPECT_FALSE(this->plan(request()));
  }
  fs::remove(parts() / "plan.json");
  EXPECT_FALSE(run(2, request()));
  EXPECT_FALSE(this->plan(request()));
  std::ofstream(parts() / "plan.json") << plan;
  EXPECT_TRUE(run(2, request()));
}

TEST_F(QuantizeTasks, APlanOfOtherFieldsIsAnotherPlan) {
  ASSERT_TRUE(run(0, request()));
  std::ofstream(parts() / "plan.json") << R"({"generator": "x", "choices": 3, "layers": 8})";
  const auto refused = run(2, request());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("--plan removes layers of other options"), std::string::npos)
      << refused.error();
  ASSERT_TRUE(plan(request()));
  EXPECT_FALSE(fs::exists(parts()));
}

TEST(Tasks, ManyNumbersAreCounted) {
  std::vector<std::size_t> numbers(25);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
  EXPECT_EQ(task_numbers(numbers),
            "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 and 5 more");
  EXPECT_EQ(task_numbers({4}), "4");
}

}  // namespace
}  // namespace msq::flow
