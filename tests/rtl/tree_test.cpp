// msq_sum_tree and msq_pe_tree against plain integer arithmetic.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "Vtree_bench.h"
#include "tests/rtl/bench.hpp"
#include "tests/rtl/contract.hpp"

namespace msq::rtl_test {
namespace {

/// {p, s} of `bits` + 1 bits as p + s.
std::int64_t sum_of(std::uint64_t port, int bits) {
  return as_signed(port >> 1, bits) + static_cast<std::int64_t>(port & 1);
}

/// Parameters of a tree, from the digits of tree_bench.v.
struct TreeCase {
  int terms, p_bits, value_bits, fraction, sum_bits;

  explicit TreeCase(std::uint32_t set)
      : terms(static_cast<int>(set >> 24)),
        p_bits(static_cast<int>(set >> 20 & 15)),
        value_bits(static_cast<int>(set >> 12 & 255)),
        fraction(static_cast<int>(set >> 8 & 15)),
        sum_bits(static_cast<int>(set & 255)) {}
  [[nodiscard]] std::string name() const {
    return fmt::format("TERMS {} P_BITS {} VALUE_BITS {} FRACTION_BITS {} SUM_BITS {}", terms, p_bits,
                       value_bits, fraction, sum_bits);
  }
};

constexpr std::array<std::uint32_t, 14> kTrees = {0x1b14217, 0x1814213, 0x2900014, 0x4b14217, 0x8c18119,
                                                  0x490001a, 0x2b1421c, 0x8b06114, 0x190810a, 0x1c0000d,
                                                  0x4c1820e, 0x8c0000d, 0x8314210, 0x2304106};

/// The registers of one lane as integers. Products come `p_bits` + 1 bits wide, {p, s}.
class LaneModel {
 public:
  explicit LaneModel(const TreeCase& c) : case_(c) {}

  void edge(const std::vector<std::uint64_t>& products, std::uint64_t value_port, std::uint64_t above) {
    const std::uint64_t value_bits = case_.value_bits == 0 ? 0 : low(value_port, case_.value_bits + 1);
    const std::int64_t value = sum_of(value_bits, std::max(1, case_.value_bits));
    std::int64_t own = 0;
    for (const std::uint64_t port : products)
      own += sum_of(low(port, case_.p_bits + 1), case_.p_bits) * (std::int64_t{1} << case_.fraction);
    if (case_.terms == 1) {
      // Where there is a value the slots are cleared; both at once do not come.
      legal_ = value_bits == 0 || low(products[0], case_.p_bits + 1) == 0;
      sum_ = low(above + static_cast<std::uint64_t>(own + value), case_.sum_bits);
      return;
    }
    sum_ = low(above + static_cast<std::uint64_t>(band_), case_.sum_bits);
    band_ = products_ + value;
    products_ = own;
  }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }
  [[nodiscard]] bool legal() const { return legal_; }

 private:
  TreeCase case_;
  std::int64_t products_ = 0, band_ = 0;
  std::uint64_t sum_ = 0;
  bool legal_ = true;
};

class SumTreeTest : public testing::Test {
 protected:
  SumTreeTest() {
    for (const std::uint32_t set : kTrees) {
      cases_.emplace_back(set);
      models_.emplace_back(cases_.back());
    }
    for (int i = 0; i < 4; ++i) step({}, 0, 0);  // registers have no reset
  }

  void step(const std::array<std::uint16_t, 8>& products, std::uint32_t value, std::uint32_t above) {
    for (std::size_t w = 0; w < 4; ++w)
      bench_->products_i[w] = products[2 * w] | static_cast<std::uint32_t>(products[2 * w + 1]) << 16;
    bench_->tree_value_i = value;
    bench_->tree_above_i = above;
    bench_.settle();
    bench_.edge();
    for (std::size_t c = 0; c < models_.size(); ++c)
      models_[c].edge({products.begin(), products.begin() + cases_[c].terms}, value, above);
  }

