// msq_multiplier and msq_twos_complement against plain integer arithmetic.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "Vmultiplier_bench.h"
#include "tests/rtl/bench.hpp"
#include "tests/rtl/contract.hpp"

namespace msq::rtl_test {
namespace {

/// Supported modes of case c of the bench.
struct Modes {
  bool mode2, mode4;
  explicit Modes(std::size_t c) : mode2(c % 3 != 2), mode4(c % 3 != 1) {}
  /// Mode of a tile.
  [[nodiscard]] bool wide(bool mode4_i) const { return mode4 && (!mode2 || mode4_i); }
};

constexpr std::size_t kCases = 12;

struct Inputs {
  bool load = false, commit = false, mode4 = false;
  int weight = 0, x0 = 0, x1 = 0;
};

class MultiplierTest : public testing::Test {
 protected:
  MultiplierTest() {
    // Registers have no reset.
    drive({.load = true});
    drive({.commit = true});
    drive({});
  }

  /// Expected output of case c for the active word.
  [[nodiscard]] std::uint64_t product(std::size_t c, const Inputs& in) const {
    const int act_bits = c / 3 % 2 == 0 ? 8 : 4;
    const Modes modes(c);
    const auto x = [act_bits](int given) {
      return static_cast<int>(as_signed(static_cast<std::uint64_t>(given), act_bits));
    };
    const int value = word_product(active_, modes.wide(in.mode4), x(in.x0), x(in.x1));
    const int s = active_ >> 3;  // negation of the upper digit
    const int bits = act_bits + (modes.mode4 ? 4 : 3);
    return low(static_cast<std::uint64_t>((value - s) * 2 + s), bits);
  }

  void drive(const Inputs& in) {
    bench_->load_i = in.load;
    bench_->weight_i = static_cast<std::uint8_t>(in.weight & 15);
    bench_->commit_i = in.commit;
    bench_->mode4_i = in.mode4;
    bench_->x0_i = static_cast<std::uint8_t>(in.x0 & 255);
    bench_->x1_i = static_cast<std::uint8_t>(in.x1 & 255);
    bench_.settle();
    for (std::size_t c = 0; c < kCases / 2; ++c) {  // not registered
      expected_[c] = product(c, in);
      found_[c] = port(c);
    }
    for (std::size_t c = kCases / 2; c < kCases; ++c) expected_[c] = product(c, in);
    bench_.edge();
    for (std::size_t c = kCases / 2; c < kCases; ++c) found_[c] = port(c);
    if (in.commit) active_ = shadow_;
    if (in.load) shadow_ = in.weight;
  }

  void check(const Inputs& in) {
    if (found_ == expected_) return;
    for (std::size_t c = 0; c < kCases; ++c)
      ASSERT_EQ(found_[c], expected_[c])
          << fmt::format("case {}, weight {}, mode4 {}, x0 {}, x1 {}", c, active_, in.mode4, in.x0, in.x1);
  }

  void load(int weight) {
    drive({.load = true, .weight = weight});
    drive({.commit = true});
  }

  Bench<Vmultiplier_bench> bench_;
  Random random_{17};
  std::array<std::uint64_t, kCases> expected_{}, found_{};

 private:
  [[nodiscard]] std::uint64_t port(std::size_t c) {
    return bench_->product_o[c / 2] >> (16 * (c % 2)) & 0xffffU;
  }

  int shadow_ = 0, active_ = 0;
};

TEST_F(MultiplierTest, EveryWordTimesEveryPairOfActivations) {
  for (int weight = 0; weight < 16; ++weight) {
    load(weight);
    for (int x0 = -128; x0 < 128; ++x0) {
      for (int x1 = -128; x1 < 128; ++x1) {
        const Inputs in = {.mode4 = false, .x0 = x0, .x1 = x1};
        drive(in);
        ASSERT_NO_FATAL_FAILURE(check(in));
      }
      const Inputs in = {.mode4 = true, .x0 = x0, .x1 = random_.range(-128, 127)};
      drive(in);
      ASSERT_NO_FATAL_FAILURE(check(in));
    }
  }
}

// A word of zeros gives a port of zeros: values are or-ed with it.
TEST_F(MultiplierTest, NoWeightIsAllZeros) {
  load(0);
  for (const bool mode4 : {false, true}) {
    for (const int x : {-128, -1, 0, 1, 127}) {
      drive({.mode4 = mode4, .x0 = x, .x1 = -x});
      for (std::size_t c = 0; c < kCases; ++c) ASSERT_EQ(found_[c], 0U) << "case " << c << ", x " << x;
    }
  }
}

// Loads, commits and mode changes in every order, also load and commit in one cycle.
TEST_F(MultiplierTest, LoadsAndCommitsInAnyOrder) {
  for (int i = 0; i < 20000 * effort(); ++i) {
    Inputs in;
    in.load = random_.one_in(3);
    in.commit = random_.one_in(4);
    in.mode4 = random_.one_in(2);
    in.weight = random_.range(0, 15);
    in.x0 = random_.range(-128, 127);
    in.x1 = random_.range(-128, 127);
    drive(in);
    ASSERT_NO_FATAL_FAILURE(check(in)) << "seed 17, i " << i;
  }
}

// Every word in every place of eight, the others any.
TEST(TwosComplement, EveryWordInBothModes) {
  Bench<Vmultiplier_bench> bench;
  Random random(18);
  for (int i = 0; i < 16 * 8 * 8; ++i) {
    auto words = static_cast<std::uint32_t>(random.bits());
    const int place = i / 16 % 8;
    words = (words & ~(15U << (4 * place))) | static_cast<std::uint32_t>(i % 16) << (4 * place);
    for (const bool mode4 : {false, true}) {
      bench->mode4_i = mode4;
      bench->words_i = words;
      bench.settle();
      for (std::size_t c = 0; c < 6; ++c) {
        std::uint32_t expected = 0;
        for (int w = 0; w < (c < 3 ? 1 : 8); ++w) {
          const auto given = static_cast<int>(words >> (4 * w) & 15U);
          const int bb = Modes(c).wide(mode4) ? 4 : 2;
          expected |= static_cast<std::uint32_t>(twos_complement(given, bb)) << (4 * w);
        }
        ASSERT_EQ(bench->words_o[c], expected)
            << fmt::format("case {}, mode4 {}, words {:#x}", c, mode4, words);
      }
    }
  }
}

}  // namespace
}  // namespace msq::rtl_test
