// msq_row_reader: random blocks of rows and outliers, written down as docs/reference/streams.md says; every
// row that leaves must be the one that was drawn.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "Vrow_reader_bench.h"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

constexpr int kRows = 8;

struct Shape {
  int fields, load_rows, loc, entries, per_cycle, beat;
  bool halves;
};
constexpr std::array<Shape, 4> kShapes = {{{2, 1, 3, 4, 1, 32, true},
                                           {4, 1, 3, 1, 2, 64, true},
                                           {1, 1, 4, 8, 1, 32, false},
                                           {2, 2, 2, 2, 2, 32, true}}};

struct Field {
  std::vector<unsigned> pairs;  ///< {Upper_loc, Lower_loc}
  unsigned shift = 0;
};

class RowReader : public testing::TestWithParam<int> {
 protected:
  const Shape& shape() const { return kShapes[static_cast<std::size_t>(GetParam())]; }
  int all() const { return shape().fields * shape().load_rows; }
  int skip_bits() const { return 12 - 2 * shape().loc; }

  /// Beats of codes of a block, their fields, and its beats of entries.
  void draw() {
    mode4_ = shape().halves && random_.one_in(2);
    // Long ones have more fields without an outlier than an entry can pass.
    const int tiles = random_.range(1, random_.one_in(8) ? 48 : 6);
    const int steps = tiles * kRows / shape().load_rows;
    const int fields = mode4_ ? all() / 2 : all();
    const int percent = std::array{0, 2, 10, 40, 100}[static_cast<std::size_t>(random_.range(0, 4))];
    rows_.assign(static_cast<std::size_t>(steps), std::vector<Field>(static_cast<std::size_t>(all())));
    std::vector<unsigned> entries;
    const int most = (1 << skip_bits()) - 1;
    int before = 0, at = 0;
    int room = 14 * shape().beat / 16;  // of the buffer
    for (std::vector<Field>& row : rows_) {
      for (int f = 0; f < fields; ++f, ++at) {
        if (random_.range(0, 99) >= percent) continue;
        const int count = random_.one_in(2) ? 1 : random_.range(1, shape().entries);
        if (room < count + (at - before) / most) continue;
        Field& field = row[static_cast<std::size_t>(mode4_ ? 2 * f : f)];
        field.shift = static_cast<unsigned>(random_.range(0, 15));
        for (int i = 0; i < count; ++i) {
          for (; at - before >= most; before += most, --room)
            entries.push_back((static_cast<unsigned>(most) << (16 - skip_bits())) |
                              (word() & (0xffffU >> skip_bits())));
          field.pairs.push_back(word() & ((1U << (2 * shape().loc)) - 1));
          entries.push_back(entry(at - before, field.shift, field.pairs.back()));
          before = at;
          --room;
        }
      }
    }
    pack(entries);
  }

  /// An outlier or more for every second row, a word of entries for each of these.
  void draw_few() {
    mode4_ = shape().halves && random_.one_in(2);
    rows_.assign(static_cast<std::size_t>(2 * kRows / shape().load_rows),
                 std::vector<Field>(static_cast<std::size_t>(all())));
    const int stride = mode4_ ? 2 : 1, fields = all() / stride;
    std::vector<unsigned> entries;
    int before = 0;
    for (std::size_t r = static_cast<std::size_t>(random_.range(0, 1)); r < rows_.size(); r += 2) {
      for (int i = 0, f = 0; i < shape().per_cycle; ++i) {
        // Of several entries each is the first of its list.
        f = random_.range(f, fields - shape().per_cycle + i);
        Field& field = rows_[r][static_cast<std::size_t>(stride * f)];
        field.shift = word() & 0xfU;
        field.pairs.push_back(word() & ((1U << (2 * shape().loc)) - 1));
        const int at = static_cast<int>(r) * fields + f++;
        entries.push_back(entry(at - before, field.shift, field.pairs.back()));
        before = at;
      }
    }
    pack(entries);
  }

