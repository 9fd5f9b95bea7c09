// msq_merge against the contract's dot-product terms.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "Vmerge_bench.h"
#include "tests/rtl/bench.hpp"
#include "tests/rtl/contract.hpp"

namespace msq::rtl_test {
namespace {

constexpr int kCases = 18;

/// Parameters of one case of merge_bench.v.
struct Case {
  int shift_max, act_bits;
  bool mode2, mode4;

  explicit Case(int c)
      : shift_max(c % 3 == 0   ? 0
                  : c % 3 == 1 ? 7
                               : 15),
        act_bits(c < 9 ? 8 : 4),
        mode2(c / 3 % 3 != 2),
        mode4(c / 3 % 3 != 1) {}
  bool takes(int bb, int x, int r) const {
    return (bb == 4 ? mode4 : mode2) && r <= shift_max && x >= -(1 << (act_bits - 1)) &&
           x < 1 << (act_bits - 1);
  }
  std::string name() const {
    return fmt::format("ACT_BITS={} MODE2={} MODE4={} SHIFT_MAX={}", act_bits, mode2, mode4, shift_max);
  }
};

enum Role { kInlier = 0, kOutlier = 1, kPruned = 2 };

class MergeTest : public testing::Test {
 protected:
  /// One evaluation; all cases that can take these inputs must return `expected`. `moving` is a port value.
  void expect(Role role, int bb, int straight_code, int moving, int x, int r, std::int64_t expected) {
    bench_->role_i = static_cast<std::uint8_t>(role);
    bench_->mode4_i = bb == 4;
    bench_->shift_i = static_cast<std::uint8_t>(r);
    bench_->x_i = static_cast<std::uint8_t>(x);
    bench_->straight_i = static_cast<std::uint16_t>(product_port(straight_code, bb, x));
    bench_->moving_i = static_cast<std::uint16_t>(moving);
    bench_.settle();
    for (int c = 0; c < kCases; ++c) {
      const Case parameters(c);
      if (!parameters.takes(bb, x, r)) continue;
      ++checked_;
      ASSERT_EQ(static_cast<std::int64_t>(word(bench_->addend_o, static_cast<std::size_t>(c))), expected)
          << parameters.name() << " mode " << bb << " role " << role << " straight code " << straight_code
          << " moving port " << moving << " x " << x << " r " << r;
    }
  }

  Bench<Vmerge_bench> bench_;
  Random random_{2};
  long checked_ = 0;
};

TEST_F(MergeTest, EveryOutlierTimesEveryActivationAndShift) {
  for (const int bb : {2, 4}) {
    for (int s = 0; s < 2; ++s) {
      for (int high = 0; high < half_magnitudes(bb); ++high) {
        for (int low_bits = 0; low_bits < half_magnitudes(bb); ++low_bits) {
          const int upper = make_code(s, high, bb);
          const int lower = make_code(s, low_bits, bb);
          for (int x = -128; x < 128; ++x) {
            for (int r = 0; r < 16; ++r) {
              ASSERT_NO_FATAL_FAILURE(expect(kOutlier, bb, upper, product_port(lower, bb, x), x, r,
                                             outlier_quarters(upper, lower, bb, x, r)));
            }
          }
        }
      }
    }
  }
  // 8 and 32 outliers, x of 256 and 16 values; r of 1 + 8 + 16 values; two parameter sets support each mode.
  EXPECT_EQ(checked_, (8L + 32L) * (256 + 16) * (1 + 8 + 16) * 2);
}

// The formula also says what halves of different signs give, though no packed tensor has them: the sign of
// the hidden one is the Upper half's, each product has its own.
TEST_F(MergeTest, HalvesOfDifferentSigns) {
  for (const int bb : {2, 4}) {
    for (int s = 0; s < 2; ++s) {
      for (int high = 0; high < half_magnitudes(bb); ++high) {
        for (int low_bits = 0; low_bits < half_magnitudes(bb); ++low_bits) {
          const int upper = make_code(s, high, bb);
          const int lower = make_code(1 - s, low_bits, bb);
          for (int x = -128; x < 128; ++x) {
            const int hidden = (s != 0 ? -x : x) * (1 << bb);
            const int value = hidden + inlier(upper, bb) * x * (1 << (bb / 2)) + inlier(lower, bb) * x;
            for (const int r : {0, 3, 15}) {
              ASSERT_NO_FATAL_FAILURE(expect(kOutlier, bb, upper, product_port(lower, bb, x), x, r,
                                             std::int64_t{value} * (1 << r)));
            }
          }
        }
      }
    }
  }
}

// An inlier ignores r and whatever the network left at its lane.
TEST_F(MergeTest, EveryInlierTimesEveryActivation) {
  for (const int bb : {2, 4}) {
    for (int code = 0; code < 1 << bb; ++code) {
      for (int x = -128; x < 128; ++x) {
        for (int r = 0; r < 16; ++r) {
          const int moving = static_cast<std::int16_t>(random_.bits());
          ASSERT_NO_FATAL_FAILURE(expect(kInlier, bb, code, moving, x, r, inlier_quarters(code, bb, x)));
        }
      }
    }
  }
}

TEST_F(MergeTest, PrunedIsZero) {
  for (const int bb : {2, 4}) {
    for (int code = 0; code < 1 << bb; ++code) {
      for (int x = -128; x < 128; ++x) {
        for (const int r : {0, 1, 7, 15}) {
          const int moving = static_cast<std::int16_t>(random_.bits());
          ASSERT_NO_FATAL_FAILURE(expect(kPruned, bb, code, moving, x, r, 0));
        }
      }
    }
  }
}

// Lane 1 in mode 4: the PE rests at {0, 0} and the decoder says inlier; the lane's mode-2 merge must stay at
// zero.
TEST_F(MergeTest, LaneOneRestsInMode4) {
  bench_->mode4_i = 1;
  bench_->role_i = kInlier;
  bench_->straight_i = 0;
  for (int i = 0; i < 1000; ++i) {
    bench_->shift_i = static_cast<std::uint8_t>(random_.bits() & 15);
    bench_->x_i = static_cast<std::uint8_t>(random_.bits());
    bench_->moving_i = static_cast<std::uint16_t>(random_.bits());
    bench_.settle();
    for (const std::size_t c : {3U, 4U, 5U, 12U, 13U, 14U}) ASSERT_EQ(word(bench_->addend_o, c), 0U);
  }
}

// The worked example of the contract, its positive twin, and -1.0.
TEST_F(MergeTest, WorkedExample) {
  expect(kOutlier, 2, 0b11, product_port(0b10, 2, 32), 32, 0, -192);
  expect(kOutlier, 2, 0b01, product_port(0b00, 2, 32), 32, 0, 192);
  expect(kOutlier, 2, 0b10, product_port(0b10, 2, 32), 32, 0, -128);
}

}  // namespace
}  // namespace msq::rtl_test
