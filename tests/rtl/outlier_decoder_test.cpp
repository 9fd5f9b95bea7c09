// msq_outlier_decoder against the contract in plain integers.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <vector>

#include "Voutlier_decoder_bench.h"
#include "tests/rtl/bench.hpp"
#include "tests/rtl/contract.hpp"
#include "tests/rtl/routing_model.hpp"

namespace msq::rtl_test {
namespace {

/// Parameters of one case, from the digits of outlier_decoder_bench.v.
struct Case {
  int micro_block;
  bool mode2, mode4;
  std::size_t entries;
  bool full_range;
  int rows, units, shift_max;

  explicit Case(std::uint64_t set)
      : micro_block(static_cast<int>(set >> 32)),
        mode2(digit(set, 7) != 0),
        mode4(digit(set, 6) != 0),
        entries(static_cast<std::size_t>(digit(set, 5))),
        full_range(digit(set, 4) != 0),
        rows(digit(set, 3)),
        units(digit(set, 2)),
        shift_max(digit(set, 1)) {}
  static int digit(std::uint64_t set, int at) { return static_cast<int>(set >> (4 * at) & 15U); }
  [[nodiscard]] std::size_t fields() const { return mode2 ? 2 : 1; }
  [[nodiscard]] int bb(bool mode4_i) const { return mode4 && (!mode2 || mode4_i) ? 4 : 2; }
  [[nodiscard]] std::string name() const {
    return fmt::format(
        "MICRO_BLOCK {} MODE2 {} MODE4 {} ENTRIES {} FULL_RANGE {} ROWS {} UNITS {} SHIFT_MAX {}",
        micro_block, mode2, mode4, entries, full_range, rows, units, shift_max);
  }
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> list;
    for (const std::uint64_t set : {0x0411201270U, 0x0411202170U, 0x0410204200U, 0x0411212270U, 0x08114011f0U,
                                    0x0810402270U, 0x0801404470U, 0x0811408450U, 0x0811114170U, 0x08101121f0U,
                                    0x0801212270U, 0x0811211200U, 0x1011804270U, 0x10108044f0U, 0x1001814170U,
                                    0x1011214270U, 0x0411202270U, 0x0811402870U, 0x1011812870U})
      list.emplace_back(set);
    return list;
  }();
  return all;
}

/// Metadata of one micro-block.
struct Field {
  bool has = false;
  int r = 0;
  std::uint64_t list = 0;
};

struct Row {
  bool load = true;
  int row = 0;  ///< a band of fewer rows counts modulo its own
  bool mode4 = false;
  std::array<Field, 2> fields;
  std::uint64_t codes = 0;
};

/// Setting of a unit; all zeros: no outlier.
struct Word {
  int significand = 0, input = 0, lane = 0, shift = 0;
  bool operator==(const Word&) const = default;
};

/// Outputs of the decoder for one row.
struct Expected {
  bool illegal = false;  ///< a list is wrong: its settings mean nothing
  bool list_error = false, unit_error = false;
  std::uint64_t codes = 0;
  std::array<bool, 8> write{};
  std::array<Word, 8> words{};
};

/// Signed significand of an outlier, M of X = M x 2^r.
int significand(const Case& c, int upper, int lower, int bb) {
  if (c.full_range) return full_inlier(upper, bb) * (1 << bb) + lower;
  // Halves have bb / 2 bits of magnitude; what a code holds between them and the sign means nothing.
  const auto half = [bb](int code) {
    const int m = code & (half_magnitudes(bb) - 1);
    return sign(code, bb) != 0 ? -m : m;
  };
  const int hidden = sign(upper, bb) != 0 ? -(1 << bb) : 1 << bb;
  return hidden + half(upper) * half_magnitudes(bb) + half(lower);
}

/// First bit of the code at a position: a word holds one code in mode 4, those of both fields in mode 2.
constexpr int code_bit(int position, std::size_t field, int bb) {
  return 4 * position + (bb == 4 ? 0 : 2 * static_cast<int>(field));
}

/// One decoder: the outliers of the band so far.
class Model {
 public:
  explicit Model(const Case& c) : case_(c) {}

