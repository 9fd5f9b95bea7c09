// msq_factor against plain multiplication.

#include <gtest/gtest.h>

#include <array>

#include "Vfactor_bench.h"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

constexpr std::size_t kCases = 8;

/// Parameters of one case of factor_bench.v.
struct Case {
  int mantissa, sum_bits;
  explicit Case(std::size_t c) : mantissa(static_cast<int>(c % 4)), sum_bits(c < 4 ? 11 : 40) {}
  /// +-(2^t + f) of a column's four bits; bits of f beyond t do not count.
  int factor(unsigned code) const {
    const int one = 1 << mantissa;
    const int magnitude = one + static_cast<int>(code & 7U) % one;
    return (code & 8U) != 0 ? -magnitude : magnitude;
  }
};

class FactorTest : public testing::Test {
 protected:
  FactorTest() {
    bench_->valid_i = 0;
    bench_->rst_ni = 0;
    bench_.settle();
    bench_.edge();
    bench_->rst_ni = 1;
  }

  /// Both sums times the factors of both codes, and what else belongs to the token, a cycle later.
  void expect(std::array<std::int64_t, 2> sums, std::array<unsigned, 2> codes) {
    const std::uint64_t other = random_.bits();
    for (std::size_t u = 0; u < 2; ++u) set_word(bench_->sums_i, u, static_cast<std::uint64_t>(sums[u]));
    bench_->factors_i = static_cast<std::uint8_t>(codes[0] | codes[1] << 4);
    bench_->valid_i = 1;
    bench_->first_i = other & 1;
    bench_->half_i = other >> 1 & 1;
    bench_->address_i = other >> 2 & 0x3ff;
    bench_->token_right_i = other >> 12 & 0x1ff;
    bench_->weight_shifts_i = static_cast<std::uint16_t>(other >> 21);
    bench_.settle();
    bench_.edge();
    for (std::size_t c = 0; c < kCases; ++c) {
      const Case parameters(c);
      ASSERT_EQ(word(bench_->others_o, c), low(other, 37) << 1 | 1U) << "case " << c;
      for (std::size_t u = 0; u < 2; ++u) {
        const auto sum = as_signed(static_cast<std::uint64_t>(sums[u]), parameters.sum_bits);
        if (sum == -(std::int64_t{1} << (parameters.sum_bits - 1))) continue;  // never occurs
        ASSERT_EQ(static_cast<std::int64_t>(word(bench_->products_o, 2 * c + u)),
                  sum * parameters.factor(codes[u]))
            << "case " << c << " column " << u << " sum " << sum << " code " << codes[u];
      }
    }
  }

  Bench<Vfactor_bench> bench_;
  Random random_{9};
};

TEST_F(FactorTest, EveryShortSumTimesEveryFactor) {
  for (unsigned code = 0; code < 16; ++code) {
    for (int sum = -1023; sum < 1024; ++sum) {
      ASSERT_NO_FATAL_FAILURE(expect({sum, -sum}, {code, static_cast<unsigned>(random_.range(0, 15))}));
    }
  }
}

TEST_F(FactorTest, LongSums) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 39) - 1;
  for (int i = 0; i < 50'000 * effort(); ++i) {
    const auto any = as_signed(random_.bits(), random_.range(2, 40));
    const std::int64_t corner = random_.one_in(2) ? kMost : -kMost;
    ASSERT_NO_FATAL_FAILURE(
        expect({random_.one_in(4) ? corner : any, any},
               {static_cast<unsigned>(random_.range(0, 15)), static_cast<unsigned>(random_.range(0, 15))}))
        << "seed 9, i " << i;
  }
}

TEST_F(FactorTest, NothingMovesWithoutAToken) {
  expect({5, 7}, {0, 0});
  std::array<std::uint64_t, 8> before{};
  for (std::size_t c = 0; c < before.size(); ++c) before[c] = word(bench_->products_o, 2 * c);
  bench_->valid_i = 0;
  set_word(bench_->sums_i, 0, 99);
  bench_.settle();
  bench_.edge();
  for (std::size_t c = 0; c < before.size(); ++c) {
    EXPECT_EQ(word(bench_->products_o, 2 * c), before[c]) << "case " << c;
    EXPECT_EQ(word(bench_->others_o, c) & 1U, 0U) << "case " << c;
  }
  bench_->valid_i = 1;
  bench_->rst_ni = 0;
  bench_.settle();
  bench_.edge();
  for (std::size_t c = 0; c < before.size(); ++c)
    EXPECT_EQ(word(bench_->others_o, c) & 1U, 0U) << "case " << c;
}

}  // namespace
}  // namespace msq::rtl_test
