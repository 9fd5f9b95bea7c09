#include "golden/baselines/float16_round.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "golden/io/float16.hpp"

namespace msq::golden::baselines {
namespace {

TEST(Float16Round, EveryPositiveNumberIsItsOwn) {
  for (std::uint16_t code = 1; code < 0x7C00; ++code) {
    EXPECT_EQ(scale_to_float16(from_float16(code)), from_float16(code)) << code;
  }
}

TEST(Float16Round, BetweenNeighboursToTheNearerAndInTheMiddleToTheEvenCode) {
  for (std::uint16_t code = 1; code < 0x7BFF; ++code) {
    const double low = from_float16(code);
    const double high = from_float16(static_cast<std::uint16_t>(code + 1));
    const double middle = (low + high) / 2;
    EXPECT_EQ(scale_to_float16(middle), code % 2 == 0 ? low : high) << code;
    EXPECT_EQ(scale_to_float16(std::nextafter(middle, 0.0)), low) << code;
    EXPECT_EQ(scale_to_float16(std::nextafter(middle, 1e9)), high) << code;
  }
}

TEST(Float16Round, NeitherVanishesNorOverflows) {
  EXPECT_EQ(scale_to_float16(0), 0x1p-24);
  EXPECT_EQ(scale_to_float16(1e-30), 0x1p-24);
  EXPECT_EQ(scale_to_float16(65520), 65504);
  EXPECT_EQ(scale_to_float16(std::numeric_limits<double>::max()), 65504);
}

}  // namespace
}  // namespace msq::golden::baselines
