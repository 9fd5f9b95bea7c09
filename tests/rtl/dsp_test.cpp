// The leaves compiled with MSQ_DSP against plain integer arithmetic.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <deque>

#include "Vdsp_bench.h"
#include "tests/rtl/bench.hpp"
#include "tests/rtl/contract.hpp"

namespace msq::rtl_test {
namespace {

constexpr std::size_t kCases = 12;

/// p + s of {p, s} in so many bits.
int value_of(std::uint64_t product, int bits) {
  return static_cast<int>(as_signed(product >> 1, bits - 1)) + static_cast<int>(product & 1U);
}

class DspTest : public testing::Test {
 protected:
  /// Loads a word and commits it, for activations of the mode.
  void load(int word, bool mode4) {
    bench_->weight_i = static_cast<std::uint8_t>(word);
    bench_->load_mode4_i = mode4;
    bench_->mode4_i = mode4;
    bench_->load_i = 1;
    bench_->commit_i = 0;
    bench_.settle();
    bench_.edge();
    bench_->load_i = 0;
    bench_->commit_i = 1;
    bench_.settle();
    bench_.edge();
    bench_->commit_i = 0;
  }

  /// So many edges with the inputs as they are.
  void clock(int edges) {
    for (int i = 0; i < edges; ++i) {
      bench_.settle();
      bench_.edge();
    }
    bench_.settle();
  }

  /// Whether encoding paper has a weight of this code word.
  static bool in_paper(int word, bool wide) { return wide ? word != 8 : (word & 3) != 2 && word >> 2 != 2; }

  void check(int word, bool mode4, int x0, int x1) {
    bench_->mode4_i = mode4;
    bench_->x0_i = static_cast<std::uint8_t>(x0);
    bench_->x1_i = static_cast<std::uint8_t>(x1);
    clock(2);
    for (std::size_t c = 0; c < kCases; ++c) {
      const bool mode2 = c % 3 != 2, both = c % 3 == 0, wide = !mode2 || (both && mode4);
      if (c / 3 % 2 == 0 && !in_paper(word, wide)) continue;
      const int act = c < 6 ? 8 : 4;
      const auto x = [act](int given) {
        return static_cast<int>(as_signed(static_cast<std::uint64_t>(given), act));
      };
      const std::uint64_t product = bench_->product_o[c / 2] >> (16 * (c % 2)) & 0xffffU;
      ASSERT_EQ(value_of(product, act + (c % 3 == 1 ? 3 : 4)), word_product(word, wide, x(x0), x(x1)))
          << fmt::format("case {}, word {}, mode4 {}, x0 {}, x1 {}", c, word, mode4, x0, x1);
    }
    // Path recon: sign and magnitude, {p, s} of lanes 1 and 0.
    const auto recon = static_cast<std::uint64_t>(bench_->recon_o);
    const int lane0 =
        mode4 ? (word & 7) * (word >> 3 != 0 ? -1 : 1) : (word & 1) * ((word & 2) != 0 ? -1 : 1);
    ASSERT_EQ(value_of(low(recon, 12), 12), lane0 * x0)
        << fmt::format("word {}, mode4 {}, x {}", word, mode4, x0);
  }

  Bench<Vdsp_bench> bench_;
  Random random_{23};
};

TEST_F(DspTest, EveryWordTimesEveryPairOfActivations) {
  for (int word = 0; word < 16; ++word) {
    load(word, false);
    for (int x0 = -128; x0 < 128; ++x0) {
      for (int x1 = -128; x1 < 128; ++x1) ASSERT_NO_FATAL_FAILURE(check(word, false, x0, x1));
    }
    load(word, true);
    for (int x0 = -128; x0 < 128; ++x0)
      ASSERT_NO_FATAL_FAILURE(check(word, true, x0, random_.range(-128, 127)));
  }
}

TEST_F(DspTest, EveryProductOfTheInt8Baseline) {
  for (int weight = -128; weight < 128; ++weight) {
    bench_->weight8_i = static_cast<std::uint8_t>(weight);
    load(0, false);
    for (int x = -128; x < 128; ++x) {
      bench_->x0_i = static_cast<std::uint8_t>(x);
      clock(3);
      ASSERT_EQ(as_signed(bench_->int8_o, 18), x * weight) << x << " * " << weight;
    }
  }
}

// Products, the value one cycle and the sum from above two cycles later, as without blocks.
TEST_F(DspTest, BandAddsInTheSameCycles) {
  constexpr std::uint32_t kWords = 0x7d53;  // of paper in either mode
  bench_->words_i = kWords;
  load(0, false);
  std::deque<int> products, values;
  bool mode4 = false;
  for (int i = 0; i < 20000 * effort(); ++i) {
    // The first token of a mode brings its weights along, which were loaded in the cycle before.
    const bool turns = i > 0 && bench_->load_i == 1;
    mode4 = mode4 != turns;
    bench_->commit_i = turns;
    bench_->load_i = random_.one_in(8);
    bench_->load_mode4_i = !mode4;
    const int value = random_.range(-(1 << 19), (1 << 19) - 1), sum = random_.range(-(1 << 20), (1 << 20));
    const bool s = random_.one_in(2);
    std::uint32_t xs0 = 0, xs1 = 0;
    int product = 0;
    for (int r = 0; r < 4; ++r) {
      const int x0 = random_.range(-128, 127), x1 = random_.range(-128, 127);
      xs0 |= static_cast<std::uint32_t>(x0 & 255) << (8 * r);
      xs1 |= static_cast<std::uint32_t>(x1 & 255) << (8 * r);
      product += word_product(static_cast<int>(kWords >> (4 * r) & 15U), mode4, x0, x1);
    }
    bench_->mode4_i = mode4;
    bench_->xs0_i = xs0;
    bench_->xs1_i = xs1;
    bench_->value_i =
        static_cast<std::uint32_t>(low(static_cast<std::uint64_t>(value) * 2 + (s ? 1 : 0), 21));
    bench_->sum_i = static_cast<std::uint32_t>(low(static_cast<std::uint64_t>(sum), 23));
    products.push_back(product);
    values.push_back(value + (s ? 1 : 0));
    bench_.settle();
    bench_.edge();
    if (i < 3) continue;
    const int expected =
        sum + 4 * products.at(static_cast<std::size_t>(i) - 3) + values.at(static_cast<std::size_t>(i) - 1);
    ASSERT_EQ(as_signed(bench_->sum_o, 23), expected) << "i " << i;
  }
}

}  // namespace
}  // namespace msq::rtl_test
