// Alignment, output conversion, permuter.

#include "golden/exec/output.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "Voutput_bench.h"
#include "golden/exec/permutation.hpp"
#include "golden/exec/reference.hpp"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

using golden::Int128;

/// round_half_even(value * 2^shift) from its definition, in 128 bits.
Int128 rounded(Int128 value, int shift) {
  if (shift >= 0) return value * (Int128{1} << shift);
  if (shift < -100) return 0;  // values have 64 bits
  const Int128 unit = Int128{1} << -shift;
  const Int128 below = (value >= 0 ? value : value - (unit - 1)) / unit;  // floor
  const Int128 rest = 2 * (value - below * unit);
  const bool up = rest > unit || (rest == unit && below % 2 != 0);
  return below + (up ? 1 : 0);
}

class OutputTest : public testing::Test {
 protected:
  Bench<Voutput_bench> bench_;
  Random random_{7};

  static constexpr std::array<int, 3> kSums = {6, 23, 35};

  /// A sum at all sizes, one per cycle: that of the call before comes out now.
  void align(std::uint64_t bits, int weight, int token) {
    bench_->sum_i = bits;
    bench_->weight_shift_i = static_cast<std::uint8_t>(weight);
    bench_->token_right_i = static_cast<std::uint16_t>(11 - token);
    bench_.settle();
    bench_.edge();
    bench_.settle();
    for (std::size_t s = 0; s < kSums.size() && before_; ++s) {
      const std::int64_t sum = as_signed(low(before_->first, kSums[s]), kSums[s]);
      ASSERT_EQ(static_cast<std::int64_t>(word(bench_->aligned_o, s)),
                static_cast<std::int64_t>(rounded(sum, before_->second)))
          << sum << " shifted by " << before_->second;
    }
    before_ = {bits, weight + token};
  }

  std::optional<std::pair<std::uint64_t, int>> before_;  ///< sum and shift
};

TEST_F(OutputTest, AlignEverySumAtEveryShift) {
  for (int weight = -64; weight <= 4; ++weight) {
    for (int token = -64; token <= 7; ++token) {
      for (int sum = -32; sum < 32; ++sum)
        ASSERT_NO_FATAL_FAILURE(align(static_cast<std::uint64_t>(std::int64_t{sum}), weight, token));
    }
  }
}

TEST_F(OutputTest, AlignWideSums) {
  for (int i = 0; i < 400'000; ++i) {
    const int weight = random_.range(-64, 4);
    const int token = i % 50 == 0 ? random_.range(-500, -40) : random_.range(-40, 7);
    std::uint64_t bits = random_.bits();
    if (i % 3 == 0) bits &= ~std::uint64_t{0} << random_.range(0, 34);             // ties
    if (i % 7 == 0) bits = (std::uint64_t{1} << random_.range(0, 34)) - bits % 3;  // around powers of two
    ASSERT_NO_FATAL_FAILURE(align(bits, weight, token));
  }
}

// A tie between an even value and the next one, and the same with any one bit below it, which rounds up.
TEST_F(OutputTest, AlignSeesEveryBitBelowATie) {
  for (int half = 0; half < 34; ++half) {
    for (int bit = 0; bit <= half; ++bit) {
      const std::uint64_t tie = std::uint64_t{1} << half;
      const std::uint64_t sum = tie | (bit < half ? std::uint64_t{1} << bit : 0);
      for (const std::uint64_t bits : {sum, ~sum + 1}) {
        // The shift as a whole, and in two parts.
        ASSERT_NO_FATAL_FAILURE(align(bits, -half - 1, 0));
        ASSERT_NO_FATAL_FAILURE(align(bits, 4, -half - 5));
      }
    }
  }
}

constexpr std::array<int, 3> kAccumulators = {30, 47, 64};

/// An MX output by the contract, by another way than golden's: in 128 bits from the definition.
int mx_value(std::int64_t acc, int shift, int limit) {
  if (acc == 0) return 0;
  // Beyond this the value is beyond any limit; below, far below a half.
  if (shift > 10) return acc > 0 ? limit : -limit;
  const Int128 value = rounded(acc, shift);
  return static_cast<int>(value > limit ? limit : value < -limit ? -limit : value);
}

