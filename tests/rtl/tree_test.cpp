// msq_sum_tree and msq_pe_band against plain integer arithmetic.

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
  int terms;
  bool registered, alone;
  int p_bits, value_bits, fraction, sum_bits;

  explicit TreeCase(std::uint32_t set)
      : terms(1 << (set >> 28)),
        registered((set >> 25 & 1) != 0),
        alone((set >> 24 & 1) != 0),
        p_bits(static_cast<int>(set >> 20 & 15)),
        value_bits(static_cast<int>(set >> 12 & 255)),
        fraction(static_cast<int>(set >> 8 & 15)),
        sum_bits(static_cast<int>(set & 255)) {}
  [[nodiscard]] std::string name() const {
    return fmt::format("TERMS {} REGISTERED {} ALONE {} P_BITS {} VALUE_BITS {} FRACTION_BITS {} SUM_BITS {}",
                       terms, registered, alone, p_bits, value_bits, fraction, sum_bits);
  }
};

constexpr std::array<std::uint32_t, 23> kTrees = {
    0x01b14217, 0x01814213, 0x11900014, 0x21b14217, 0x31c18119, 0x2190001a, 0x11b1421c, 0x31b06114,
    0x0190810a, 0x01c0000d, 0x21c1820e, 0x31c0000d, 0x31314210, 0x00b1421a, 0x00c0820a, 0x00a0c00d,
    0x4090620c, 0x40b1421a, 0x00304106, 0x11304106, 0x12b14217, 0x22b14210, 0x32c0000d};

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
      // Where there is a value the slot is cleared; without another slot both at once do not come.
      legal_ = !case_.alone || value_bits == 0 || low(products[0], case_.p_bits + 1) == 0;
      sum_ = low(above + static_cast<std::uint64_t>(own + value), case_.sum_bits);
      return;
    }
    sum_ = low(above + static_cast<std::uint64_t>(band_), case_.sum_bits);
    band_ = (case_.registered ? own : products_) + value;
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

  void step(const std::array<std::uint16_t, 16>& products, std::uint32_t value, std::uint32_t above) {
    for (std::size_t w = 0; w < 8; ++w)
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
  const TreeCase& smallest = cases_.at(19);
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
    std::array<std::uint16_t, 16> products{};
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

/// Parameters of a band, from the digits of tree_bench.v.
struct BandCase {
  bool mode2, mode4;
  std::size_t rows;
  int act_bits, fraction, value_bits, sum_bits;

  explicit BandCase(std::uint64_t set)
      : mode2((set >> 32 & 1) != 0),
        mode4((set >> 28 & 1) != 0),
        rows(std::size_t{1} << (set >> 24 & 15)),
        act_bits(static_cast<int>(set >> 20 & 15)),
        fraction(static_cast<int>(set >> 16 & 15)),
        value_bits(static_cast<int>(set >> 8 & 255)),
        sum_bits(static_cast<int>(set & 255)) {}
  /// The product of a row as its multiplier gives it, {p, s} with s the sign of the upper digit.
  [[nodiscard]] std::uint64_t product(int word, bool mode4_i, std::uint64_t x0, std::uint64_t x1) const {
    const int value =
        word_product(word, mode4 && (!mode2 || mode4_i), static_cast<int>(as_signed(x0, act_bits)),
                     static_cast<int>(as_signed(x1, act_bits)));
    const int s = word >> 3;
    return static_cast<std::uint64_t>((value - s) * 2 + s);
  }
  [[nodiscard]] TreeCase tree() const {
    TreeCase c(0);
    c.terms = static_cast<int>(rows);
    c.alone = !mode2;
    c.p_bits = 12;  // any that is wide enough
    c.value_bits = value_bits;
    c.fraction = fraction;
    c.sum_bits = sum_bits;
    return c;
  }
  [[nodiscard]] std::string name() const {
    return fmt::format("MODE2 {} MODE4 {} ROWS {} ACT_BITS {} FRACTION_BITS {} VALUE_BITS {} SUM_BITS {}",
                       mode2, mode4, rows, act_bits, fraction, value_bits, sum_bits);
  }
};

constexpr std::array<std::uint64_t, 19> kBands = {
    0x110821417, 0x112821417, 0x11281161a, 0x11081161a, 0x10082121a, 0x01080001c, 0x113800019,
    0x103800017, 0x113420e14, 0x011421010, 0x10142100d, 0x01281161a, 0x112811a17, 0x11180000c,
    0x114821418, 0x104821216, 0x01480000f, 0x11080000d, 0x010821417};
constexpr std::size_t kRows = 16;  ///< of the largest band

struct Inputs {
  unsigned load = 0;
  int weight = 0;
  bool commit = false, mode4 = false;
  std::array<std::uint8_t, kRows> x0{}, x1{};
  std::uint32_t value = 0, sum = 0;
};

class BandModel {
 public:
  explicit BandModel(const BandCase& c) : case_(c), sum_(c.tree()) {}

  void edge(const Inputs& in) {
    std::vector<std::uint64_t> products;
    for (std::size_t r = 0; r < case_.rows; ++r)
      products.push_back(case_.product(active_[r], in.mode4, in.x0[r], in.x1[r]));
    // With one row the products have a register of their own.
    sum_.edge(case_.rows == 1 ? last_ : products, in.value, in.sum);
    last_ = products;
    if (in.commit) active_ = shadow_;
    for (std::size_t r = 0; r < case_.rows; ++r) {
      if ((in.load >> r & 1U) != 0) shadow_[r] = in.weight;
    }
  }
  [[nodiscard]] const LaneModel& sum() const { return sum_; }

 private:
  BandCase case_;
  LaneModel sum_;
  std::array<int, kRows> shadow_{}, active_{};
  std::vector<std::uint64_t> last_{0};
};

class BandTest : public testing::Test {
 protected:
  BandTest() {
    for (const std::uint64_t set : kBands) {
      cases_.emplace_back(set);
      models_.emplace_back(cases_.back());
    }
    // Registers have no reset.
    Inputs in;
    in.load = 0xffff;
    step(in);
    in = {};
    in.commit = true;
    step(in);
    for (int i = 0; i < 4; ++i) step({});
  }

  void step(const Inputs& in) {
    bench_->load_i = static_cast<std::uint16_t>(in.load);
    bench_->weight_i = static_cast<std::uint8_t>(in.weight);
    bench_->commit_i = in.commit;
    bench_->mode4_i = in.mode4;
    for (std::size_t w = 0; w < kRows / 4; ++w) {
      bench_->x0_i[w] = bench_->x1_i[w] = 0;
      for (std::size_t b = 0; b < 4; ++b) {
        bench_->x0_i[w] |= std::uint32_t{in.x0[4 * w + b]} << (8 * b);
        bench_->x1_i[w] |= std::uint32_t{in.x1[4 * w + b]} << (8 * b);
      }
    }
    bench_->value_i = in.value;
    bench_->sum_i = in.sum;
    bench_.settle();
    bench_.edge();
    for (BandModel& model : models_) model.edge(in);
  }

  void check() {
    for (std::size_t c = 0; c < models_.size(); ++c) {
      if (!models_[c].sum().legal()) continue;
      ASSERT_EQ(bench_->sum_o[c], models_[c].sum().sum()) << cases_[c].name();
      ++compared_[c];
    }
  }

  /// Activations that are all at one end, each at any end, or any.
  std::array<std::uint8_t, kRows> activations() {
    constexpr std::array<std::uint8_t, 4> kEnds = {0x80, 0x7f, 0x88, 0x77};
    std::array<std::uint8_t, kRows> x{};
    const int style = random_.range(0, 3);
    const std::uint8_t end = kEnds[random_.bits() % kEnds.size()];
    for (std::uint8_t& one : x)
      one = style == 0   ? end
            : style == 1 ? kEnds[random_.bits() % kEnds.size()]
                         : static_cast<std::uint8_t>(random_.bits());
    return x;
  }
  /// None, negative or positive, with s.
  std::uint32_t value() { return random_.one_in(2) ? 0 : word32(); }
  std::uint32_t word32() { return static_cast<std::uint32_t>(random_.bits()); }

  Bench<Vtree_bench> bench_;
  Random random_{9};
  std::vector<BandCase> cases_;
  std::vector<BandModel> models_;
  std::array<long, kBands.size()> compared_{};
};

// Every code word in every row times every activation at both places in both modes; the rows' weights differ,
// and are replaced while the tile before still runs.
TEST_F(BandTest, EveryCodeTimesEveryActivationInEveryRow) {
  for (unsigned tile = 0; tile < 64; ++tile) {
    for (unsigned i = 0; i < 256; ++i) {
      Inputs in;
      in.mode4 = tile % 2 == 1;
      if (i < kRows) {
        // Over 32 tiles of a mode each row sees each word twice.
        in.load = 1U << i;
        in.weight = static_cast<int>((tile / 2 + 3 * i) & 15U);
      }
      in.commit = i == 255;
      for (unsigned r = 0; r < kRows; ++r) {
        in.x0[r] = static_cast<std::uint8_t>(i * 37 + r * 101);
        in.x1[r] = static_cast<std::uint8_t>(i * 91 + r * 53 + tile * 19);
      }
      in.value = value();
      in.sum = word32();
      step(in);
      ASSERT_NO_FATAL_FAILURE(check()) << "seed 9, tile " << tile << ", i " << i;
    }
  }
}

// Loads of any rows, commits, modes and values in every order.
TEST_F(BandTest, LoadsCommitsModesAndValuesInAnyOrder) {
  for (int i = 0; i < 40000 * effort(); ++i) {
    Inputs in;
    in.load = random_.one_in(3) ? static_cast<unsigned>(random_.bits() & 0xffffU) : 0;
    in.weight = random_.one_in(3) ? 0 : static_cast<int>(random_.bits() & 15);
    in.commit = random_.one_in(4);
    in.mode4 = random_.one_in(2);
    in.x0 = activations();
    in.x1 = activations();
    in.value = value();
    in.sum = word32();
    step(in);
    ASSERT_NO_FATAL_FAILURE(check()) << "seed 9, i " << i;
  }
  for (std::size_t c = 0; c < cases_.size(); ++c) EXPECT_GT(compared_[c], 20000) << cases_[c].name();
}

// The largest sums of a band: every row the same word and the same ends of the activations.
TEST_F(BandTest, LargestSumsOfABand) {
  constexpr std::array<std::uint8_t, 4> kEnds = {0x80, 0x7f, 0x88, 0x77};
  for (int weight = 0; weight < 16; ++weight) {
    Inputs in;
    in.load = 0xffff;
    in.weight = weight;
    step(in);
    in = {};
    in.commit = true;
    step(in);
    for (unsigned i = 0; i < 2 * 4 * 4 * 2 * 4; ++i) {  // modes, ends of both places, values, cycles
      in = {};
      in.mode4 = i / 128 != 0;
      in.x0.fill(kEnds[i / 32 % 4]);
      in.x1.fill(kEnds[i / 8 % 4]);
      in.value = i / 4 % 2 == 0 ? 0U : ~0U;
      in.sum = word32();
      step(in);
      ASSERT_NO_FATAL_FAILURE(check()) << "weight " << weight << ", i " << i;
    }
  }
}

}  // namespace
}  // namespace msq::rtl_test
