#include "golden/quantize/calibration.hpp"

#include <gtest/gtest.h>

#include <random>

#include "golden/io/npy.hpp"
#include "tests/io/temporary_directory.hpp"

namespace msq::golden {
namespace {

using testing::contains;
using testing::TemporaryDirectory;

TEST(Calibration, ByHand) {
  Calibration calibration(2);
  ASSERT_TRUE(calibration.add(std::vector<float>{1, -3, 2, 0.5F}));
  ASSERT_TRUE(calibration.add(std::vector<float>{-4, 1}));
  EXPECT_EQ(calibration.largest, (std::vector<float>{4, 3}));
  EXPECT_EQ(calibration.hessian.tokens(), 3);
  EXPECT_EQ(calibration.hessian.lower()(0, 0), 2 * (1 + 4 + 16));
  EXPECT_EQ(calibration.hessian.lower()(1, 0), 2 * (-3 + 1 - 4));
  EXPECT_EQ(calibration.hessian.lower()(1, 1), 2 * (9 + 0.25 + 1));
  EXPECT_FALSE(calibration.add(std::vector<float>{1, 2, 3}));
}

// 16 MiB hold 2048 tokens of 2048 inputs: 2500 are read in two batches.
TEST(Calibration, BatchesGiveTheSameBits) {
  constexpr std::int64_t kInputs = 2048;
  constexpr std::int64_t kTokens = 2500;
  Matrix x{kTokens, kInputs, std::vector<float>(static_cast<std::size_t>(kTokens * kInputs))};
  std::mt19937 engine(3);
  for (float& value : x.values) value = static_cast<float>(engine() % 1000) / 37.0F - 13;
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_npy(directory / "x.npy", x));
  std::vector<double> told;
  const auto read = calibrate(RowReader::open(directory / "x.npy", "").value(), 1,
                              [&told](double part) { told.push_back(part); });
  ASSERT_TRUE(read) << read.error();
  Calibration whole(kInputs);
  ASSERT_TRUE(whole.add(x.values));
  EXPECT_EQ(told, (std::vector<double>{2048.0 / 2500, 1}));
  EXPECT_EQ(read->largest, whole.largest);
  EXPECT_EQ(read->hessian.tokens(), kTokens);
  EXPECT_TRUE(read->hessian.lower() == whole.hessian.lower());
}

/// Counted four times, a token is as good as four.
TEST(Calibration, TokensCountSeveralTimes) {
  Calibration counted(2);
  const std::vector<double> counts{1, 4, 1};
  ASSERT_TRUE(counted.add(std::vector<float>{1, -3, 2, 0.5F, 5, 5}, counts));
  Calibration repeated(2);
  ASSERT_TRUE(repeated.add(std::vector<float>{1, -3, 2, 0.5F, 2, 0.5F, 2, 0.5F, 2, 0.5F, 5, 5}));
  for (const auto& [row, column] : {std::pair{0, 0}, {1, 0}, {1, 1}})
    EXPECT_EQ(counted.hessian.lower()(row, column), repeated.hessian.lower()(row, column));
  EXPECT_EQ(counted.hessian.tokens(), 3);
  EXPECT_EQ(counted.largest, repeated.largest);
}

/// The median is that of all tokens, whatever the batches.
TEST(Calibration, MassiveTokensOfAFileCountMore) {
  constexpr std::int64_t kInputs = 2048;
  constexpr std::int64_t kTokens = 2500;  // two batches
  Matrix x{kTokens, kInputs, std::vector<float>(static_cast<std::size_t>(kTokens * kInputs))};
  for (std::int64_t t = 0; t < kTokens; ++t) x.values[static_cast<std::size_t>(t * kInputs + t % 7)] = 1;
  for (const std::int64_t t : {0, 2100}) x.values[static_cast<std::size_t>(t * kInputs + 100)] = 16;
  x.values[static_cast<std::size_t>(1 * kInputs + 101)] = 15;
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_npy(directory / "x.npy", x));
  const auto read = calibrate(RowReader::open(directory / "x.npy", "").value(), 9);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->hessian.lower()(100, 100), 2 * 9 * (256 + 256));
  EXPECT_EQ(read->hessian.lower()(101, 101), 2 * 225);
  EXPECT_EQ(read->hessian.tokens(), kTokens);
}

TEST(Calibration, NotANumberIsNamed) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_npy(directory / "x.npy", {2, 2, {1, 2, std::nanf(""), 4}}));
  const auto read = calibrate(RowReader::open(directory / "x.npy", "").value());
  EXPECT_TRUE(contains(read.error(), {"x.npy", "[token=1][k=0]", "nan"}));
}

}  // namespace
}  // namespace msq::golden