class LaneTest : public OutputTest {
 protected:
  void check(std::uint64_t bits, int exponent, int scale, int format) {
    bench_->acc_i = bits;
    bench_->exponent_i = static_cast<std::uint16_t>(exponent & 0x3ff);
    bench_->raw_i = format == 0;
    bench_->enable_i = 1;
    bench_.settle();
    bench_.edge();
    bench_->format_i = static_cast<std::uint8_t>(format);
    bench_->scale_i = static_cast<std::uint8_t>(scale);
    bench_->acc_i = ~bits;  // the first step has its own copy
    bench_.settle();
    std::array<std::int64_t, 3> accs{};
    for (std::size_t s = 0; s < 3; ++s) {
      accs[s] = as_signed(low(bits, kAccumulators[s]), kAccumulators[s]);
      ASSERT_EQ((bench_->zero_o >> s) & 1, accs[s] == 0);
      if (accs[s] == 0 || format == 0) continue;
      const auto size =
          accs[s] < 0 ? ~static_cast<std::uint64_t>(accs[s]) + 1 : static_cast<std::uint64_t>(accs[s]);
      ASSERT_EQ(static_cast<std::int64_t>(word(bench_->log2_o, s)), exponent + std::bit_width(size) - 1)
          << accs[s];
    }
    bench_.edge();
    bench_->format_i = static_cast<std::uint8_t>(~format & 3);  // later steps have their own copies
    bench_->scale_i = static_cast<std::uint8_t>(~scale);
    for (int step = 0; step < 2; ++step) {
      bench_.settle();
      bench_.edge();
    }
    bench_.settle();
    for (std::size_t s = 0; s < 3; ++s) {
      const auto result = static_cast<std::uint32_t>(word(bench_->result_o, s));
      if (format == 0) {
        ASSERT_EQ(static_cast<std::int64_t>(word(bench_->result_o, s)), accs[s]);
        ASSERT_EQ(static_cast<std::int64_t>(word(bench_->exponent_o, s)), exponent);
      } else if (format == 1) {
        ASSERT_EQ(result, std::bit_cast<std::uint32_t>(golden::to_float(accs[s], exponent)))
            << accs[s] << " * 2^" << exponent;
      } else {
        const int limit = format == 2 ? 127 : 7;
        ASSERT_EQ(static_cast<std::int8_t>(result), mx_value(accs[s], exponent - scale, limit))
            << accs[s] << " * 2^" << exponent << " at scale " << scale;
        ASSERT_EQ(result >> 8, 0U);
      }
    }
  }

  std::uint64_t draw() {
    const int kind = random_.range(0, 4);
    const std::uint64_t bits = random_.bits();
    if (kind == 0) return bits;
    if (kind == 1) return (std::uint64_t{1} << random_.range(0, 63)) + bits % 5 - 2;  // around powers of two
    if (kind == 2) return bits & (~std::uint64_t{0} << random_.range(0, 63));         // ties
    if (kind == 3) return static_cast<std::uint64_t>(static_cast<std::int64_t>(bits) >> random_.range(0, 63));
    return (~std::uint64_t{0} >> random_.range(0, 63)) << random_.range(0, 40);  // carries
  }
};

TEST_F(LaneTest, Fp32) {
  for (int i = 0; i < 300'000; ++i) {
    const int edge = random_.range(0, 3);
    const int exponent = edge == 0   ? random_.range(-512, 448)   // of 10 bits all
                         : edge == 1 ? random_.range(-190, -120)  // subnormal and below
                         : edge == 2 ? random_.range(60, 130)     // to infinity
                                     : random_.range(-40, 40);
    ASSERT_NO_FATAL_FAILURE(check(draw(), exponent, 0, 1));
  }
}

TEST_F(LaneTest, Fp32MeetsTheProcessorsRounding) {
  // A number of up to 64 bits becomes a float in one rounding by the processor too.
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t bits = draw();
    ASSERT_EQ(golden::to_float(static_cast<std::int64_t>(bits), 0),
              static_cast<float>(static_cast<std::int64_t>(bits)));
  }
}

TEST_F(LaneTest, Mx) {
  for (int i = 0; i < 300'000; ++i) {
    const std::uint64_t bits = draw();
    const int format = random_.range(2, 3);
    const int exponent = random_.range(-200, 200);
    // Scales as they occur: from that of the largest of a block, which is this one or another.
    const int scale = std::clamp(exponent + random_.range(-12, 80), -127, 127);
    ASSERT_NO_FATAL_FAILURE(check(bits, exponent, scale, format));
  }
}

