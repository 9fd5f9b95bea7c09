// msq_pe_recon and its parts against plain integer multiplication.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "Vpe_bench.h"
#include "tests/rtl/bench.hpp"
#include "tests/rtl/contract.hpp"

namespace msq::rtl_test {
namespace {

constexpr int kCases = 24;

/// Parameters of one case of pe_bench.v.
struct Case {
  int act_bits;
  bool mode2, mode4, tight, full_range;

  explicit Case(int c)
      : act_bits(c % 2 == 0 ? 8 : 4),
        mode2(c / 2 % 3 != 2),
        mode4(c / 2 % 3 != 1),
        tight(c % 12 >= 6),
        full_range(c >= 12) {}
  int fraction() const { return full_range && tight ? 1 : 2; }
  int p1_bits() const { return act_bits + (full_range ? 1 : 0); }
  int p0_bits() const { return mode4 ? act_bits + 3 : p1_bits(); }
  int p_bits(int lane) const { return lane == 0 ? p0_bits() : p1_bits(); }
  int sum_bits() const { return tight ? p0_bits() + fraction() : 23; }
  int addend_bits(int lane) const { return tight ? p_bits(lane) + fraction() : (lane == 0 ? 20 : 18); }
  int value(int code, int bb) const { return full_range ? full_inlier(code, bb) : inlier(code, bb); }
  int port(int code, int bb, int x) const {
    return full_range ? full_product_port(code, bb, x) : product_port(code, bb, x);
  }
  int bb(bool mode4_i) const { return mode4 && (!mode2 || mode4_i) ? 4 : 2; }
  std::string name() const {
    return fmt::format("ACT_BITS={} MODE2={} MODE4={} tight={} FULL_RANGE={}", act_bits, mode2, mode4, tight,
                       full_range);
  }
};

struct Inputs {
  bool load = false, commit = false, mode4 = false, use_addend = false;
  int weight = 0, x = 0;
  std::uint64_t addend = 0, sum = 0;
};

/// Behaviour of one parameter set, from the headers of the modules: registers as plain integers.
class Model {
 public:
  explicit Model(const Case& c) : case_(c) {}

  void edge(const Inputs& in) {
    const int x = static_cast<int>(as_signed(static_cast<std::uint64_t>(in.x), case_.act_bits));
    for (int lane = 0; lane < 2; ++lane) {
      const auto part = static_cast<std::size_t>(lane);
      const std::uint64_t above = in.sum >> (32 * lane);
      const std::int64_t addend = as_signed(in.addend >> (32 * lane), case_.addend_bits(lane));
      const std::int64_t own = std::int64_t{product_[part]} * (1 << case_.fraction());
      sum_[part] = low(above + static_cast<std::uint64_t>(in.use_addend ? addend : own), case_.sum_bits());
    }
    const int bb = case_.bb(in.mode4);
    for (int lane = 0; lane < 2; ++lane) {
      const auto part = static_cast<std::size_t>(lane);
      const int code = bb == 4 && lane == 1 ? 0 : lane_code(active_, bb, lane);
      product_[part] = case_.value(code, bb) * x;
      port_[part] = low(static_cast<std::uint64_t>(case_.port(code, bb, x)), case_.p_bits(lane) + 1);
    }
    if (in.commit) active_ = shadow_;
    if (in.load) shadow_ = in.weight;
  }

  void check(Bench<Vpe_bench>& bench, std::size_t index) const {
    for (std::size_t lane = 0; lane < (case_.mode2 ? 2 : 1); ++lane) {
      const auto of_lane = [&](std::uint64_t word) { return low(word >> (32 * lane), 32); };
      ASSERT_EQ(of_lane(word(bench->product_o, index)), port_[lane]) << "product, lane " << lane;
      ASSERT_EQ(of_lane(word(bench->sum_o, index)), sum_[lane]) << "sum, lane " << lane;
    }
  }

 private:
  Case case_;
  int shadow_ = 0, active_ = 0;
  std::array<int, 2> product_{};
  std::array<std::uint64_t, 2> port_{}, sum_{};
};

class PeTest : public testing::Test {
 protected:
  PeTest() {
    for (int c = 0; c < kCases; ++c) models_.emplace_back(Case(c));
    // Registers have no reset: load, commit and compute once to know them all.
    Inputs in;
    in.load = true;
    drive(in);
    in = {};
    in.commit = true;
    drive(in);
    drive({});
    drive({});
  }

  void drive(const Inputs& in) {
    bench_->load_i = in.load;
    bench_->weight_i = static_cast<std::uint8_t>(in.weight);
    bench_->commit_i = in.commit;
    bench_->mode4_i = in.mode4;
    bench_->x_i = static_cast<std::uint8_t>(in.x);
    bench_->use_addend_i = in.use_addend;
    bench_->addend_i = in.addend;
    bench_->sum_i = in.sum;
    bench_.settle();
    bench_.edge();
    for (Model& model : models_) model.edge(in);
    ++cycles_;
  }

