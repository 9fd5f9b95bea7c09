#include "golden/quantize/rounding.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace msq::golden {
namespace {

TEST(Rounding, HalvesGoToEven) {
  EXPECT_EQ(round_half_even_symmetric(0.5, 7), 0);
  EXPECT_EQ(round_half_even_symmetric(1.5, 7), 2);
  EXPECT_EQ(round_half_even_symmetric(2.5, 7), 2);
  EXPECT_EQ(round_half_even_symmetric(-2.5, 7), -2);
  EXPECT_EQ(round_half_even_symmetric(-3.5, 7), -4);
  EXPECT_EQ(round_half_even_symmetric(std::nextafter(0.5, 1.0), 7), 1);
  EXPECT_EQ(round_half_even_symmetric(std::nextafter(2.5, 0.0), 7), 2);
  EXPECT_EQ(round_half_even_symmetric(-0.0, 7), 0);
}

TEST(Rounding, ClampsBeforeAnyOverflow) {
  EXPECT_EQ(round_half_even_symmetric(6.5, 7), 6);
  EXPECT_EQ(round_half_even_symmetric(6.51, 7), 7);
  EXPECT_EQ(round_half_even_symmetric(1e300, 7), 7);
  EXPECT_EQ(round_half_even_symmetric(-std::numeric_limits<double>::infinity(), 127), -127);
}

TEST(Rounding, AgreesWithNearbyint) {
  for (int i = -4096; i <= 4096; ++i) {
    const double value = i / 64.0;
    EXPECT_EQ(round_half_even_symmetric(value, 1000), static_cast<int>(std::nearbyint(value))) << value;
  }
}

TEST(Rounding, FloorLog2) {
  EXPECT_EQ(floor_log2(1.0), 0);
  EXPECT_EQ(floor_log2(std::nextafter(1.0, 0.0)), -1);
  EXPECT_EQ(floor_log2(static_cast<double>(std::numeric_limits<float>::denorm_min())), -149);
  EXPECT_EQ(floor_log2(static_cast<double>(std::numeric_limits<float>::max())), 127);
}

}  // namespace
}  // namespace msq::golden
