// msq_merge_full against the contract's dot-product terms. The smallest activation, -2^(bits-1), never
// occurs.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "Vmerge_full_bench.h"
#include "tests/rtl/bench.hpp"
#include "tests/rtl/contract.hpp"

namespace msq::rtl_test {
namespace {

constexpr int kCases = 36;

/// Parameters of one case of merge_full_bench.v.
struct Case {
  int shift_max, act_bits, fraction;
  bool mode2, mode4;

  explicit Case(int c)
      : shift_max(c % 3 == 0   ? 0
                  : c % 3 == 1 ? 7
                               : 15),
        act_bits(c % 18 < 9 ? 8 : 4),
        fraction(c < 18 ? 2 : 1),
        mode2(c / 3 % 3 != 2),
        mode4(c / 3 % 3 != 1) {}
  bool takes(int bb, int x, int r) const {
    return (bb == 4 ? mode4 : mode2) && r <= shift_max && x > -(1 << (act_bits - 1)) &&
           x < 1 << (act_bits - 1);
  }
  std::string name() const {
    return fmt::format("ACT_BITS={} MODE2={} MODE4={} F={} SHIFT_MAX={}", act_bits, mode2, mode4, fraction,
                       shift_max);
  }
};

enum Role { kInlier = 0, kOutlier = 1, kPruned = 2 };

class MergeFullTest : public testing::Test {
 protected:
  /// One evaluation; all cases that can take these inputs must return expected(F). `moving` is a port value.
  template <class Expected>
  void expect(Role role, int bb, int straight_code, int moving, int x, int r, const Expected& expected) {
    bench_->role_i = static_cast<std::uint8_t>(role);
    bench_->mode4_i = bb == 4;
    bench_->shift_i = static_cast<std::uint8_t>(r);
    bench_->x_i = static_cast<std::uint8_t>(x);
    bench_->straight_i = static_cast<std::uint16_t>(full_product_port(straight_code, bb, x));
    bench_->moving_i = static_cast<std::uint16_t>(moving);
    bench_.settle();
    for (int c = 0; c < kCases; ++c) {
      const Case parameters(c);
      if (!parameters.takes(bb, x, r)) continue;
      ++checked_;
      ASSERT_EQ(static_cast<std::int64_t>(word(bench_->addend_o, static_cast<std::size_t>(c))),
                expected(parameters.fraction))
          << parameters.name() << " mode " << bb << " role " << role << " straight code " << straight_code
          << " moving port " << moving << " x " << x << " r " << r;
    }
  }

  Bench<Vmerge_full_bench> bench_;
  Random random_{7};
  long checked_ = 0;
};

TEST_F(MergeFullTest, EveryOutlierTimesEveryActivationAndShift) {
  for (const int bb : {2, 4}) {
    for (int upper = 0; upper < 1 << bb; ++upper) {
      for (int lower = 0; lower < 1 << bb; ++lower) {
        for (int x = -127; x < 128; ++x) {
          for (int r = 0; r < 16; ++r) {
            const std::int64_t value = full_outlier_units(upper, lower, bb, x, r);
            ASSERT_NO_FATAL_FAILURE(expect(kOutlier, bb, upper, full_product_port(lower, bb, x), x, r,
                                           [&](int) { return value; }));
          }
        }
      }
    }
  }
  // 16 and 256 outliers, x of 255 and 15 values, r of 1 + 8 + 16 values; two parameter sets support each
  // mode, F of 2.
  EXPECT_EQ(checked_, (16L + 256L) * (255 + 15) * (1 + 8 + 16) * 2 * 2);
}

// An inlier ignores r and whatever the network left at its lane.
TEST_F(MergeFullTest, EveryInlierTimesEveryActivation) {
  for (const int bb : {2, 4}) {
    for (int code = 0; code < 1 << bb; ++code) {
      for (int x = -127; x < 128; ++x) {
        for (int r = 0; r < 16; ++r) {
          const int moving = static_cast<std::int16_t>(random_.bits());
          ASSERT_NO_FATAL_FAILURE(expect(kInlier, bb, code, moving, x, r, [&](int fraction) {
            return full_inlier_units(code, bb, x, fraction);
          }));
        }
      }
    }
  }
}

TEST_F(MergeFullTest, PrunedIsZero) {
  for (const int bb : {2, 4}) {
    for (int code = 0; code < 1 << bb; ++code) {
      for (int x = -127; x < 128; ++x) {
        for (const int r : {0, 1, 7, 15}) {
          const int moving = static_cast<std::int16_t>(random_.bits());
          ASSERT_NO_FATAL_FAILURE(
              expect(kPruned, bb, code, moving, x, r, [](int) { return std::int64_t{0}; }));
        }
      }
    }
  }
}

// Lane 1 in mode 4: the PE rests at {0, 0} and the decoder says inlier; the lane's mode-2 merge must stay at
// zero.
TEST_F(MergeFullTest, LaneOneRestsInMode4) {
  bench_->mode4_i = 1;
  bench_->role_i = kInlier;
  bench_->straight_i = 0;
  for (int i = 0; i < 1000; ++i) {
    bench_->shift_i = static_cast<std::uint8_t>(random_.bits() & 15);
    bench_->x_i = static_cast<std::uint8_t>(random_.bits());
    bench_->moving_i = static_cast<std::uint16_t>(random_.bits());
    bench_.settle();
    for (std::size_t c = 0; c < kCases; ++c) {
      if (c / 3 % 3 != 1) continue;
      ASSERT_EQ(word(bench_->addend_o, c), 0U);
    }
  }
}

}  // namespace
}  // namespace msq::rtl_test
