// msq_tile_reader: random sections of whole jobs, taken apart as docs/reference/streams.md lays them out,
// every output in every cycle in which it means something.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "Vtile_reader_bench.h"
#include "tb/host/stream_format.hpp"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

namespace field = tb::header;
namespace described = tb::description;

constexpr int kUnit = 8;                          // columns of a unit, and of a tile in mode 4
constexpr int kUnits = 16;                        // of a block of outputs
constexpr int kBlock = 128;                       // its columns
constexpr int kSlots = 4;                         // tiles on their way
constexpr int kOrderWords = 11, kShiftWords = 8;  // of an order and of row shifts, of 64 rows

/// Expected outputs for a tile.
struct Tile {
  int tokens = 0;
  bool first_k = false, last_k = false, group_last = false;
  bool block_first = false, block_last = false, pass_last = false, job_first = false, job_last = false;
  bool mode4 = false, scales = false, ordered = false, shifted = false;
  bool more = false;   // the next tile has the same rows
  bool pairs = false;  // tiles have the places of two tiles along K
  bool pair = false;   // and there are two left
  int unit = 0, block_columns = 0, block = 0, scale_slot = 0, edge_slot = 0;
  unsigned interval = 1, gap = 1;
  bool edges() const { return ordered || shifted; }
};

enum class Step { header, counts, description, tile, references, scales, factors, order, shifts };

/// Action of the reader: takes a word, or describes a tile.
struct Item {
  Step step = Step::header;
  std::uint32_t data = 0;
  std::size_t tile = 0;
  int index = 0;            // within the part
  bool tile_last = false;   // the tile is complete then
  bool beat_last = false;   // the word is the last one of its beat, or the block ends with it
  bool drops_beat = false;  // the block ends without a word in the middle of a beat
  bool is_word() const { return step != Step::tile; }
};

class TileReader : public testing::TestWithParam<int> {
 protected:
  struct Job {
    int tokens_total = 1, tokens_pass = 1, columns = 1, tiles_k = 1, log2_block_tiles = 0;
    int format = 0;
    bool blocks() const { return format >= 2; }
  };

  /// Columns of a tile.
  int columns_of(bool mode4) const { return mode4 || places_ ? kUnit : 2 * kUnit; }
  std::uint32_t data() { return static_cast<std::uint32_t>(random_.bits()); }

  /// A job of at most `most_tiles` tiles; one in eight is far larger, and only its first tiles are tried.
  Job draw(int most_tiles) {
    while (true) {
      Job job;
      const int kind = random_.range(0, 7);
      job.tokens_pass = random_.range(1, random_.one_in(3) ? most_tokens() : 4);
      job.tokens_total = random_.range(1, kind == 0 ? 16000 : 2 * job.tokens_pass);
      job.columns = random_.range(1, kind == 1 ? 2000 : kind == 2 ? 300 : 40);
      job.tiles_k = random_.range(1, kind == 3 ? 1024 : 6);
      job.log2_block_tiles = random_.range(0, kind == 3 ? 7 : 2);
      job.format = random_.range(0, 3);
      if (kind == 0) {
        // Many passes.
        job.tokens_pass = most_tokens();
        job.columns = random_.range(1, kUnit);
        job.tiles_k = 1;
      }
      if (kind == 4) {
        // Few bits set: the number without one of these is small.
        int& large = random_.one_in(2) ? job.tokens_total : job.columns;
        large += 1 << random_.range(5, 23);
        job.tiles_k = random_.one_in(2) ? 1 : job.tiles_k;
        return job;
      }
      const int passes = (job.tokens_total + job.tokens_pass - 1) / job.tokens_pass;
      if (passes * ((job.columns + kUnit - 1) / kUnit) * job.tiles_k <= most_tiles) return job;
    }
  }
  int most_tokens() const { return GetParam() == 1 ? 32 : 16; }