  unsigned entry(int skip, unsigned shift, unsigned pair) const {
    return static_cast<unsigned>(skip) << (16 - skip_bits()) | shift << (2 * shape().loc) | pair;
  }

  void pack(const std::vector<unsigned>& entries) {
    const auto per_beat = static_cast<std::size_t>(shape().beat / 16);
    beats_.clear();
    for (std::size_t i = 0; i < entries.size(); i += per_beat) {
      std::uint64_t beat = 0;
      for (std::size_t k = 0; k < per_beat; ++k) {
        // Behind the last outlier only fields are passed.
        const unsigned entry = i + k < entries.size() ? entries[i + k] : 0xffffU;
        beat |= std::uint64_t{entry} << (16 * k);
      }
      beats_.push_back(beat);
    }
  }
  unsigned word() { return static_cast<unsigned>(random_.bits()); }

  void expect_row(const std::vector<Field>& row) {
    const int list_bits = shape().entries * 2 * shape().loc;
    for (int f = 0; f < all(); ++f) {
      const Field& field = row[static_cast<std::size_t>(f)];
      ASSERT_EQ(bench_->load_has_outliers_o >> f & 1, field.pairs.empty() ? 0 : 1) << "field " << f;
      if (!field.pairs.empty()) {
        ASSERT_EQ(bench_->load_shift_o >> (4 * f) & 0xf, field.shift) << "field " << f;
      }
      for (int e = 0; e < shape().entries; ++e) {
        const unsigned pair =
            static_cast<std::size_t>(e) < field.pairs.size() ? field.pairs[static_cast<std::size_t>(e)] : 0;
        const int at = f * list_bits + e * 2 * shape().loc;
        for (int bit = 0; bit < 2 * shape().loc; ++bit) {
          const int own = at + bit;
          ASSERT_EQ(bench_->load_list_o[static_cast<std::size_t>(own / 32)] >> (own % 32) & 1,
                    pair >> bit & 1)
              << "field " << f << ", entry " << e;
        }
      }
    }
  }

  void reset() {
    bench_->select_i = static_cast<std::uint8_t>(GetParam());
    bench_->rst_ni = 0;
    quiet();
    bench_.settle();
    bench_.edge();
    bench_->rst_ni = 1;
  }
  void quiet() {
    bench_->begin_i = bench_->end_i = 0;
    bench_->entry_valid_i = bench_->code_valid_i = bench_->load_ready_i = bench_->load_tile_i = 0;
  }

  /// Fields that four entries without an outlier pass.
  std::size_t passed() const { return 4 * static_cast<std::size_t>((1 << skip_bits()) - 1); }

