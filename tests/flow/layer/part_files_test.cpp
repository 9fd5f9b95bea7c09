#include "flow/layer/part_files.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "flow/layer/quantization.hpp"
#include "temporary_directory.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;
using golden::testing::TemporaryDirectory;

class PartFilesTest : public ::testing::Test {
 protected:
  std::unique_ptr<PartFiles> open(const std::string& generator = "one") {
    auto parts = PartFiles::open(output(), {generator, "1", {}, {}});
    EXPECT_TRUE(parts) << parts.error();
    return parts ? std::move(*parts) : nullptr;
  }
  [[nodiscard]] fs::path output() const { return directory_ / "q.safetensors"; }
  [[nodiscard]] fs::path parts() const { return directory_ / "q.safetensors.parts"; }

  static FinishedLayer finished() {
    auto quantization = quantize_weights({{16, 8, std::vector<float>(128, 0.5F)}, "w", true}, {});
    quantization->findings.weight_error = 1.0 / 3;  // no decimal fraction
    return {{"a", std::move(quantization->tensor), {}}, quantization->findings};
  }

  const PartKey key_{"a.weight", "a", golden::Layout::n_by_k, {{"x.npy", 5, 6, 7}}};
  TemporaryDirectory directory_;
};

TEST_F(PartFilesTest, ALayerIsFoundWithItsFindingsByTheNextRun) {
  const FinishedLayer layer = finished();
  ASSERT_TRUE(open()->add(3, key_, layer));
  const auto parts = open();
  EXPECT_FALSE(parts->restarted());
  const auto found = parts->find(3, key_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->k, 16);
  EXPECT_EQ(found->n, 8);
  EXPECT_EQ(found->statistics, layer.findings.statistics);
  EXPECT_EQ(found->bits.stored, layer.findings.bits.stored);
  EXPECT_EQ(found->bits.paper, layer.findings.bits.paper);
  EXPECT_EQ(found->weight_error, 1.0 / 3);
  EXPECT_EQ(parts->load(3, "a")->tensor, layer.layer.tensor);
}

TEST_F(PartFilesTest, ALayerOfAnotherKeyIsNotFound) {
  const auto parts = open();
  ASSERT_TRUE(parts->add(3, key_, finished()));
  PartKey changed = key_;
  changed.other_files[0].nanoseconds = 8;
  EXPECT_FALSE(parts->find(3, changed));
  EXPECT_FALSE(parts->find(2, key_));
}

TEST_F(PartFilesTest, ALayerWhoseFilesAreNotWholeIsNotFound) {
  const auto parts = open();
  ASSERT_TRUE(parts->add(0, key_, finished()));
  ASSERT_TRUE(parts->add(1, key_, finished()));
  std::ofstream(parts->directory() / "0000.json") << "{\"key\":";
  fs::resize_file(parts->directory() / "0001.safetensors", 100);
  EXPECT_FALSE(parts->find(0, key_));
  EXPECT_FALSE(parts->find(1, key_));
}

TEST_F(PartFilesTest, FindingsWithoutAFieldAreNotFound) {
  const auto parts = open();
  ASSERT_TRUE(parts->add(0, key_, finished()));
  const fs::path about = parts->directory() / "0000.json";
  std::string text;
  std::getline(std::ifstream(about), text, '\0');
  text.replace(text.find("weight_error"), 12, "weight_wrong");
  std::ofstream(about) << text;
  EXPECT_FALSE(parts->find(0, key_));
}

TEST_F(PartFilesTest, AnotherPlanBeginsAnew) {
  ASSERT_TRUE(open()->add(0, key_, finished()));
  const auto parts = open("another");
  EXPECT_TRUE(parts->restarted());
  EXPECT_FALSE(parts->find(0, key_));
}

TEST_F(PartFilesTest, ADirectoryWithoutFinishedLayersIsRemoved) {
  open();
  EXPECT_FALSE(fs::exists(parts()));
}

TEST_F(PartFilesTest, TwoRunsDoNotShareADirectory) {
  const auto first = open();
  const auto second = PartFiles::open(output(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), parts().string() + ": in use by another run that writes the same output");
}

TEST_F(PartFilesTest, FilesOfOthersAreLeftAlone) {
  fs::create_directory(parts());
  std::ofstream(parts() / "thesis.txt") << "precious";
  const auto refused = PartFiles::open(output(), {});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(fs::exists(parts() / "thesis.txt"));
}

TEST(FileStamps, NameAFileThatIsMissing) {
  const auto stamps = stamps_of({"/nonexistent/x.npy"});
  ASSERT_FALSE(stamps);
  EXPECT_EQ(stamps.error(), "/nonexistent/x.npy: cannot open: No such file or directory");
}

}  // namespace
}  // namespace msq::flow