  /// Tiles of a job, or its first `most_tiles`; false if some are left out. The slots continue those of the
  /// job before, or begin anew.
  bool write(const Job& job, std::size_t most_tiles, bool again = false) {
    items_.clear();
    tiles_.clear();
    if (!again) slots_ = {};
    const int parts = random_.range(0, 2);  // how many tiles have an order, row shifts, tiles that follow
    bool whole = true;
    for (int tokens = job.tokens_total; whole && tokens > 0; tokens -= job.tokens_pass)
      whole = write_pass(job, tokens, parts, most_tiles);
    for (std::size_t first = 0; first < tiles_.size();) first += write_block(first);
    return whole;
  }

  bool write_pass(const Job& job, int tokens, int parts, std::size_t most_tiles) {
    const auto sometimes = [&](int n) { return parts > 0 && random_.one_in(parts == 1 ? 10 * n : n); };
    int unit = 0, block_columns = 0;
    for (int columns = job.columns; columns > 0;) {
      const bool mode4 = (!places_ && unit % 2 == 1) || random_.one_in(3);
      const bool pairs = places_ && !mode4 && job.log2_block_tiles > 0 && random_.one_in(2);
      const int width = columns_of(mode4);
      const bool last_column = columns <= width;
      if (unit == 0) block_columns = std::min(columns, job.blocks() ? kBlock : width);
      const int after = unit + width / kUnit;
      const bool block_last = last_column || after == kUnits || !job.blocks();
      bool repeat = false;
      for (int k = 0; k < job.tiles_k;) {
        if (tiles_.size() == most_tiles) return false;
        Tile tile;
        tile.tokens = std::min(tokens, job.tokens_pass);
        tile.more = places_ && sometimes(4);
        tile.pairs = pairs;
        tile.pair = pairs && k + 1 < job.tiles_k;
        tile.first_k = k == 0 && !repeat;
        tile.last_k = k + (tile.pair ? 2 : 1) == job.tiles_k && !tile.more;
        const int group = 1 << job.log2_block_tiles;
        tile.group_last = (pairs ? k | 1 : k) % group == group - 1 && !tile.more;
        tile.block_first = unit == 0;
        tile.block_last = block_last;
        tile.pass_last = last_column && tile.last_k;
        tile.job_first = tiles_.empty();
        tile.job_last = tile.pass_last && tokens <= job.tokens_pass;
        tile.mode4 = mode4;
        tile.scales = tile.first_k || (parts == 0 ? k % 4 == 0 : random_.one_in(3));
        tile.ordered = sometimes(3);
        tile.shifted = shifts_ && sometimes(3);
        tile.unit = unit;
        tile.block_columns = block_columns;
        tile.block = slots_.block;
        if (tile.scales) slots_.scale_slot = (slots_.scale_slot + 1) % 4;
        tile.scale_slot = slots_.scale_slot;
        if (tile.edges()) slots_.edge_slot = 1 - slots_.edge_slot;
        tile.edge_slot = slots_.edge_slot;
        if (schedule_) {
          tile.interval = static_cast<unsigned>(random_.range(1, 255));
          tile.gap = static_cast<unsigned>(random_.range(1, 255));
        }
        tiles_.push_back(tile);
        repeat = tile.more;
        if (!tile.more) k += pairs ? 2 : 1;
      }
      unit = block_last ? 0 : after;
      slots_.block = (slots_.block + (block_last ? 1 : 0)) % 4;
      columns -= width;
    }
    return true;
  }

  /// log2 of the distance of scales in these tiles, 0 if there are none; -1 if they need descriptions.
  int period(std::size_t first, std::size_t count) const {
    bool any = schedule_;
    bool plain = !schedule_;
    for (std::size_t i = 0; i < count; ++i) {
      any = any || tiles_[first + i].scales;
      plain = plain && !tiles_[first + i].edges() && !tiles_[first + i].more;
    }
    if (!plain) return -1;
    for (int p = 0; p < 8; ++p) {
      bool all = true;
      for (std::size_t i = 0; i < count; ++i)
        all = all && tiles_[first + i].scales == (any && i % (std::size_t{1} << p) == 0);
      if (all) return p;
    }
    return -1;
  }