  [[nodiscard]] Expected expect(const Row& in) const {
    Expected result;
    const int bb = case_.bb(in.mode4);
    const int row = in.row % case_.rows;
    const auto units = static_cast<std::size_t>(case_.units);
    std::uint64_t kept = low(in.codes, 4 * case_.micro_block);
    std::size_t unit = row == 0 ? 0 : used_;
    std::set<int> taken = row == 0 ? std::set<int>() : lanes_;
    for (std::size_t u = 0; u < units; ++u) result.write[u] = row == 0;
    for (std::size_t f = 0; f < case_.fields(); ++f) {
      const List list = entries(in.fields[f]);
      result.illegal = result.illegal || illegal(in, f);
      std::set<int> uppers;
      for (const Entry& e : list) {
        const auto code = [&](int position) {
          return static_cast<int>(in.codes >> code_bit(position, f, bb)) & ((1 << bb) - 1);
        };
        if (unit < units) {
          result.write[unit] = true;
          result.words[unit] = {significand(case_, code(e.upper), code(e.lower), bb),
                                static_cast<int>(f) * case_.rows + row, e.upper, in.fields[f].r};
        } else {
          result.unit_error = true;
        }
        ++unit;
        if (taken.contains(e.upper)) result.unit_error = true;
        uppers.insert(e.upper);
        for (const int position : {e.upper, e.lower})
          kept &= ~(std::uint64_t{(1U << bb) - 1} << code_bit(position, f, bb));
      }
      taken.merge(uppers);
    }
    result.codes = numbers(kept, bb);
    result.list_error = in.load && result.illegal;
    if (!in.load) {
      result.unit_error = false;
      result.write.fill(false);
    }
    return result;
  }

  void edge(const Row& in) {
    if (!in.load) return;
    if (in.row % case_.rows == 0) {
      used_ = 0;
      lanes_.clear();
    }
    for (std::size_t f = 0; f < case_.fields(); ++f) {
      for (const Entry& e : entries(in.fields[f])) {
        used_ = std::min<std::size_t>(used_ + 1, static_cast<std::size_t>(case_.units));
        lanes_.insert(e.upper);
      }
    }
  }

 private:
  /// A position named twice, r too large, or a second field in mode 4.
  [[nodiscard]] bool illegal(const Row& in, std::size_t f) const {
    const Field& field = in.fields[f];
    std::set<int> named;
    for (const Entry& e : entries(field)) {
      if (!named.insert(e.upper).second || !named.insert(e.lower).second) return true;
    }
    return field.has && (field.r > case_.shift_max || (f == 1 && case_.bb(in.mode4) == 4));
  }
  /// The words of the PEs: codes as two's complement numbers.
  [[nodiscard]] std::uint64_t numbers(std::uint64_t codes, int bb) const {
    if (case_.full_range) return codes;
    std::uint64_t result = 0;
    for (int at = 0; at < 64; at += 4)
      result |= static_cast<std::uint64_t>(twos_complement(static_cast<int>(codes >> at & 15U), bb)) << at;
    return result;
  }
  [[nodiscard]] List entries(const Field& field) const {
    List list;
    if (!field.has) return list;
    List given = unpack(field.list, case_.micro_block);
    given.resize(case_.entries);
    std::copy_if(given.begin(), given.end(), std::back_inserter(list),
                 [](const Entry& e) { return e.upper != e.lower; });
    return list;
  }

  Case case_;
  std::size_t used_ = 0;
  std::set<int> lanes_;
};

class OutlierDecoderTest : public testing::Test {
 protected:
  OutlierDecoderTest() {
    for (const Case& c : cases()) models_.emplace_back(c);
    drive({});  // the first row of a band: registers have no reset
  }

