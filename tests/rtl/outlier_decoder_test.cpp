// msq_outlier_decoder against the contract: significands, units, cleared slots, and every kind of error.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "Voutlier_decoder_bench.h"
#include "tests/rtl/bench.hpp"
#include "tests/rtl/contract.hpp"

namespace msq::rtl_test {
namespace {

struct Case {
  int micro_block, modes, entries, rows, units,
      shift_max;  ///< modes: bit 0 mode 2, bit 1 mode 4, bit 2 full range
  [[nodiscard]] bool mode2() const { return (modes & 1) != 0; }
  [[nodiscard]] bool mode4() const { return (modes & 2) != 0; }
  [[nodiscard]] bool full_range() const { return (modes & 4) != 0; }
  [[nodiscard]] int fields() const { return mode2() && mode4() ? 2 : 1; }
};
// As in outlier_decoder_bench.v, the last one there first.
constexpr std::array<Case, 8> kCases = {{{4, 3, 2, 2, 2, 7},
                                         {8, 3, 4, 1, 1, 7},
                                         {4, 7, 4, 2, 4, 7},
                                         {8, 1, 2, 2, 2, 0},
                                         {8, 2, 4, 1, 2, 5},
                                         {8, 7, 1, 1, 2, 7},
                                         {8, 5, 1, 4, 1, 15},
                                         {8, 3, 2, 4, 4, 7}}};

struct Entry {
  int upper, lower;
};

/// What the rows of a band have done to a field's units.
struct Field {
  int in_use = 0;
  std::set<int> taken;
};

int log2_of(int n) { return n <= 1 ? 0 : 1 + log2_of(n / 2); }

/// The significand of two halves, with the sign of each.
int significand(const Case& c, int bb, int upper, int lower) {
  if (c.full_range()) return full_inlier(upper, bb) * (1 << bb) + lower;
  const int hidden = sign(upper, bb) != 0 ? -(1 << bb) : 1 << bb;
  const int mask = half_magnitudes(bb) - 1;  // what is above has no place in a half
  const auto half = [&](int code) {
    const int m = magnitude(code, bb) & mask;
    return sign(code, bb) != 0 ? -m : m;
  };
  return hidden + (half(upper) << (bb / 2)) + half(lower);
}

class OutlierDecoder : public testing::Test {
 protected:
  /// Gives one row to all sets and compares what each makes of it.
  void row(Random& random, int number, bool mode4, int micro_block) {
    const auto codes = static_cast<std::uint32_t>(random.bits());
    const bool load = number == 0 || !random.one_in(8);
    std::array<bool, 2> has{};
    std::array<int, 2> scale{};
    std::array<std::uint64_t, 2> lists{};
    for (std::size_t f = 0; f < 2; ++f) {
      has[f] = random.one_in(density_);
      scale[f] = random.one_in(6) ? static_cast<int>(random.bits() & 0xff) : random.range(0, 7);
      lists[f] = list(random, micro_block);
    }
    drive(load, number, mode4, has, scale, lists, codes);
    for (std::size_t i = 0; i < kCases.size(); ++i) compare(i, load, number, mode4, has, scale, lists, codes);
    bench_.edge();
  }

  /// A list that makes sense for one size of micro-block; sets of the other one find errors in it.
  static std::uint64_t list(Random& random, int micro_block) {
    const int loc = log2_of(micro_block);
    std::vector<int> places(static_cast<std::size_t>(micro_block));
    for (std::size_t p = 0; p < places.size(); ++p) places[p] = static_cast<int>(p);
    std::shuffle(places.begin(), places.end(), random.engine());
    std::uint64_t bits = 0;
    for (int e = 0; e < 4; ++e) {
      // Mostly apart; sometimes empty, sometimes anything.
      auto upper = static_cast<std::uint64_t>(places[static_cast<std::size_t>(2 * e % micro_block)]);
      auto lower = static_cast<std::uint64_t>(places[static_cast<std::size_t>((2 * e + 1) % micro_block)]);
      if (random.one_in(3)) lower = upper;
      if (random.one_in(12)) upper = random.bits() % static_cast<unsigned>(micro_block);
      bits |= (upper << loc | lower) << (2 * loc * e);
    }
    return bits;
  }

  void drive(bool load, int number, bool mode4, const std::array<bool, 2>& has,
             const std::array<int, 2>& scale, const std::array<std::uint64_t, 2>& lists,
             std::uint32_t codes) {
    bench_->load_i = load;
    bench_->row_i = static_cast<std::uint8_t>(number);
    bench_->mode4_i = mode4;
    bench_->has_outliers_i = static_cast<std::uint8_t>((has[0] ? 1 : 0) | (has[1] ? 2 : 0));
    bench_->mx_scale_i = static_cast<std::uint16_t>(scale[0] | scale[1] << 8);
    set_word(bench_->list_i, 0, lists[0]);
    set_word(bench_->list_i, 1, lists[1]);
    bench_->codes_i = codes;
    bench_.settle();
  }

