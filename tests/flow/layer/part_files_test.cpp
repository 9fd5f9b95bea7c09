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
  std::unique_ptr<PartFiles> open(const std::string& generator = "one", std::size_t layers = 4) {
    auto parts = PartFiles::open(output(), {generator, "1", {}, layers});
    EXPECT_TRUE(parts) << parts.error();
    return parts ? std::move(*parts) : nullptr;
  }
  [[nodiscard]] fs::path output() const { return directory_ / "q.safetensors"; }
  [[nodiscard]] fs::path parts() const { return directory_ / "q.safetensors.parts"; }

  static FinishedLayer finished() {
    auto quantization = quantize_weights({{16, 8, std::vector<float>(128, 0.5F)}, "w", true}, {});
    quantization->findings.weight_error = 1.0 / 3;
    quantization->findings.output_error = 0.1;  // no decimal fraction
    quantization->findings.warnings = {"doubtful"};
    quantization->findings.statistics.demoted_too_small = 5;
    return {{"a", std::move(quantization->tensor), {}}, quantization->findings};
  }

  const PartKey key_{"a.weight", "a", golden::Layout::n_by_k, 2, "weights", "tokens"};
  TemporaryDirectory directory_;
};

TEST_F(PartFilesTest, ALayerIsFoundWithItsFindingsByTheNextRun) {
  const FinishedLayer layer = finished();
  ASSERT_TRUE(open()->add(3, key_, layer));
  const auto parts = open();
  EXPECT_FALSE(parts->restarted());
  EXPECT_TRUE(parts->has(3));
  const FoundPart part = parts->find(3, key_);
  EXPECT_FALSE(part.of_another);
  const auto& found = part.findings;
  ASSERT_TRUE(found);
  EXPECT_EQ(found->k, 16);
  EXPECT_EQ(found->n, 8);
  EXPECT_EQ(found->statistics, layer.findings.statistics);
  EXPECT_EQ(found->bits.stored, layer.findings.bits.stored);
  EXPECT_EQ(found->bits.paper, layer.findings.bits.paper);
  EXPECT_EQ(found->weight_error, 1.0 / 3);
  EXPECT_EQ(found->output_error, 0.1);
  EXPECT_EQ(found->warnings, (std::vector<std::string>{"doubtful"}));
  EXPECT_EQ(golden::load_quantized(parts->layer_file(3), "a")->tensor, layer.layer.tensor);
}

TEST_F(PartFilesTest, ALayerOfAnotherKeyIsNotFound) {
  const auto parts = open();
  ASSERT_TRUE(parts->add(3, key_, finished()));
  for (std::string PartKey::*member :
       {&PartKey::tensor, &PartKey::layer, &PartKey::weights, &PartKey::calibration}) {
    PartKey changed = key_;
    changed.*member += "2";
    EXPECT_FALSE(parts->find(3, changed).findings);
    EXPECT_TRUE(parts->find(3, changed).of_another);
  }
  EXPECT_FALSE(parts->has(2));
  EXPECT_FALSE(parts->find(2, key_).findings);
  EXPECT_FALSE(parts->find(2, key_).of_another);
}

TEST_F(PartFilesTest, ALayerWhoseFilesAreNotWholeIsNotFound) {
  const auto parts = open();
  ASSERT_TRUE(parts->add(0, key_, finished()));
  ASSERT_TRUE(parts->add(1, key_, finished()));
  std::ofstream(parts->directory() / "0000.json") << "{\"key\":";
  fs::resize_file(parts->directory() / "0001.safetensors", 100);
  EXPECT_FALSE(parts->find(0, key_).findings);
  EXPECT_FALSE(parts->find(1, key_).findings);
}

TEST_F(PartFilesTest, FindingsWithoutAFieldAreNotFound) {
  const auto parts = open();
  ASSERT_TRUE(parts->add(0, key_, finished()));
  const fs::path about = parts->directory() / "0000.json";
  std::string text;
  std::getline(std::ifstream(about), text, '\0');
  text.replace(text.find("weight_error"), 12, "weight_wrong");
  std::ofstream(about) << text;
  EXPECT_FALSE(parts->find(0, key_).findings);
}

TEST_F(PartFilesTest, AnotherPlanBeginsAnew) {
  ASSERT_TRUE(open()->add(0, key_, finished()));
  const auto parts = open("another");
  EXPECT_TRUE(parts->restarted());
  EXPECT_FALSE(parts->find(0, key_).findings);
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

TEST_F(PartFilesTest, MoreOrFewerLayersAreTheSamePlan) {
  ASSERT_TRUE(open()->add(3, key_, finished()));
  EXPECT_TRUE(open("one", 2)->find(3, key_).findings);
  const auto parts = open("one", 9);
  EXPECT_FALSE(parts->restarted());
  EXPECT_TRUE(parts->find(3, key_).findings);
  ASSERT_TRUE(parts->add(8, key_, finished()));
  parts->remove();
  EXPECT_FALSE(fs::exists(this->parts()));
}

/// Named as parts, but no plan names them, or another program's.
TEST_F(PartFilesTest, FilesOfOthersThatLookLikePartsAreLeftAlone) {
  const auto refused = [this](const std::string& name) {
    for (const char* generator : {"one", "another"}) {
      const auto opened = PartFiles::open(output(), {generator, "1", {}, 4});
      ASSERT_FALSE(opened) << name;
      EXPECT_NE(opened.error().find("found '" + name + "', which quantize did not write"), std::string::npos)
          << opened.error();
      EXPECT_TRUE(fs::exists(parts() / name));
    }
  };
  fs::create_directory(parts());
  for (const char* name : {"0000.safetensors", "0001.json", ".x.0123456789abcdef.tmp", "plan.json"}) {
    std::ofstream(parts() / name) << "{}";
    refused(name);
    fs::remove(parts() / name);
  }
  ASSERT_TRUE(open()->add(3, key_, finished()));
  for (const char* name : {"0004.safetensors", "4.json", "00003.json", "2024.json", ".0001.json.tmp",
                           ".0001.json.0123456789abcdeg.tmp", ".0004.json.0123456789abcdef.tmp"}) {
    std::ofstream(parts() / name) << "{}";
    refused(name);
    fs::remove(parts() / name);
  }
  fs::create_symlink("0003.json", parts() / "0002.json");
  refused("0002.json");
  fs::remove(parts() / "0002.json");
  std::ofstream(parts() / ".0001.json.0123456789abcdef.tmp") << "{";  // what a kill may leave
  EXPECT_TRUE(open()->find(3, key_).findings);
  EXPECT_FALSE(fs::exists(parts() / ".0001.json.0123456789abcdef.tmp"));
}

}  // namespace
}  // namespace msq::flow