  void drive(const Row& in) {
    bench_->load_i = in.load;
    bench_->row_i = static_cast<std::uint8_t>(in.row);
    bench_->mode4_i = in.mode4;
    bench_->has_outliers_i = static_cast<std::uint8_t>(in.fields[0].has | (in.fields[1].has << 1));
    bench_->mx_scale_i = static_cast<std::uint16_t>(in.fields[0].r | (in.fields[1].r << 8));
    for (std::size_t f = 0; f < 2; ++f) set_word(bench_->list_i, f, in.fields[f].list);
    bench_->codes_i = in.codes;
    bench_.settle();
    for (std::size_t c = 0; c < models_.size(); ++c) {
      if (!HasFatalFailure()) compare(c, models_[c].expect(in));
      if (HasFatalFailure()) {
        FAIL() << cases()[c].name()
               << fmt::format(", row {} mode4 {} has {} {} r {} {} lists {:#x} {:#x} codes {:#x}", in.row,
                              in.mode4, in.fields[0].has, in.fields[1].has, in.fields[0].r, in.fields[1].r,
                              in.fields[0].list, in.fields[1].list, in.codes);
      }
    }
    bench_.edge();
    for (Model& model : models_) model.edge(in);
  }

  void compare(std::size_t c, const Expected& expected) {
    const std::uint32_t status = bench_->status_o[c];
    ASSERT_EQ((status & 1) != 0, expected.list_error) << "list_error_o";
    ASSERT_EQ((status & 2) != 0, expected.unit_error) << "unit_error_o";
    errors_[c] += (status & 2) != 0 ? 1 : 0;
    if (expected.illegal) return;
    ASSERT_EQ(word(bench_->codes_o, c), expected.codes) << "codes_o";
    for (std::size_t u = 0; u < 8; ++u) {
      ASSERT_EQ((status >> (2 + u) & 1) != 0, expected.write[u]) << "write_o of unit " << u;
      const std::uint32_t port = bench_->words_o[8 * c + u];
      const Word found{static_cast<int>(as_signed(port, 8)), static_cast<int>(port >> 8 & 255),
                       static_cast<int>(port >> 16 & 255), static_cast<int>(port >> 24)};
      const Word& due = expected.words[u];
      ASSERT_TRUE(found == due) << fmt::format(
          "unit {}: significand {} input {} lane {} shift {}, expected {} {} {} {}", u, found.significand,
          found.input, found.lane, found.shift, due.significand, due.input, due.lane, due.shift);
      outliers_[c] += due == Word{} ? 0 : 1;
    }
  }

  /// `count` outliers at any positions, each named once, in any entries of a list of `entries`.
  std::uint64_t legal_list(int micro_block, std::size_t count, std::size_t entries) {
    std::vector<int> positions(static_cast<std::size_t>(micro_block));
    std::iota(positions.begin(), positions.end(), 0);
    std::shuffle(positions.begin(), positions.end(), random_.engine());
    List list;
    for (std::size_t i = 0; i < count; ++i) list.push_back({positions[2 * i], positions[2 * i + 1]});
    std::vector<int> slots(static_cast<std::size_t>(micro_block) / 2);
    std::iota(slots.begin(), slots.end(), 0);
    std::shuffle(slots.begin(), slots.begin() + static_cast<std::ptrdiff_t>(entries), random_.engine());
    return pack(list, micro_block, slots, random_.range(0, micro_block - 1));
  }