  void compare(std::size_t index, bool load, int number, bool mode4_wanted, const std::array<bool, 2>& has,
               const std::array<int, 2>& scale, const std::array<std::uint64_t, 2>& lists,
               std::uint32_t codes) {
    const Case& c = kCases[index];
    const bool mode4 = c.mode4() && (!c.mode2() || mode4_wanted);
    const bool first = number % c.rows == 0;
    const int bb = mode4 ? 4 : 2;
    const int loc = log2_of(c.micro_block);
    const int row_bits = log2_of(c.rows);
    const int shift_bits =
        c.shift_max == 0 ? 1 : log2_of(c.shift_max + 1) + ((c.shift_max & (c.shift_max + 1)) != 0 ? 1 : 0);
    const std::uint64_t status = word(bench_->status_o, index);
    bool list_error = false;
    bool unit_error = false;
    std::uint32_t left = low(codes, 4 * c.fields() * c.micro_block / (c.mode2() ? 2 : 1)) & 0xffffffffU;
    const auto where = testing::Message() << "case " << index << ", row " << number << ", seed " << seed_;
    for (int f = 0; f < c.fields(); ++f) {
      Field& field = fields_[index][static_cast<std::size_t>(f)];
      const auto at = static_cast<std::size_t>(f);
      const bool absent = f == 1 && mode4;
      std::vector<Entry> used;
      for (int e = 0; e < c.entries; ++e) {
        const Entry entry = {static_cast<int>(low(lists[at] >> (2 * loc * e + loc), loc)),
                             static_cast<int>(low(lists[at] >> (2 * loc * e), loc))};
        if (has[at] && entry.upper != entry.lower) used.push_back(entry);
      }
      std::multiset<int> named;
      for (const Entry& entry : used) named.insert({entry.upper, entry.lower});
      list_error |=
          has[at] && (scale[at] > c.shift_max || absent ||
                      std::any_of(named.begin(), named.end(), [&](int p) { return named.count(p) > 1; }));
      Field band = first ? Field{} : field;
      const int before = band.in_use;
      const int total = before + static_cast<int>(used.size());
      bool error = total > c.units;
      for (const Entry& entry : used)
        error |= c.rows > 1 && c.units > 1 && band.taken.count(entry.upper) != 0;
      unit_error |= error;
      // What a field that the mode does not have, or an error, does to the codes and units is not defined.
      if (!(absent && has[at]) && !error &&
          named.size() == std::set<int>(named.begin(), named.end()).size()) {
        for (const int p : named) left &= ~(((1U << bb) - 1) << (bb * (f * c.micro_block + p)));
        for (int u = 0; u < c.units; ++u) {
          const bool mine = u >= before && u < total;
          const bool write = load && (first || mine);
          ASSERT_EQ(status >> (2 + 4 * f + u) & 1, write ? 1U : 0U)
              << where << ", unit " << u << " of field " << f;
          if (!write) continue;
          std::uint64_t expected = 0;
          if (mine) {
            const Entry& entry = used[static_cast<std::size_t>(u - before)];
            const auto code = [&](int p) {
              return static_cast<int>(codes >> (bb * (f * c.micro_block + p)) & ((1U << bb) - 1));
            };
            const int sig_bits = f == 1 || !c.mode4() ? 4 : c.full_range() ? 8 : 6;
            const bool wide = f == 0 && c.fields() == 2;
            const auto lane = static_cast<std::uint64_t>(wide && mode4 ? 2 * entry.upper : entry.upper);
            const int lane_bits = loc + (wide ? 1 : 0);
            expected =
                low(static_cast<std::uint64_t>(significand(c, bb, code(entry.upper), code(entry.lower))),
                    sig_bits);
            expected |= static_cast<std::uint64_t>(number % c.rows) << sig_bits;
            expected |= lane << (sig_bits + row_bits);
            expected |= low(static_cast<std::uint64_t>(scale[at]), shift_bits)
                        << (sig_bits + row_bits + lane_bits);
          }
          const auto words = static_cast<std::size_t>(8) * index + static_cast<std::size_t>(4 * f + u);
          ASSERT_EQ(bench_->words_o[words], expected) << where << ", unit " << u << " of field " << f;
        }
      } else {
        undefined_ = true;
      }
      if (load) {
        band.in_use = std::min(total, c.units);
        for (const Entry& entry : used) band.taken.insert(entry.upper);
        field = band;
      }
    }
    ASSERT_EQ(status & 1, load && list_error ? 1U : 0U) << where << ": list error";
    ASSERT_EQ(status >> 1 & 1, load && unit_error ? 1U : 0U) << where << ": unit error";
    if (!undefined_) {
      ASSERT_EQ(status >> 32, left) << where << ": codes";
    }
    undefined_ = false;
    list_errors_ += load && list_error ? 1 : 0;
    unit_errors_ += load && unit_error ? 1 : 0;
  }

  Bench<Voutlier_decoder_bench> bench_;
  std::array<std::array<Field, 2>, 8> fields_;
  int density_ = 2;
  unsigned seed_ = 0;
  bool undefined_ = false;
  long list_errors_ = 0;
  long unit_errors_ = 0;
};

TEST_F(OutlierDecoder, RandomBands) {
  for (seed_ = 1; seed_ <= 4; ++seed_) {
    Random random(seed_);
    density_ = seed_ % 2 == 0 ? 1 : 3;
    for (int band = 0; band < 2000 * effort(); ++band) {
      const bool mode4 = random.one_in(2);
      const int micro_block = random.one_in(2) ? 4 : 8;
      for (int number = 0; number < 4; ++number) {
        ASSERT_NO_FATAL_FAILURE(row(random, number, mode4, micro_block));
      }
    }
  }
  EXPECT_GT(list_errors_, 1000);
  EXPECT_GT(unit_errors_, 1000);
}

}  // namespace
}  // namespace msq::rtl_test