  void check(const Inputs& in) {
    for (std::size_t c = 0; c < models_.size(); ++c) {
      models_[c].check(bench_, c);
      if (HasFatalFailure()) {
        FAIL() << Case(static_cast<int>(c)).name() << ", cycle " << cycles_ << ", x of this cycle " << in.x;
      }
    }
  }

  /// A partial sum from above, with a bias to the ends of every width: lane l at bit 32 * l.
  std::uint64_t random_sums() {
    static constexpr std::array<std::uint64_t, 6> kCorners = {
        0, 1, ~std::uint64_t{0}, 0x1fff1fff1fff1fff, 0x003fffff003fffff, 0x0040000000400000};
    return random_.one_in(2) ? kCorners[random_.bits() % kCorners.size()] : random_.bits();
  }

  Bench<Vpe_bench> bench_;
  std::vector<Model> models_;
  Random random_{1};
  int cycles_ = 0;
};

// Every code word, every activation, both modes; the next word is loaded somewhere while this one computes,
// and becomes active on the edge between the last activation of this word and the first of the next.
TEST_F(PeTest, EveryCodeTimesEveryActivationInEveryMode) {
  struct Tile {
    int word;
    bool mode4;
  };
  std::vector<Tile> tiles;
  for (int pass = 0; pass < 4; ++pass) {
    for (int word = 0; word < 16; ++word) {
      for (const bool mode4 : {false, true}) tiles.push_back({word, mode4});
    }
  }
  std::shuffle(tiles.begin(), tiles.end(), random_.engine());

  int products = 0;
  Inputs in;
  in.load = true;
  in.weight = tiles[0].word;
  drive(in);
  in = {};
  in.commit = true;
  drive(in);
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    const int load_at = random_.range(0, 254);
    for (int i = 0; i < 256; ++i) {
      in = {};
      in.mode4 = tiles[t].mode4;
      in.x = (i * 37) & 255;  // every value once, with large jumps
      in.sum = random_sums();
      in.addend = random_.bits();
      in.use_addend = random_.one_in(4);
      in.weight = static_cast<int>(random_.bits() & 15);
      if (i == load_at && t + 1 < tiles.size()) {
        in.load = true;
        in.weight = tiles[t + 1].word;
      }
      in.commit = i == 255 && t + 1 < tiles.size();
      drive(in);
      ASSERT_NO_FATAL_FAILURE(check(in));
      ++products;
    }
  }
  EXPECT_EQ(products, 4 * 2 * 16 * 256);
}

// Loads, commits and mode changes in every order, also load and commit in one cycle.
TEST_F(PeTest, RandomLoadsCommitsAndModes) {
  for (int i = 0; i < 20000 * effort(); ++i) {
    Inputs in;
    in.load = random_.one_in(3);
    in.commit = random_.one_in(4);
    in.mode4 = random_.one_in(2);
    in.use_addend = random_.one_in(2);
    in.weight = static_cast<int>(random_.bits() & 15);
    in.x = static_cast<int>(random_.bits() & 255);
    in.addend = random_.bits();
    in.sum = random_sums();
    drive(in);
    ASSERT_NO_FATAL_FAILURE(check(in)) << "seed 1, step " << i;
  }
}

// A column of PEs carries a whole dot product: -1.0 of the contract has "minus zero" halves that must not
// become zero.
TEST_F(PeTest, MinusZeroKeepsItsSign) {
  Inputs in;
  in.load = true;
  in.weight = 0b1010;  // two minus zeros in mode 2
  drive(in);
  in = {};
  in.commit = true;
  drive(in);
  in = {};
  in.x = 32;
  drive(in);
  constexpr std::uint64_t kMinusZero = 0x1ff;  // p = -1, s = 1
  EXPECT_EQ(word(bench_->product_o, 0), (kMinusZero << 32) | 0xfff);
  EXPECT_EQ(word(bench_->product_o, 2), (kMinusZero << 32) | kMinusZero);
}

// In mode 4 lane 1 must not toggle, whatever the weight word holds.
TEST_F(PeTest, Lane1RestsInMode4) {
  Inputs in;
  in.load = true;
  in.weight = 0b1111;
  drive(in);
  in = {};
  in.commit = true;
  drive(in);
  for (int x = 0; x < 256; ++x) {
    in = {};
    in.mode4 = true;
    in.x = x;
    drive(in);
    for (const std::size_t dual : {0U, 1U, 6U, 7U, 12U, 13U, 18U, 19U}) {
      ASSERT_EQ(word(bench_->product_o, dual) >> 32, 0U) << Case(static_cast<int>(dual)).name() << " x " << x;
    }
  }
}

}  // namespace
}  // namespace msq::rtl_test