  /// A block from this tile on. @return its tiles.
  std::size_t write_block(std::size_t first) {
    const auto most =
        static_cast<std::size_t>(random_.one_in(4) ? random_.range(1, 255) : random_.range(1, 12));
    std::size_t count = 1;
    while (count < most && first + count < tiles_.size() && !tiles_[first + count - 1].pass_last &&
           tiles_[first + count].mode4 == tiles_[first].mode4 &&
           tiles_[first + count].pairs == tiles_[first].pairs)
      ++count;
    const Tile& tile = tiles_[first];
    const int p = period(first, count);
    const bool has_descriptions = p < 0 || random_.one_in(8);
    const bool scales = !has_descriptions && tile.scales;
    begin_ = items_.size();
    add(Step::header, first,
        field::kTiles.put(static_cast<std::uint32_t>(count)) | field::kMode4.put(tile.mode4) |
            field::kPairs.put(tile.pairs) | field::kDescribed.put(has_descriptions) |
            field::kLast.put(tiles_[first + count - 1].pass_last) |
            field::kPeriod.put(has_descriptions || !scales ? 0 : static_cast<std::uint32_t>(p)) |
            field::kScales.put(scales));
    add(Step::counts, first, 0);
    const std::size_t in_word = schedule_ ? 1 : 4;
    for (std::size_t i = 0; i < count; ++i) {
      if (has_descriptions && i % in_word == 0) {
        std::uint32_t word = 0;
        for (std::size_t k = 0; k < in_word; ++k)
          word |= (i + k < count ? description(tiles_[first + i + k]) : data() & 0xffU) << (8 * k);
        add(Step::description, first + i, word);
      }
      add(Step::tile, first + i, 0);
      write_parts(first + i);
      items_.back().tile_last = true;
    }
    end_block();
    return count;
  }

  std::uint32_t description(const Tile& tile) const {
    const std::uint32_t flags = described::kScales.put(tile.scales) | described::kOrder.put(tile.ordered) |
                                described::kShifts.put(tile.shifted) | described::kMore.put(tile.more);
    return schedule_ ? flags | described::kInterval.put(tile.interval) | described::kGap.put(tile.gap)
                     : flags;
  }

  /// Words of a beat, and their number in the counts.
  void end_block() {
    const int words = GetParam() == 3 ? 2 : 1;
    int in_beat = 0, beats = 0;
    for (std::size_t i = begin_; i < items_.size(); ++i) {
      if (!items_[i].is_word()) continue;
      in_beat = (in_beat + 1) % words;
      items_[i].beat_last = in_beat == 0;
      beats += in_beat == (words == 1 ? 0 : 1) ? 1 : 0;
    }
    if (in_beat != 0) {
      Item& last = items_.back();
      (last.is_word() ? last.beat_last : last.drops_beat) = true;
    }
    items_[begin_ + 1].data = tb::counts::kSections.put(static_cast<std::uint32_t>(beats)) |
                              tb::counts::kEntries.put(data() & 0xffU);
  }

  void add(Step step, std::size_t tile, std::uint32_t word, int index = 0) {
    items_.push_back({step, word, tile, index});
  }

  void write_parts(std::size_t number) {
    const Tile& tile = tiles_[number];
    const int section = columns_of(tile.mode4) / 4;
    for (int i = 0; tile.first_k && i < section; ++i) add(Step::references, number, data(), i);
    for (int i = 0; tile.scales && i < section; ++i) {
      std::uint32_t scales = 0;
      for (int b = 0; b < 4; ++b) {
        const int scale = bad_scales_ && random_.one_in(50)
                              ? random_.range(-128, 127)
                              : random_.range(tb::kLeastRelativeScale, tb::kMostRelativeScale);
        scales |= static_cast<std::uint32_t>(scale & 0xff) << (8 * b);
      }
      add(Step::scales, number, scales, i);
    }
    if (places_ && tile.scales) add(Step::factors, number, data());
    for (int i = 0; tile.ordered && i < order_words_; ++i) add(Step::order, number, data(), i);
    for (int i = 0; tile.shifted && i < shift_words_; ++i) add(Step::shifts, number, data(), i);
  }