TEST_F(LaneTest, Raw) {
  for (int i = 0; i < 100'000; ++i)
    ASSERT_NO_FATAL_FAILURE(check(draw(), random_.range(-264, 254), random_.range(-128, 127), 0));
}

TEST_F(LaneTest, StandsStillWithoutEnable) {
  const auto cycle = [&](bool enable, std::uint64_t acc, int exponent) {
    bench_->enable_i = enable;
    bench_->acc_i = acc;
    bench_->exponent_i = static_cast<std::uint16_t>(exponent & 0x3ff);
    bench_.settle();
    bench_.edge();
    bench_.settle();
  };
  const auto expect = [&](std::int64_t acc, int exponent) {
    for (std::size_t s = 0; s < 3; ++s) {
      ASSERT_EQ(static_cast<std::uint32_t>(word(bench_->result_o, s)),
                std::bit_cast<std::uint32_t>(golden::to_float(acc, exponent)));
    }
  };
  bench_->raw_i = 0;
  bench_->scale_i = 0;
  bench_->format_i = 1;
  for (int i = 0; i < 200; ++i) {
    std::array<std::int64_t, 4> accs{};
    for (std::int64_t& acc : accs) {
      acc = random_.range(-1'000'000, 1'000'000);
      cycle(true, static_cast<std::uint64_t>(acc), static_cast<int>(acc % 5));
    }
    for (const std::int64_t acc : accs) {
      for (int still = random_.range(0, 3); still > 0; --still) {
        ASSERT_NO_FATAL_FAILURE(expect(acc, static_cast<int>(acc % 5)));
        bench_->format_i = static_cast<std::uint8_t>(random_.range(0, 3));
        cycle(false, random_.bits(), 7);
      }
      ASSERT_NO_FATAL_FAILURE(expect(acc, static_cast<int>(acc % 5)));
      bench_->format_i = 1;
      cycle(true, random_.bits(), 7);
    }
  }
}

TEST_F(OutputTest, PermuterBringsEveryWordToItsPlace) {
  for (int round = 0; round < 2000; ++round) {
    for (const int ways : {2, 8, 64}) {
      std::vector<int> order(static_cast<std::size_t>(ways));
      std::iota(order.begin(), order.end(), 0);
      if (round > 0) {
        for (std::size_t i = order.size() - 1; i > 0; --i)
          std::swap(order[i], order[static_cast<std::size_t>(random_.range(0, static_cast<int>(i)))]);
      }
      const auto settings = golden::permuter_settings(order, golden::benes_network(ways));
      for (auto& w : bench_->settings_i.m_storage) w = 0;
      for (std::size_t i = 0; i < settings.size(); ++i)
        bench_->settings_i[i / 32] |= std::uint32_t{settings[i]} << (i % 32);
      for (std::size_t w = 0; w < 16; ++w) bench_->words_i[w] = static_cast<std::uint32_t>(random_.bits());
      const auto in = [&](int p) {
        return bench_->words_i[static_cast<std::size_t>(p) / 4] >> (p % 4 * 8) & 0xffU;
      };
      bench_.settle();
      for (int r = 0; r < ways; ++r) {
        const std::uint32_t got =
            ways == 2   ? bench_->words2_o >> (8 * r) & 0xffU
            : ways == 8 ? static_cast<std::uint32_t>(bench_->words8_o >> (8 * r)) & 0xffU
                        : bench_->words64_o[static_cast<std::size_t>(r) / 4] >> (r % 4 * 8) & 0xffU;
        ASSERT_EQ(got, in(order[static_cast<std::size_t>(r)])) << ways << " ways, place " << r;
      }
    }
  }
}

// Any settings, also such as no search for a permutation comes to: every switch in both positions.
TEST_F(OutputTest, PermuterFollowsAnySettings) {
  for (int round = 0; round < 2000; ++round) {
    for (auto& w : bench_->settings_i.m_storage) w = static_cast<std::uint32_t>(random_.bits());
    for (std::size_t w = 0; w < 16; ++w) bench_->words_i[w] = static_cast<std::uint32_t>(random_.bits());
    const auto byte = [](const auto& words, int p) {
      return words[static_cast<std::size_t>(p) / 4] >> (p % 4 * 8) & 0xffU;
    };
    bench_.settle();
    for (const int log2 : {1, 3, 6}) {
      const int ways = 1 << log2;
      std::vector<std::uint32_t> data;
      for (int p = 0; p < ways; ++p) data.push_back(byte(bench_->words_i, p));
      int setting = 0;
      for (int s = 0; s < 2 * log2 - 1; ++s) {
        const int bit = 1 << (s < log2 ? s : 2 * log2 - 2 - s);
        for (int p = 0; p < ways; ++p) {
          if ((p & bit) != 0) continue;
          if ((bench_->settings_i[static_cast<std::size_t>(setting) / 32] >> (setting % 32) & 1U) != 0)
            std::swap(data[static_cast<std::size_t>(p)], data[static_cast<std::size_t>(p + bit)]);
          ++setting;
        }
      }
      for (int p = 0; p < ways; ++p) {
        const std::uint32_t got = log2 == 1 ? bench_->words2_o >> (8 * p) & 0xffU
                                  : log2 == 3
                                      ? static_cast<std::uint32_t>(bench_->words8_o >> (8 * p)) & 0xffU
                                      : byte(bench_->words64_o, p);
        ASSERT_EQ(got, data[static_cast<std::size_t>(p)]) << ways << " ways, place " << p;
      }
    }
  }
}

}  // namespace
}  // namespace msq::rtl_test