  /// Runs a block; idle_ counts cycles without a row behind the first one. @return whether an error was
  /// reported.
  bool run() {
    quiet();
    bench_->begin_i = 1;
    bench_->mode4_i = word() & 1U;  // known a cycle later
    bench_->entries_i = static_cast<std::uint8_t>(beats_.size());
    bench_.settle();
    bench_.edge();
    bench_->begin_i = 0;
    bench_->mode4_i = mode4_;
    const int slow = random_.range(0, 4);
    const auto sometimes_not = [&](int kind) {
      return full_speed_ || !random_.one_in(slow == kind ? 2 : 10);
    };
    std::size_t beat = 0, row = 0;
    bool code = false, entry = false, error = false;
    std::uint64_t codes = 0;
    idle_ = 0;
    for (int cycle = 0; row < rows_.size(); ++cycle) {
      if (cycle > 20000) {
        ADD_FAILURE() << "nothing moves";
        return false;
      }
      if (!code) codes = random_.bits();
      code = code || sometimes_not(1);
      entry = beat < beats_.size() && (entry || sometimes_not(2));
      bench_->code_valid_i = code;
      bench_->code_data_i = codes;
      bench_->entry_valid_i = entry;
      bench_->entry_data_i = entry ? beats_[beat] : random_.bits();
      bench_->load_ready_i = sometimes_not(3);
      bench_->load_tile_i = sometimes_not(4);
      bench_->end_i = 0;
      bench_.settle();
      const bool take = code && bench_->code_ready_o;
      EXPECT_EQ(bench_->load_valid_o && bench_->load_ready_i, take);
      const bool last = row + 1 == rows_.size();
      if (take && last) {
        bench_->end_i = 1;
        bench_.settle();
      }
      error = error || bench_->list_o;
      if (!take && row > 0) ++idle_;
      if (take) {
        EXPECT_EQ(low(bench_->load_weights_o, 64), low(codes, 4 * columns() * shape().load_rows));
        expect_row(rows_[row]);
        if (HasFatalFailure()) return error;
        const bool of_tile = (row + 1) % static_cast<std::size_t>(kRows / shape().load_rows) == 0;
        EXPECT_EQ(bench_->load_last_o, of_tile);
        EXPECT_EQ(bench_->load_next_o, of_tile);
        ++row;
        code = false;
      }
      if (entry && bench_->entry_ready_o) {
        ++beat;
        entry = false;
      }
      bench_.edge();
    }
    if (checks_end_) {
      EXPECT_EQ(beat, beats_.size());
    }
    checks_end_ = true;
    quiet();
    return error;
  }
  int columns() const { return GetParam() == 3 ? 4 : GetParam() == 1 ? 16 : 8; }

  std::vector<std::vector<Field>> rows_;  ///< [beats of codes][fields]
  std::vector<std::uint64_t> beats_;      ///< of entries
  bool mode4_ = false;
  int idle_ = 0;
  bool full_speed_ = false;  ///< nothing waits for anything else than outliers
  bool checks_end_ = true;   ///< all beats of entries must be taken
  Bench<Vrow_reader_bench> bench_;
  Random random_{5};
};

TEST_P(RowReader, GivesOutliersToTheirRows) {
  reset();
  for (int i = 0; i < 400 * effort(); ++i) {
    SCOPED_TRACE("seed 5, block " + std::to_string(i));
    draw();
    for (int idle = random_.range(0, 3); idle > 0; --idle) {
      bench_.settle();
      bench_.edge();
    }
    ASSERT_FALSE(run());
    if (HasFailure()) return;
  }
}

// With at most one word of entries for two rows, a row leaves in every cycle except one at the start, when
// the second word is not there yet.
TEST_P(RowReader, FewOutliersCostNoCycle) {
  reset();
  full_speed_ = true;
  for (int i = 0; i < 100 * effort(); ++i) {
    SCOPED_TRACE("seed 5, block " + std::to_string(i));
    draw_few();
    ASSERT_FALSE(run());
    ASSERT_LE(idle_, 1);
    if (HasFailure()) return;
  }
}

