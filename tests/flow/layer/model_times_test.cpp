#include "flow/layer/model_times.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "temporary_directory.hpp"

namespace msq::flow {
namespace {

using golden::testing::TemporaryDirectory;

class ModelTimesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    request_.array.config = "8x8";
    request_.shapes = (directory_ / "shapes.csv").string();
    request_.tokens = 4;
    std::ofstream(request_.shapes) << "name,k,n,count\na,64,32,1\nb,32,16,3\n";
  }

  TemporaryDirectory directory_;
  ModelRequest request_;
};

TEST_F(ModelTimesTest, TotalsCountEveryGemm) {
  const auto times = time_model(request_);
  ASSERT_TRUE(times) << times.error();
  ASSERT_EQ(times->layers.size(), 2U);
  EXPECT_EQ(times->layers[1].count, 3);
  const ModelTimesTotals totals = times->totals();
  EXPECT_EQ(totals.macs, 4 * (64 * 32 + 3 * 32 * 16));
  EXPECT_EQ(totals.cycles, times->layers[0].cycles() + 3 * times->layers[1].cycles());
  EXPECT_EQ(times->utilization(), totals.macs / (totals.cycles * 8 * 16));  // mode 2: 16 columns
}

TEST_F(ModelTimesTest, DecodingRunsOneTokenAfterTheOther) {
  request_.decode = true;
  const auto times = time_model(request_);
  ASSERT_TRUE(times);
  EXPECT_EQ(times->layers[0].shape.m, 1);
  EXPECT_EQ(times->layers[0].count, 4);
  EXPECT_EQ(times->layers[1].count, 12);
  EXPECT_EQ(times->totals().macs, 4 * (64 * 32 + 3 * 32 * 16));
}

TEST_F(ModelTimesTest, APlainArrayHasNoOutliers) {
  request_.array.config = "none-8x8";
  const auto times = time_model(request_);
  ASSERT_TRUE(times);
  EXPECT_EQ(times->rate, 0);
  request_.rate = 0.1;
  const auto refused = time_model(request_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), "--outlier-rate: found 0.1; allowed with outlier_path \"none\": 0");
}

TEST_F(ModelTimesTest, SomethingMustNameTheLayers) {
  request_.shapes.clear();
  const auto times = time_model(request_);
  ASSERT_FALSE(times);
  EXPECT_EQ(times.error(), "shapes: found none; allowed: one of --model, --shapes and --quantized");
}

}  // namespace
}  // namespace msq::flow
