#include "golden/io/float_write.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "golden/io/float16.hpp"

namespace msq::golden {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class T>
T stored(double value, FloatType type) {
  std::vector<std::byte> bytes;
  append_float(bytes, value, type);
  EXPECT_EQ(bytes.size(), sizeof(T));
  T element{};
  std::memcpy(&element, bytes.data(), sizeof(T));
  return element;
}

TEST(FloatWrite, EveryHalfIsWrittenAsItself) {
  for (unsigned code = 0; code < 0x10000U; ++code) {
    const float value = from_float16(static_cast<std::uint16_t>(code));
    if (std::isnan(value)) continue;
    EXPECT_EQ(stored<std::uint16_t>(value, FloatType::f16), code);
  }
}

TEST(FloatWrite, EveryBfloatIsWrittenAsItself) {
  for (unsigned code = 0; code < 0x10000U; ++code) {
    const float value = from_bfloat16(static_cast<std::uint16_t>(code));
    if (std::isnan(value)) continue;
    EXPECT_EQ(stored<std::uint16_t>(value, FloatType::bf16), code);
  }
}

/// Between two neighbours the nearer one, in the middle the even one.
TEST(FloatWrite, HalvesRoundToTheNearestAndTiesToEven) {
  for (std::uint16_t code = 0; code < 0x7BFFU; ++code) {
    const double low = from_float16(code);
    const double high = from_float16(static_cast<std::uint16_t>(code + 1));
    const double middle = (low + high) / 2;
    const std::uint16_t even = code % 2 == 0 ? code : static_cast<std::uint16_t>(code + 1);
    EXPECT_EQ(stored<std::uint16_t>(middle, FloatType::f16), even);
    EXPECT_EQ(stored<std::uint16_t>(std::nextafter(middle, 0.0), FloatType::f16), code);
    EXPECT_EQ(stored<std::uint16_t>(std::nextafter(middle, kInfinity), FloatType::f16), code + 1);
  }
}

TEST(FloatWrite, DoublesRoundOnce) {
  // To float32 first, the middle between two bfloat16 would seem to be hit.
  const double above = 1 + 0x1p-8 + 0x1p-40;
  EXPECT_EQ(stored<std::uint16_t>(above, FloatType::bf16), 0x3F81);
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 10000; ++i) {
    const double value = std::ldexp(normal(random), static_cast<int>(random() % 300) - 160);
    EXPECT_EQ(stored<float>(value, FloatType::f32), static_cast<float>(value));
  }
  EXPECT_EQ(stored<double>(above, FloatType::f64), above);
}

TEST(FloatWrite, BeyondTheRangeIsInfinite) {
  EXPECT_EQ(round_to(65519.99, FloatType::f16), 65504);
  EXPECT_EQ(round_to(65520, FloatType::f16), kInfinity);
  EXPECT_EQ(round_to(-1e39, FloatType::bf16), -kInfinity);
  EXPECT_EQ(round_to(1e39, FloatType::f32), kInfinity);
  EXPECT_EQ(stored<std::uint16_t>(-kInfinity, FloatType::f16), 0xFC00);
  EXPECT_EQ(stored<std::uint16_t>(-0.0, FloatType::f16), 0x8000);
  EXPECT_EQ(stored<std::uint16_t>(-1e-30, FloatType::f16), 0x8000);
}

}  // namespace
}  // namespace msq::golden