  static bool bad_scales(std::uint32_t scales) {
    for (int b = 0; b < 4; ++b) {
      const auto scale = as_signed(scales >> (8 * b) & 0xffU, 8);
      if (scale > tb::kMostRelativeScale || scale < tb::kLeastRelativeScale) return true;
    }
    return false;
  }

  /// Behind a reset, or behind a job that was read to its end.
  void start(const Job& job, bool again = false) {
    bench_->rst_ni = again;
    bench_->restart_i = again;
    bench_->select_i = static_cast<std::uint8_t>(GetParam());
    bench_->tokens_total_i = static_cast<std::uint32_t>(job.tokens_total);
    bench_->tokens_pass_i = static_cast<std::uint8_t>(job.tokens_pass);
    bench_->columns_i = static_cast<std::uint32_t>(job.columns);
    bench_->tiles_k_i = static_cast<std::uint16_t>(job.tiles_k);
    bench_->format_i = static_cast<std::uint8_t>(job.format);
    bench_->log2_block_tiles_i = static_cast<std::uint8_t>(job.log2_block_tiles);
    bench_->valid_i = 0;
    bench_->data_i = random_.bits();
    bench_->edge_free_i = 0;
    bench_->load_next_i = 0;
    bench_.settle();
    if (again) {
      EXPECT_EQ(bench_->done_o, 1);
    }
    const int cycles = again ? 1 : random_.range(1, 3);
    for (int i = 0; i < cycles; ++i) step();
    bench_->rst_ni = 1;
    bench_->restart_i = 0;
    if (!again) {
      outstanding_ = 0;
      loads_.clear();
    }
  }
  void step() {
    bench_.settle();
    bench_.edge();
  }

  void compare(const Tile& tile) {
    ASSERT_EQ(bench_->tile_tokens_o, tile.tokens);
    ASSERT_EQ(bench_->tile_single_o, tile.tokens == 1);
    ASSERT_EQ(bench_->tile_first_k_o, tile.first_k);
    ASSERT_EQ(bench_->tile_last_k_o, tile.last_k);
    ASSERT_EQ(bench_->tile_more_o, tile.more);
    ASSERT_EQ(bench_->tile_pair_o, tile.pair);
    ASSERT_EQ(bench_->tile_group_last_o, tile.group_last);
    ASSERT_EQ(bench_->tile_block_first_o, tile.block_first);
    ASSERT_EQ(bench_->tile_block_last_o, tile.block_last);
    ASSERT_EQ(bench_->tile_pass_last_o, tile.pass_last);
    ASSERT_EQ(bench_->tile_job_first_o, tile.job_first);
    ASSERT_EQ(bench_->tile_job_last_o, tile.job_last);
    ASSERT_EQ(bench_->tile_format_o, bench_->format_i);
    ASSERT_EQ(bench_->tile_mode4_o, tile.mode4);
    ASSERT_EQ(bench_->tile_unit_o, tile.unit);
    ASSERT_EQ(bench_->tile_block_columns_o, tile.block_columns);
    ASSERT_EQ(bench_->tile_reference_slot_o, tile.block);
    ASSERT_EQ(bench_->tile_scale_slot_o, tile.scale_slot);
    ASSERT_EQ(bench_->tile_ordered_o, tile.ordered);
    ASSERT_EQ(bench_->tile_shifted_o, tile.shifted);
    ASSERT_EQ(bench_->tile_edge_slot_o, tile.edge_slot);
  }

  /// The beat at the front, with the words of the items from this one on.
  std::uint64_t beat(std::size_t next, std::size_t until) {
    if (GetParam() != 3) return items_[next].data;
    std::uint64_t beat = random_.bits();
    // The word at the front is the lower one, or the upper one if the lower one was taken.
    std::size_t first = next;
    const auto put = [&](int half, std::uint32_t word) {
      beat = (beat & ~(std::uint64_t{0xffffffffU} << (32 * half))) | std::uint64_t{word} << (32 * half);
    };
    put(half_, items_[first].data);
    for (std::size_t i = first + 1; half_ == 0 && i < until && !items_[first].beat_last; ++i) {
      if (!items_[i].is_word()) continue;
      put(1, items_[i].data);
      break;
    }
    return beat;
  }