  void check() {
    for (std::size_t c = 0; c < models_.size(); ++c) {
      if (!models_[c].legal()) continue;
      ASSERT_EQ(bench_->tree_sum_o[c], models_[c].sum()) << cases_[c].name();
      ++compared_[c];
    }
  }

  Bench<Vtree_bench> bench_;
  Random random_{7};
  std::vector<TreeCase> cases_;
  std::vector<LaneModel> models_;
  std::array<long, kTrees.size()> compared_{};
};

// Two products of three bits, a value of four, a sum of six: all there is.
TEST_F(SumTreeTest, EverySumOfTheSmallestTree) {
  const TreeCase& smallest = cases_.back();
  ASSERT_EQ(smallest.terms * (smallest.p_bits + 1) + smallest.value_bits + 1 + smallest.sum_bits, 19);
  std::array<std::uint32_t, 3> last{};  // products come one cycle before the value, that one before the sum
  for (std::uint32_t i = 0; i < (1U << 19) + 2; ++i) {
    last = {i, last[0], last[1]};
    const std::uint32_t products = last[0] & 255;
    step({static_cast<std::uint16_t>(products & 15), static_cast<std::uint16_t>(products >> 4)},
         last[1] >> 8 & 31, last[2] >> 13);
    ASSERT_NO_FATAL_FAILURE(check()) << i;
  }
}

// The largest and the smallest products, values and sums in every mixture, and any others.
TEST_F(SumTreeTest, EndsOfEveryWidthAndAnySums) {
  for (int i = 0; i < 60000 * effort(); ++i) {
    const int style = random_.range(0, 3);
    std::array<std::uint16_t, 8> products{};
    // With one row half of the cycles bring a product, half of them a value.
    const bool value_only = random_.one_in(2);
    const TreeCase& c =
        cases_[static_cast<std::size_t>(random_.range(0, static_cast<int>(cases_.size()) - 1))];
    for (std::uint16_t& product : products) {
      const auto largest = static_cast<std::uint16_t>((1U << c.p_bits) - 1);  // p at its end, and s
      const auto smallest = static_cast<std::uint16_t>(1U << c.p_bits);
      product = style == 0   ? largest
                : style == 1 ? smallest
                : style == 2 ? (random_.one_in(2) ? largest : smallest)
                             : static_cast<std::uint16_t>(random_.bits());
    }
    if (value_only) products[0] = 0;
    const std::uint64_t ends =
        random_.one_in(2) ? (std::uint64_t{1} << c.value_bits) - 1 : std::uint64_t{1} << c.value_bits;
    const auto value = static_cast<std::uint32_t>(
        value_only || random_.one_in(4) ? (random_.one_in(2) ? ends : random_.bits()) : 0);
    step(products, value, static_cast<std::uint32_t>(random_.one_in(4) ? ends : random_.bits()));
    ASSERT_NO_FATAL_FAILURE(check()) << "seed 7, i " << i;
  }
  for (std::size_t c = 0; c < cases_.size(); ++c) EXPECT_GT(compared_[c], 30000) << cases_[c].name();
}

/// Parameters of a PE, from the digits of tree_bench.v.
struct PeCase {
  bool mode2, mode4, full_range;
  int rows, act_bits, fraction, value0_bits, value1_bits, sum_bits;