// A word of entries that comes while the one before waits for its row is used in the same cycle as that one.
TEST_P(RowReader, ALateWordIsUsedWithTheOneBefore) {
  constexpr std::size_t kRow = 4;
  reset();
  mode4_ = false;
  rows_.assign(static_cast<std::size_t>(2 * kRows / shape().load_rows),
               std::vector<Field>(static_cast<std::size_t>(all())));
  std::vector<unsigned> entries;
  int before = 0;
  const auto add = [&](std::size_t row, int f) {
    Field& field = rows_[row][static_cast<std::size_t>(f)];
    field.shift = field.pairs.empty() ? word() & 0xfU : field.shift;
    field.pairs.push_back(word() & ((1U << (2 * shape().loc)) - 1));
    const int at = static_cast<int>(row) * all() + f;
    entries.push_back(entry(at - before, field.shift, field.pairs.back()));
    before = at;
  };
  // The first beat ends with the word that waits; the late beat begins with an outlier of the same row.
  const int per_beat = shape().beat / 16;
  for (int n = 0; n < per_beat - shape().per_cycle; ++n) add(0, n);
  for (int n = 0; n <= shape().per_cycle; ++n) add(kRow, std::min(n, all() - 1));
  if (shape().per_cycle > 1) add(kRow + 1, 0);
  pack(entries);
  ASSERT_EQ(beats_.size(), 2U);

  bench_->begin_i = 1;
  bench_->entries_i = 2;
  bench_->mode4_i = 0;
  bench_.settle();
  bench_.edge();
  quiet();
  bench_->code_valid_i = bench_->load_tile_i = 1;
  std::size_t beat = 0;
  int idle = 0;
  // The row before waits for the core until the late beat is read as far as there is room.
  int held = 0;
  for (std::size_t row = 0; row < rows_.size();) {
    ASSERT_LT(idle, 100);
    const bool hold = row == kRow - 1 && held < 8;
    bench_->load_ready_i = !hold;
    bench_->entry_valid_i = beat == 0 || (beat == 1 && held > 0);
    bench_->entry_data_i = bench_->entry_valid_i ? beats_[beat] : random_.bits();
    bench_.settle();
    const bool valid = bench_->load_valid_o;
    held += valid && hold ? 1 : 0;
    if (valid && !hold) {
      expect_row(rows_[row]);
      if (HasFatalFailure()) return;
      ++row;
    } else if (!hold && row > 0) {
      ++idle;
    }
    if (row == rows_.size()) bench_->end_i = 1;
    bench_.settle();
    ASSERT_FALSE(bench_->list_o);
    if (bench_->entry_valid_i && bench_->entry_ready_o) ++beat;
    bench_.edge();
  }
  EXPECT_EQ(beat, 2U);
  // With words of one entry the next word has to show that the row has no more.
  EXPECT_EQ(idle, shape().per_cycle > 1 ? 0 : 1);
}

// Whole beats of entries that no row needs are an error; so is an outlier more than a list has entries.
TEST_P(RowReader, ReportsWhatNoRowTakes) {
  for (int i = 0; i < 200 * effort(); ++i) {
    SCOPED_TRACE("seed 5, block " + std::to_string(i));
    reset();
    draw();
    const std::size_t needed = beats_.size();
    // The first of these beats may still be in the last rows; the last ones do not.
    for (int k = 0; k < 6 && beats_.size() < 16; ++k) beats_.push_back(~std::uint64_t{0});
    if (beats_.size() < needed + 6 || passed() < rows_.size() * static_cast<std::size_t>(all())) continue;
    checks_end_ = false;
    ASSERT_TRUE(run());
    if (HasFailure()) return;
  }
  for (int i = 0; i < 20; ++i) {
    reset();
    mode4_ = false;
    rows_.assign(static_cast<std::size_t>(kRows / shape().load_rows),
                 std::vector<Field>(static_cast<std::size_t>(all())));
    const unsigned shift = word() & 0xfU;
    for (int e = 0; e < shape().entries; ++e)
      rows_[0][0].pairs.push_back(word() & ((1U << (2 * shape().loc)) - 1));
    rows_[0][0].shift = shift;
    std::vector<unsigned> entries;
    for (const unsigned pair : rows_[0][0].pairs) entries.push_back(shift << (2 * shape().loc) | pair);
    entries.push_back(entries.back());
    while (entries.size() % static_cast<std::size_t>(shape().beat / 16) != 0) entries.push_back(0xffffU);
    beats_.clear();
    for (std::size_t k = 0; k < entries.size(); k += static_cast<std::size_t>(shape().beat / 16)) {
      std::uint64_t beat = 0;
      for (int n = 0; n < shape().beat / 16; ++n)
        beat |= std::uint64_t{entries[k + static_cast<std::size_t>(n)]} << (16 * n);
      beats_.push_back(beat);
    }
    checks_end_ = false;
    ASSERT_TRUE(run());
  }
}

INSTANTIATE_TEST_SUITE_P(Rtl, RowReader, testing::Values(0, 1, 2, 3));

}  // namespace
}  // namespace msq::rtl_test
