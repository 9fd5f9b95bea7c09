#include "golden/baselines/olive_codes.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

namespace msq::golden::baselines {
namespace {

TEST(OliveCodes, EveryPairOfStorableWeightsComesBack) {
  std::vector<int> weights;
  const OliveNumbers numbers = OliveNumbers::of(OliveNormal::integer, 4);
  for (const double magnitude : numbers.magnitudes()) {
    weights.push_back(static_cast<int>(magnitude));
    if (magnitude > 0) weights.push_back(-static_cast<int>(magnitude));
  }
  ASSERT_EQ(weights.size(), 29U);  // 0..7; 12, 16, 24, 32, 48, 64, 96
  int stored = 0;
  for (const int first : weights) {
    for (const int second : weights) {
      const auto byte = encode_olive_pair({first, second});
      const bool outlier = std::abs(first) > 7 || std::abs(second) > 7;
      ASSERT_EQ(byte.has_value(), !outlier || first * second == 0) << first << ' ' << second;
      if (!byte) continue;
      ++stored;
      EXPECT_EQ(decode_olive_pair(*byte), (OliveIntegers{first, second}));
    }
  }
  EXPECT_EQ(stored, 15 * 15 + 2 * 14);
}

TEST(OliveCodes, BytesByHand) {
  EXPECT_EQ(decode_olive_pair(0x97), (OliveIntegers{7, -7}));
  EXPECT_EQ(decode_olive_pair(0x81), (OliveIntegers{12, 0}));   // abfloat 0 00 1: 3 * 4
  EXPECT_EQ(decode_olive_pair(0xf8), (OliveIntegers{0, -96}));  // 1 11 1: 3 * 32
  EXPECT_EQ(decode_olive_pair(0x88), (OliveIntegers{0, 0}));
  EXPECT_EQ(*encode_olive_pair({0, 16}), 0x28);
  EXPECT_FALSE(encode_olive_pair({8, 0}).has_value());
  EXPECT_FALSE(encode_olive_pair({12, 1}).has_value());
}

}  // namespace
}  // namespace msq::golden::baselines