  /// Runs what write() has written, up to an item, or to an error, which ends the job.
  void run(std::size_t until) {
    failed_ = false;
    const int slow = random_.range(0, 3);
    std::size_t next = 0;
    bool valid = half_ == 1;  // a beat is on offer
    while (next < until) {
      const Item& item = items_[next];
      const Tile& tile = tiles_[item.tile];
      // In the middle of a beat it stays on offer.
      std::size_t word = next;
      while (word < items_.size() && !items_[word].is_word()) ++word;
      valid = half_ == 1 || (word < items_.size() && (valid || !random_.one_in(slow == 1 ? 2 : 10)));
      const bool full = outstanding_ == kSlots || random_.one_in(slow == 2 ? 2 : 10);
      const bool free = slots_.edges > 0 && random_.one_in(20);
      const bool load = !loads_.empty() && !random_.one_in(slow == 3 ? 8 : 2);
      const auto edge_slot = static_cast<std::size_t>(random_.range(0, 1));
      if (!valid_ && valid) beat_ = word < items_.size() ? beat(word, items_.size()) : random_.bits();
      valid_ = valid;
      bench_->valid_i = valid;
      bench_->data_i = valid ? beat_ : random_.bits();
      bench_->tile_full_i = full;
      bench_->edge_free_i = free;
      bench_->load_next_i = load;
      bench_->edge_slot_i = edge_slot == 1;
      bench_.settle();
      const bool push = !item.is_word() && !full && !(tile.edges() && slots_.edges >= 2);
      const bool take = item.is_word() && valid;
      const bool done = push || take;
      const bool ready = (take && item.beat_last) || (push && item.drops_beat);
      if (valid) {
        ASSERT_EQ(bench_->ready_o, ready);
      }
      ASSERT_EQ(bench_->tile_push_o, push);
      ASSERT_EQ(bench_->reference_write_o, take && item.step == Step::references);
      ASSERT_EQ(bench_->scale_write_o, take && item.step == Step::scales);
      ASSERT_EQ(bench_->factor_write_o, take && item.step == Step::factors);
      ASSERT_EQ(bench_->done_o, 0);
      ASSERT_EQ(bench_->header_o, 0);
      ASSERT_EQ(bench_->mode_o, 0);
      const bool bad = take && item.step == Step::scales && bad_scales(item.data);
      ASSERT_EQ(bench_->scale_o, bad);
      if (push) {
        ASSERT_NO_FATAL_FAILURE(compare(tile));
      }
      if (item.step == Step::references) {
        ASSERT_EQ(bench_->tile_reference_slot_o, tile.block);
        ASSERT_EQ(bench_->tile_unit_o, tile.unit);
      }
      if (item.step == Step::scales || item.step == Step::factors) {
        ASSERT_EQ(bench_->tile_scale_slot_o, tile.scale_slot);
      }
      if (take &&
          (item.step == Step::references || item.step == Step::scales || item.step == Step::factors)) {
        ASSERT_EQ(bench_->section_word_o, item.index);
        ASSERT_EQ(bench_->section_data_o, item.data);
      }
      ASSERT_EQ(bench_->load_tile_o, !loads_.empty());
      if (!loads_.empty()) {
        const Tile& oldest = tiles_before_[loads_.front()];
        ASSERT_EQ(bench_->load_mode4_o, oldest.mode4);
        ASSERT_EQ(bench_->load_interval_o, oldest.interval);
        ASSERT_EQ(bench_->load_gap_o, oldest.gap);
      }
      ASSERT_NO_FATAL_FAILURE(compare_edges(edge_slot));
      bench_.edge();
      slots_.edges -= free ? 1 : 0;
      if (load) {
        loads_.pop_front();
        --outstanding_;
      }
      if (!done) continue;
      if (bad) {
        failed_ = true;
        return;
      }
      if (push) {
        ++outstanding_;
        slots_.edges += tile.edges() ? 1 : 0;
      }
      const auto slot = static_cast<std::size_t>(tile.edge_slot);
      const auto index = static_cast<std::size_t>(item.index);
      if (item.step == Step::order) slots_.orders[slot][index] = item.data;
      if (item.step == Step::shifts) slots_.shifts[slot][index] = item.data;
      if (item.tile_last) {
        loads_.push_back(tiles_before_.size());
        tiles_before_.push_back(tile);
      }
      if (ready) valid = valid_ = false;
      if (GetParam() == 3) half_ = ready ? 0 : take ? 1 : half_;
      ++next;
    }
  }