  explicit PeCase(std::uint64_t set)
      : mode2((set >> 44 & 1) != 0),
        mode4((set >> 40 & 1) != 0),
        full_range((set >> 36 & 1) != 0),
        rows(static_cast<int>(set >> 32 & 15)),
        act_bits(static_cast<int>(set >> 28 & 15)),
        fraction(static_cast<int>(set >> 24 & 15)),
        value0_bits(static_cast<int>(set >> 16 & 255)),
        value1_bits(static_cast<int>(set >> 8 & 255)),
        sum_bits(static_cast<int>(set & 255)) {}
  [[nodiscard]] std::size_t lanes() const { return mode2 ? 2 : 1; }
  [[nodiscard]] int bb(bool mode4_i) const { return mode4 && (!mode2 || mode4_i) ? 4 : 2; }
  /// A product of a lane as its multiplier gives it, {p, s}.
  [[nodiscard]] std::uint64_t product(int word, bool mode4_i, int lane, int x) const {
    if (bb(mode4_i) == 4 && lane == 1) return 0;
    const int code = lane_code(word, bb(mode4_i), lane);
    const int port =
        full_range ? full_product_port(code, bb(mode4_i), x) : product_port(code, bb(mode4_i), x);
    return static_cast<std::uint64_t>(port);
  }
  [[nodiscard]] TreeCase lane(int l) const {
    TreeCase c(0);
    c.terms = rows;
    c.p_bits = 12;  // any that is wide enough
    c.value_bits = value0_bits == 0 ? 0 : l == 0 ? value0_bits : value1_bits;
    c.fraction = fraction;
    c.sum_bits = sum_bits;
    return c;
  }
  [[nodiscard]] std::string name() const {
    return fmt::format(
        "MODE2 {} MODE4 {} FULL_RANGE {} ROWS {} ACT_BITS {} FRACTION_BITS {} VALUES {} {} SUM_BITS {}",
        mode2, mode4, full_range, rows, act_bits, fraction, value0_bits, value1_bits, sum_bits);
  }
};

constexpr std::array<std::uint64_t, 14> kPes = {
    0x110182141217, 0x110482141217, 0x11148116121b, 0x11118216121a, 0x10018212121a,
    0x01018214001c, 0x111880000019, 0x110880000017, 0x1108420e0c14, 0x011242100010,
    0x10124210100d, 0x01148116121a, 0x1114811a1217, 0x11028000000c};

struct Inputs {
  std::uint8_t load = 0;
  int weight = 0;
  bool commit = false, mode4 = false;
  std::uint64_t x = 0, value = 0, sum = 0;
};

class PeModel {
 public:
  explicit PeModel(const PeCase& c) : case_(c), lanes_{LaneModel(c.lane(0)), LaneModel(c.lane(1))} {}

  void edge(const Inputs& in) {
    for (int l = 0; l < 2; ++l) {
      const auto at = static_cast<std::size_t>(l);
      std::vector<std::uint64_t> products;
      for (int r = 0; r < case_.rows; ++r) {
        const int x = static_cast<int>(as_signed(in.x >> (8 * r), case_.act_bits));
        products.push_back(case_.product(active_[static_cast<std::size_t>(r)], in.mode4, l, x));
      }
      // A lone row's product waits in a register for the value.
      if (case_.rows == 1) std::swap(products, waiting_[at]);
      lanes_[at].edge(products, in.value >> (32 * l), in.sum >> (32 * l));
    }
    if (in.commit) active_ = shadow_;
    for (std::size_t r = 0; r < shadow_.size(); ++r) {
      if ((in.load >> r & 1) != 0) shadow_[r] = in.weight;
    }
  }
  [[nodiscard]] const LaneModel& lane(std::size_t l) const { return lanes_[l]; }

 private:
  PeCase case_;
  std::array<int, 8> shadow_{}, active_{};
  std::array<LaneModel, 2> lanes_;
  std::array<std::vector<std::uint64_t>, 2> waiting_{std::vector<std::uint64_t>(1),
                                                     std::vector<std::uint64_t>(1)};
};

class PeTreeTest : public testing::Test {
 protected:
  PeTreeTest() {
    for (const std::uint64_t set : kPes) {
      cases_.emplace_back(set);
      models_.emplace_back(cases_.back());
    }
    Inputs in;
    in.load = 255;
    step(in);
    in = {};
    in.commit = true;
    step(in);
    for (int i = 0; i < 4; ++i) step({});
  }

  void step(const Inputs& in) {
    bench_->load_i = in.load;
    bench_->weight_i = static_cast<std::uint8_t>(in.weight);
    bench_->commit_i = in.commit;
    bench_->mode4_i = in.mode4;
    bench_->x_i = in.x;
    bench_->value_i = in.value;
    bench_->sum_i = in.sum;
    bench_.settle();
    bench_.edge();
    for (PeModel& model : models_) model.edge(in);
  }

