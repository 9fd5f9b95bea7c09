#include "flow/layer/inspect.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "golden/io/npy.hpp"
#include "temporary_directory.hpp"

namespace msq::flow {
namespace {

using golden::testing::TemporaryDirectory;

TEST(Inspect, StatisticsLeaveOutWhatIsNotFinite) {
  const TemporaryDirectory directory;
  const std::string file = (directory / "x.npy").string();
  ASSERT_TRUE(golden::write_npy(file, {2, 3, {1, NAN, 3, 5, INFINITY, -1}}));
  const auto description = inspect(file, "");
  ASSERT_TRUE(description) << description.error();
  const auto& array = std::get<ArrayDescription>(description->contents);
  EXPECT_EQ(array.shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(array.statistics.values, 6);
  EXPECT_EQ(array.statistics.not_finite, 2);
  ASSERT_TRUE(array.statistics.finite);
  EXPECT_EQ(array.statistics.finite->minimum, -1);
  EXPECT_EQ(array.statistics.finite->maximum, 5);
  EXPECT_EQ(array.statistics.finite->mean, 2);
  EXPECT_EQ(array.statistics.finite->sigma, std::sqrt(5.0));
}

TEST(Inspect, NothingFiniteHasNoDistribution) {
  const TemporaryDirectory directory;
  const std::string file = (directory / "x.npy").string();
  ASSERT_TRUE(golden::write_npy(file, {1, 2, {NAN, INFINITY}}));
  const auto description = inspect(file, "");
  ASSERT_TRUE(description);
  const auto& statistics = std::get<ArrayDescription>(description->contents).statistics;
  EXPECT_EQ(statistics.not_finite, 2);
  EXPECT_FALSE(statistics.finite);
}

TEST(Inspect, APresetIsAConfiguration) {
  const auto description = inspect("8x8", "");
  ASSERT_TRUE(description);
  const auto& of = std::get<ConfigDescription>(description->contents);
  EXPECT_EQ(of.config.name, "8x8");
  EXPECT_EQ(of.lanes, 8);
  EXPECT_EQ(of.sum_bits, of.config.acc_width());
}

TEST(Inspect, OtherFilesAndTensorsOfThemAreRefused) {
  const auto text = inspect("notes.txt", "");
  ASSERT_FALSE(text);
  EXPECT_TRUE(text.error().starts_with(
      "notes.txt: no file of a known kind; allowed: names that end in .npy, .safetensors, "
      ".onnx, .safetensors.index.json or .json, the directory of a checkpoint, or a "
      "preset: "))
      << text.error();
  const auto tensor = inspect("x.npy", "w");
  ASSERT_FALSE(tensor);
  EXPECT_EQ(tensor.error(), "--tensor: found \"w\"; allowed: only with a checkpoint or .onnx file");
}

}  // namespace
}  // namespace msq::flow