  void compare_edges(std::size_t slot) {
    const std::uint32_t mask = order_words_ > 1 ? 0xffffffffU : places_ ? 0xffU : 0xfffffU;
    for (std::size_t i = 0; i < kOrderWords; ++i) {
      if (const auto& order = slots_.orders[slot][i]) {
        ASSERT_EQ(bench_->order_o[i], *order & mask);
      }
    }
    for (std::size_t i = 0; i < kShiftWords; ++i) {
      if (!shifts_) {
        ASSERT_EQ(bench_->row_shifts_o[i], 0U);
      }
      if (const auto& shift = slots_.shifts[slot][i]) {
        ASSERT_EQ(bench_->row_shifts_o[i], *shift);
      }
    }
  }

  /// Of tiles: counters that continue from job to job, tiles with an order or shifts that are not launched,
  /// orders and shifts in their slots.
  struct Slots {
    int block = 0, scale_slot = 0, edge_slot = 0, edges = 0;
    std::array<std::array<std::optional<std::uint32_t>, kOrderWords>, 2> orders;  // [slot][word]
    std::array<std::array<std::optional<std::uint32_t>, kShiftWords>, 2> shifts;  // [slot][word]
  };
  Slots slots_;
  bool bad_scales_ = false;  ///< some of the job
  bool failed_ = false;      ///< the last run ended with an error
  std::vector<Item> items_;
  std::size_t begin_ = 0;  ///< first item of the block
  std::vector<Tile> tiles_;
  std::vector<Tile> tiles_before_;  ///< of this job and those before, complete
  std::deque<std::size_t> loads_;   ///< of them, rows not loaded
  int outstanding_ = 0;             ///< tiles pushed whose rows are not loaded
  bool valid_ = false;
  std::uint64_t beat_ = 0;
  int half_ = 0;  ///< word of the beat at the front
  const bool shifts_ = GetParam() != 1;
  /// A row has two places of K in mode 2, and tiles repeat rows.
  const bool places_ = GetParam() == 2 || GetParam() == 3;
  const bool schedule_ = !places_;
  const int order_words_ = GetParam() == 4 ? kOrderWords : 1;
  const int shift_words_ = GetParam() == 4 ? kShiftWords : places_ ? 2 : 1;
  Bench<Vtile_reader_bench> bench_;
  Random random_{7};
};

TEST_P(TileReader, TakesSectionsApart) {
  bool again = false;  // the next job is read behind this one
  for (int i = 0; i < 100 * effort(); ++i) {
    SCOPED_TRACE("seed 7, job " + std::to_string(i));
    const Job job = draw(1100);
    bad_scales_ = random_.one_in(4);
    const bool whole = write(job, 1100, again);
    if (!again) half_ = 0;
    start(job, again);
    valid_ = false;
    ASSERT_NO_FATAL_FAILURE(run(items_.size()));
    again = whole && !failed_ && random_.one_in(2);
    if (again || (!whole && !failed_)) continue;
    // Then nothing is taken any more.
    bench_->edge_free_i = 0;
    bench_->load_next_i = 0;
    for (int cycle = 0; cycle < 5; ++cycle) {
      bench_->valid_i = 1;
      bench_->data_i = valid_ ? beat_ : field::kTiles.put(1);
      bench_->tile_full_i = 0;
      bench_.settle();
      ASSERT_EQ(bench_->ready_o, 0);
      ASSERT_EQ(bench_->tile_push_o | bench_->header_o | bench_->mode_o | bench_->scale_o, 0);
      bench_.edge();
    }
  }
}