  Bench<Voutlier_decoder_bench> bench_;
  Random random_{5};
  std::vector<Model> models_;
  std::array<long, 19> outliers_{}, errors_{};
};

// MICRO_BLOCK 4: every list in each field against every list in the other one, in both modes; the cases of
// larger blocks read the same bits as lists of their own.
TEST_F(OutlierDecoderTest, EveryListOfMicroBlock4) {
  for (const bool mode4 : {false, true}) {
    for (std::uint64_t list0 = 0; list0 < 256; ++list0) {
      for (std::uint64_t list1 = 0; list1 < 256; ++list1) {
        const int has = random_.range(1, 7);  // mostly both fields
        Row row;
        row.row = random_.one_in(3) ? random_.range(0, 7) : 0;
        row.mode4 = mode4;
        row.fields = {Field{has != 2, random_.range(0, 7), list0},
                      Field{has != 1 && !(mode4 && random_.one_in(2)), random_.range(0, 7), list1}};
        row.codes = random_.bits();
        ASSERT_NO_FATAL_FAILURE(drive(row)) << "seed 5";
      }
    }
  }
  EXPECT_GT(outliers_[0], 40000);
}

// Every pair of code words as halves, at every pair of positions, for every size of micro-block. Lists of all
// sizes see the entry in their first slot.
TEST_F(OutlierDecoderTest, EveryPairOfHalvesAtEveryPairOfPositions) {
  for (const int micro_block : {4, 8, 16}) {
    for (int upper = 0; upper < micro_block; ++upper) {
      for (int lower = 0; lower < micro_block; ++lower) {
        if (upper == lower) continue;
        for (const bool mode4 : {false, true}) {
          const int bb = mode4 ? 4 : 2;
          for (int halves = 0; halves < 1 << (2 * bb); ++halves) {
            Row row;
            row.mode4 = mode4;
            row.codes = random_.bits();
            const std::size_t f = !mode4 && random_.one_in(2) ? 1 : 0;
            std::vector<int> slots(static_cast<std::size_t>(micro_block) / 2);
            std::iota(slots.begin(), slots.end(), 0);
            row.fields[f] = {true, random_.range(0, 7), pack({{upper, lower}}, micro_block, slots, 0)};
            for (const auto& [position, code] : {std::pair{upper, halves >> bb}, std::pair{lower, halves}}) {
              const int at = code_bit(position, f, bb);
              row.codes &= ~(std::uint64_t{(1U << bb) - 1} << at);
              row.codes |= (static_cast<std::uint64_t>(code) & ((1U << bb) - 1)) << at;
            }
            ASSERT_NO_FATAL_FAILURE(drive(row));
          }
        }
      }
    }
  }
  for (std::size_t c = 0; c < outliers_.size(); ++c) EXPECT_GT(outliers_[c], 1000) << cases()[c].name();
}

// Two entries that share one position, in every pair of slots, halves and at every position: each is
// reported.
TEST_F(OutlierDecoderTest, EveryPairOfClaimsOnEveryPosition) {
  for (const int micro_block : {8, 16}) {
    const int entries = micro_block / 2;
    for (int e = 0; e < entries; ++e) {
      for (int f = e + 1; f < entries; ++f) {
        for (int halves = 0; halves < 4; ++halves) {
          for (int shared = 0; shared < micro_block; ++shared) {
            // The other positions differ from the shared one and from each other.
            const int one = (shared + random_.range(1, micro_block / 2 - 1)) % micro_block;
            const int other = (shared + random_.range(micro_block / 2, micro_block - 1)) % micro_block;
            const List list = {(halves & 1) != 0 ? Entry{shared, one} : Entry{one, shared},
                               (halves & 2) != 0 ? Entry{shared, other} : Entry{other, shared}};
            std::vector<int> slots = {e, f};
            for (int slot = 0; slot < entries; ++slot) {
              if (slot != e && slot != f) slots.push_back(slot);
            }
            Row row;
            row.mode4 = random_.one_in(2);
            row.fields[0] = {true, 0, pack(list, micro_block, slots, random_.range(0, micro_block - 1))};
            row.codes = random_.bits();
            ASSERT_NO_FATAL_FAILURE(drive(row)) << "MICRO_BLOCK " << micro_block;
          }
        }
      }
    }
  }
}

// Two outliers on every pair of lanes, each of every field, in one row or in two rows of a band: on one lane
// they are reported.
TEST_F(OutlierDecoderTest, EveryPairOfLanes) {
  for (const int micro_block : {4, 8, 16}) {
    const auto list = [&](int upper) {
      std::vector<int> slots(static_cast<std::size_t>(micro_block) / 2);
      std::iota(slots.begin(), slots.end(), 0);
      return pack({{upper, (upper + random_.range(1, micro_block - 1)) % micro_block}}, micro_block, slots,
                  0);
    };
    for (int i = 0; i < 8 * micro_block * micro_block; ++i) {
      const std::size_t first = i % 2 == 0 ? 0 : 1;
      const std::size_t second = i / 2 % 2 == 0 ? 0 : 1;
      const bool one_row = i / 4 % 2 == 0;
      if (one_row && first == second) continue;
      Row row;
      row.codes = random_.bits();
      row.fields[first] = {true, 0, list(i / 8 % micro_block)};
      if (!one_row) {
        ASSERT_NO_FATAL_FAILURE(drive(row)) << "seed 5, i " << i;
        row.fields = {};
        row.row = 1;
      }
      row.fields[second] = {true, 0, list(i / 8 / micro_block)};
      ASSERT_NO_FATAL_FAILURE(drive(row)) << "seed 5, i " << i;
    }
  }
  for (std::size_t c = 0; c < cases().size(); ++c)
    EXPECT_EQ(errors_[c] > 0, cases()[c].mode2 || cases()[c].rows > 1) << cases()[c].name();
}

// Rows of a band one after the other: the units of a group are given away in order, across fields and rows,
// and what does not fit, or falls on a lane that has its outlier, is reported. Now and then a cycle without a
// row.
TEST_F(OutlierDecoderTest, RowsOfABandShareTheirUnits) {
  for (std::size_t c = 0; c < cases().size(); ++c) {
    const Case& parameters = cases()[c];
    const long before = outliers_[c];
    const long errors = errors_[c];
    for (int band = 0; band < 400 * effort(); ++band) {
      const bool mode4 = random_.one_in(2);
      const int percent = random_.range(0, 2) * 50 / parameters.rows + 10;
      for (int r = 0; r < parameters.rows; ++r) {
        Row row;
        row.row = r;
        row.mode4 = mode4;
        row.codes = random_.bits();
        for (std::size_t f = 0; f < parameters.fields(); ++f) {
          if (random_.range(1, 100) > percent || (f == 1 && parameters.bb(mode4) == 4)) continue;
          const auto most = static_cast<int>(std::min<std::size_t>(
              parameters.entries, static_cast<std::size_t>(parameters.units) + (random_.one_in(8) ? 1 : 0)));
          const auto count = static_cast<std::size_t>(random_.range(1, most));
          row.fields[f] = {true, random_.range(0, parameters.shift_max),
                           legal_list(parameters.micro_block, count, parameters.entries)};
        }
        while (random_.one_in(4)) {
          Row none = row;
          none.load = false;
          none.row = random_.range(0, 7);
          ASSERT_NO_FATAL_FAILURE(drive(none)) << "seed 5, band " << band;
        }
        ASSERT_NO_FATAL_FAILURE(drive(row)) << "seed 5, band " << band;
      }
    }
    EXPECT_GT(outliers_[c] - before, 100) << parameters.name();
    const bool can_fail = parameters.rows > 1 || parameters.mode2 ||
                          parameters.entries > static_cast<std::size_t>(parameters.units);
    EXPECT_EQ(errors_[c] > errors, can_fail) << parameters.name();
  }
}

// The whole MXScale byte counts: 128 is not 0, and r is limited to SHIFT_MAX. Without outliers it is not
// looked at.
TEST_F(OutlierDecoderTest, EveryShift) {
  for (int r = 0; r < 256; ++r) {
    for (const bool mode4 : {false, true}) {
      for (const int has : {0, 1, 2, 3}) {
        Row row;
        row.mode4 = mode4;
        row.codes = random_.bits();
        row.fields = {Field{(has & 1) != 0, r, 0b0001}, Field{(has & 2) != 0, r ^ 5, 0b1000}};
        ASSERT_NO_FATAL_FAILURE(drive(row));
      }
    }
  }
}

}  // namespace
}  // namespace msq::rtl_test