  void check() {
    for (std::size_t c = 0; c < models_.size(); ++c) {
      for (std::size_t l = 0; l < cases_[c].lanes(); ++l) {
        if (!models_[c].lane(l).legal()) continue;
        ASSERT_EQ(low(word(bench_->sum_o, c) >> (32 * l), 32), models_[c].lane(l).sum())
            << cases_[c].name() << ", lane " << l;
        ++compared_[c];
      }
    }
  }

  /// Activations that are at an end, or any.
  std::uint64_t activations() {
    constexpr std::array<std::uint64_t, 4> kEnds = {0x8080808080808080, 0x7f7f7f7f7f7f7f7f,
                                                    0x8888888888888888, 0x7777777777777777};
    return random_.one_in(3) ? kEnds[random_.bits() % kEnds.size()] : random_.bits();
  }
  /// Values of both lanes: none, negative or positive, with s.
  std::uint64_t values() { return random_.one_in(2) ? 0 : random_.bits(); }

  Bench<Vtree_bench> bench_;
  Random random_{9};
  std::vector<PeCase> cases_;
  std::vector<PeModel> models_;
  std::array<long, kPes.size()> compared_{};
};

// Every code word in every row times every activation in both modes; the rows' weights differ, and are
// replaced while the tile before still runs.
TEST_F(PeTreeTest, EveryCodeTimesEveryActivationInEveryRow) {
  for (int tile = 0; tile < 64; ++tile) {
    const bool mode4 = tile % 2 == 1;
    for (int i = 0; i < 256; ++i) {
      Inputs in;
      in.mode4 = mode4;
      if (i < 8) {
        // Over 32 tiles of a mode each row sees each word twice.
        in.load = static_cast<std::uint8_t>(1U << i);
        in.weight = (tile / 2 + 3 * i) & 15;
      }
      in.commit = i == 255;
      for (unsigned r = 0; r < 8; ++r)
        in.x |= ((static_cast<std::uint64_t>(i) * 37 + std::uint64_t{r} * 101) & 255) << (8 * r);
      in.value = values();
      in.sum = random_.bits();
      step(in);
      ASSERT_NO_FATAL_FAILURE(check()) << "seed 9, tile " << tile << ", i " << i;
    }
  }
}

// Loads of any rows, commits, modes and values in every order.
TEST_F(PeTreeTest, LoadsCommitsModesAndValuesInAnyOrder) {
  for (int i = 0; i < 40000 * effort(); ++i) {
    Inputs in;
    in.load = random_.one_in(3) ? static_cast<std::uint8_t>(random_.bits()) : 0;
    in.weight = random_.one_in(3) ? 0 : static_cast<int>(random_.bits() & 15);
    in.commit = random_.one_in(4);
    in.mode4 = random_.one_in(2);
    in.x = activations();
    in.value = values();
    in.sum = random_.bits();
    step(in);
    ASSERT_NO_FATAL_FAILURE(check()) << "seed 9, i " << i;
  }
  for (std::size_t c = 0; c < cases_.size(); ++c) EXPECT_GT(compared_[c], 20000) << cases_[c].name();
}

// The largest sums of a band: every row the same word and the same end of the activations.
TEST_F(PeTreeTest, LargestSumsOfABand) {
  for (int weight = 0; weight < 16; ++weight) {
    Inputs in;
    in.load = 255;
    in.weight = weight;
    step(in);
    in = {};
    in.commit = true;
    step(in);
    for (const bool mode4 : {false, true}) {
      for (const std::uint64_t x :
           {0x8080808080808080U, 0x7f7f7f7f7f7f7f7fU, 0x8888888888888888U, 0x7777777777777777U}) {
        for (const std::uint64_t value : {0U, ~0U}) {
          for (int i = 0; i < 4; ++i) {
            in = {};
            in.mode4 = mode4;
            in.x = x;
            in.value = value << 32 | value;
            in.sum = random_.bits();
            step(in);
            ASSERT_NO_FATAL_FAILURE(check()) << "weight " << weight << ", mode4 " << mode4;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace msq::rtl_test