// Passes behind the first one begin with all columns; without one bit of these they would end in their first
// tile.
TEST_P(TileReader, BeginsEachPassWithAllColumns) {
  for (int bit = 5; bit < 16; ++bit) {
    SCOPED_TRACE("bit " + std::to_string(bit));
    const Job job{.tokens_total = 2, .tokens_pass = 1, .columns = (1 << bit) + random_.range(1, kUnit)};
    // With tiles that repeat rows.
    const auto tiles = static_cast<std::size_t>(job.columns / kUnit) * 3 / 2 + 20;
    write(job, tiles);
    half_ = 0;
    start(job);
    valid_ = false;
    ASSERT_NO_FATAL_FAILURE(run(items_.size()));
  }
}

TEST_P(TileReader, CountsTheTokensOfManyPasses) {
  for (int bit = 5; bit < 15; ++bit) {
    SCOPED_TRACE("bit " + std::to_string(bit));
    const Job job{.tokens_total = (1 << bit) + random_.range(1, 16), .tokens_pass = 16, .columns = kUnit};
    write(job, static_cast<std::size_t>(job.tokens_total / job.tokens_pass) * 3 / 2 + 20);
    half_ = 0;
    start(job);
    valid_ = false;
    ASSERT_NO_FATAL_FAILURE(run(items_.size()));
  }
}

// A block whose header names another number of beats is reported, whatever bits of it differ.
TEST_P(TileReader, ReportsWrongCounts) {
  const Job job{.tokens_total = 1, .tokens_pass = 1, .columns = kUnit, .tiles_k = 1};
  for (int bit = 0; bit < 16; ++bit) {
    SCOPED_TRACE("bit " + std::to_string(bit));
    write(job, 1);
    items_[1].data ^= 1U << bit;
    half_ = 0;
    start(job);
    bool reported = false;
    bench_->tile_full_i = 0;
    for (std::size_t next = 0; next < items_.size() && !reported;) {
      const Item& item = items_[next];
      const bool is_word = item.is_word();
      if (is_word && half_ == 0) beat_ = beat(next, items_.size());
      bench_->valid_i = is_word || half_ == 1;
      bench_->data_i = beat_;
      bench_.settle();
      reported = bench_->header_o;
      if (GetParam() == 3) half_ = bench_->ready_o ? 0 : is_word ? 1 : half_;
      bench_.edge();
      ++next;
    }
    ASSERT_TRUE(reported);
  }
}

// A block with fewer beats than its tile needs is reported behind the last one of these, although no other
// beat comes.
TEST_P(TileReader, ReportsABlockThatEndsEarly) {
  const Job job{.tokens_total = 1, .tokens_pass = 1, .columns = kUnit, .tiles_k = 1};
  const int words = GetParam() == 3 ? 2 : 1;
  for (int i = 0; i < 100; ++i) {
    write(job, 1);
    const auto all = static_cast<int>(tb::counts::kSections.get(items_[1].data));
    const int named = random_.range(words == 1 ? 2 : 1, all - 1);
    SCOPED_TRACE(std::to_string(named) + " beats of " + std::to_string(all));
    items_[1].data = tb::counts::kSections.put(static_cast<std::uint32_t>(named));
    half_ = 0;
    start(job);
    bench_->tile_full_i = 0;
    bool reported = false;
    int taken = 0, waited = 0;
    for (std::size_t next = 0; !reported && waited < 4;) {
      ASSERT_LT(next, items_.size());
      const bool is_word = items_[next].is_word();
      if (is_word && half_ == 0) beat_ = beat(next, items_.size());
      const bool offered = (is_word || half_ == 1) && taken < named;
      const bool moves = offered || !is_word;
      bench_->valid_i = offered;
      bench_->data_i = beat_;
      bench_.settle();
      reported = bench_->header_o;
      taken += offered && bench_->ready_o ? 1 : 0;
      if (words == 2 && moves) half_ = bench_->ready_o ? 0 : is_word ? 1 : half_;
      bench_.edge();
      if (moves)
        ++next;
      else
        ++waited;
    }
    ASSERT_TRUE(reported);
  }
}

// The table of fields is the one of the hardware: each field of the first header, alone, and the
// reports.
TEST_P(TileReader, HasTheFieldsOfTheHeader) {
  const std::uint32_t plain =
      field::kTiles.put(2) | field::kDescribed.put(schedule_) | field::kScales.put(!schedule_);
  for (const tb::HeaderField& f : tb::kHeaderFields) {
    for (std::uint32_t value = 0; value < 1U << f.width; ++value) {
      SCOPED_TRACE(std::string(f.name) + " " + std::to_string(value));
      const std::uint32_t header = f.with(plain, value);
      const auto own = [&](const tb::HeaderField& other) { return other.get(header); };
      start({.tokens_total = 1, .tokens_pass = 1, .columns = 2 * kUnit, .tiles_k = 2, .log2_block_tiles = 1});
      bench_->valid_i = 1;
      bench_->data_i = header;
      bench_->tile_full_i = 1;
      bench_.settle();
      const bool legal = (own(field::kPairs) == 0 || (places_ && own(field::kMode4) == 0)) &&
                         (own(field::kDescribed) == 1 || !schedule_);
      ASSERT_EQ(bench_->header_o, !legal);
      ASSERT_EQ(bench_->mode_o, 0);
    }
  }
}

// A description, alone behind its header: the reports, and the tile's outputs.
TEST_P(TileReader, HasTheFieldsOfTheDescription) {
  const std::uint32_t plain =
      described::kScales.put(1) | (schedule_ ? described::kInterval.put(1) | described::kGap.put(1) : 0U);
  for (const tb::HeaderField& f : tb::kDescriptionFields) {
    if (f.lsb >= 8 && !schedule_) continue;
    for (std::uint32_t value = 0; value < 1U << f.width; ++value) {
      SCOPED_TRACE(std::string(f.name) + " " + std::to_string(value));
      const std::uint32_t description = f.with(plain, value);
      const auto own = [&](const tb::HeaderField& other) { return other.get(description); };
      start({.tokens_total = 1, .tokens_pass = 1, .columns = 2 * kUnit, .tiles_k = 4, .log2_block_tiles = 1});
      const std::uint32_t header = field::kTiles.put(3) | field::kDescribed.put(1);
      const std::uint32_t counts = tb::counts::kSections.put(20);
      bench_->tile_full_i = 0;
      std::vector<std::uint64_t> beats = {header, counts, description};
      if (GetParam() == 3) beats = {header | std::uint64_t{counts} << 32, description};
      for (const std::uint64_t beat : beats) {
        bench_->valid_i = 1;
        bench_->data_i = beat;
        for (int i = 0; i < (GetParam() == 3 && beat == beats[0] ? 2 : 1); ++i) step();
      }
      bench_.settle();
      ASSERT_EQ(bench_->tile_push_o, 1);
      ASSERT_EQ(bench_->tile_ordered_o, own(described::kOrder));
      ASSERT_EQ(bench_->tile_shifted_o, own(described::kShifts));
      ASSERT_EQ(bench_->tile_more_o, own(described::kMore));
      ASSERT_EQ(bench_->tile_scale_slot_o, own(described::kScales));
      const bool legal = own(described::kScales) == 1 && own(described::kReserved) == 0 &&
                         (own(described::kMore) == 0 || places_) &&
                         (own(described::kShifts) == 0 || shifts_) &&
                         (!schedule_ || (own(described::kReservedRecon) == 0 &&
                                         own(described::kInterval) != 0 && own(described::kGap) != 0));
      ASSERT_EQ(bench_->header_o, !legal);
      bench_.edge();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rtl, TileReader, testing::Values(0, 1, 2, 3, 4));

}  // namespace
}  // namespace msq::rtl_test
