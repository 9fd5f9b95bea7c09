// msq_weight_reader: random streams of whole jobs, taken apart as docs/accelerator.md lays them out, every
// output in every cycle in which it means something.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "Vreader_bench.h"
#include "tb/host/stream_format.hpp"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

namespace field = tb::header;

constexpr int kRows = 8;
constexpr int kUnit = 8;     // columns of a unit, and of a tile in mode 4
constexpr int kUnits = 16;   // of a block of outputs
constexpr int kBlock = 128;  // its columns

enum class Part { header, references, scales, order, shifts, identifiers, entry, codes };

/// What is to be known of a tile.
struct Tile {
  int tokens = 0;
  bool first_k = false, last_k = false, group_last = false;
  bool block_first = false, block_last = false, pass_last = false, job_first = false, job_last = false;
  bool mode4 = false, scales = false, ordered = false, shifted = false;
  bool more = false;   // the next tile has the same rows
  bool pairs = false;  // tiles have the places of two tiles along K
  bool pair = false;   // and there are two left
  int unit = 0, block_columns = 0, block = 0, scale_slot = 0, edge_slot = 0;
  unsigned interval = 0, gap = 0;
  bool edges() const { return ordered || shifted; }
};

struct Row {
  unsigned has = 0;
  std::array<std::uint32_t, 2> entries{};  // {list, r} of each field that has outliers
};

struct Beat {
  Part part = Part::header;
  std::uint32_t data = 0;
  bool last = false;
  std::size_t tile = 0;
  int index = 0;  // within the part
  Row row;        // with codes
  bool row_last = false;
};

class WeightReader : public testing::TestWithParam<int> {
 protected:
  struct Job {
    int tokens_total = 1, tokens_pass = 1, columns = 1, tiles_k = 1, log2_block_tiles = 0;
    int format = 0;
    bool blocks() const { return format >= 2; }
  };

  /// Columns of a tile.
  int columns_of(bool mode4) const { return mode4 || places_ ? kUnit : 2 * kUnit; }
  std::uint32_t data() { return static_cast<std::uint32_t>(random_.bits()); }

  /// At most so many tiles; one in eight is far larger, and only its first tiles are tried.
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
        // Few bits set: what is left of them without one of these is small.
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

  /// Beats and tiles of a job, or of so many first tiles; false if some are left out. The slots go on where
  /// the job before ended, or begin anew.
  bool write(const Job& job, std::size_t most_tiles, bool again = false) {
    beats_.clear();
    tiles_.clear();
    if (!again) slots_ = {};
    auto& [block, scale_slot, edge_slot, edges, orders, shifts] = slots_;
    bad_scales_ = random_.one_in(4);
    for (int tokens = job.tokens_total; tokens > 0; tokens -= job.tokens_pass) {
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
          tile.more = places_ && random_.one_in(4);
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
          tile.scales = tile.first_k || random_.one_in(3);
          tile.ordered = random_.one_in(3);
          tile.shifted = shifts_ && random_.one_in(3);
          tile.unit = unit;
          tile.block_columns = block_columns;
          tile.block = block;
          if (tile.scales) scale_slot = (scale_slot + 1) % 4;
          tile.scale_slot = scale_slot;
          if (tile.edges()) edge_slot = 1 - edge_slot;
          tile.edge_slot = edge_slot;
          tile.interval = static_cast<unsigned>(random_.range(1, 255));
          tile.gap = static_cast<unsigned>(random_.range(1, 255));
          write(tile);
          repeat = tile.more;
          if (!tile.more) k += pairs ? 2 : 1;
        }
        unit = block_last ? 0 : after;
        block = (block + (block_last ? 1 : 0)) % 4;
        columns -= width;
      }
    }
    return true;
  }

  void write(const Tile& tile) {
    const std::size_t number = tiles_.size();
    tiles_.push_back(tile);
    const auto add = [&](Part part, std::uint32_t data, int index) {
      beats_.push_back({part, data, false, number, index, {}, false});
    };
    add(Part::header,
        field::kMarker.put(tb::kMarkerValue) | field::kMode4.put(tile.mode4) |
            field::kScales.put(tile.scales) | field::kOrder.put(tile.ordered) |
            field::kShifts.put(tile.shifted) | field::kMore.put(tile.more) | field::kPairs.put(tile.pairs) |
            field::kInterval.put(tile.interval) | field::kGap.put(tile.gap),
        0);
    const int section = columns_of(tile.mode4) / 4;
    for (int i = 0; tile.first_k && i < section; ++i) add(Part::references, data(), i);
    for (int i = 0; tile.scales && i < section; ++i) {
      std::uint32_t scales = 0;
      for (int b = 0; b < 4; ++b) {
        const int scale = bad_scales_ && random_.one_in(50)
                              ? random_.range(-128, 127)
                              : random_.range(tb::kLeastRelativeScale, tb::kMostRelativeScale);
        scales |= static_cast<std::uint32_t>(scale & 0xff) << (8 * b);
      }
      add(Part::scales, scales, i);
    }
    // 20 bits and 32, with two places 56 and 64.
    for (int i = 0; tile.ordered && i < (places_ ? 2 : 1); ++i) add(Part::order, data(), i);
    for (int i = 0; tile.shifted && i < (places_ ? 2 : 1); ++i) add(Part::shifts, data(), i);
    // Identifiers of eight rows are half of a beat; an entry is a beat.
    const std::uint32_t identifiers = random_.one_in(4)   ? 0
                                      : random_.one_in(3) ? data() & data() & data()
                                                          : data();
    add(Part::identifiers, random_.one_in(2) ? identifiers : identifiers & 0xffffU, 0);
    for (int r = 0; r < kRows; ++r) {
      Row row;
      row.has = identifiers >> (2 * r) & 3U;
      for (std::size_t f = 0; f < 2; ++f) {
        if ((row.has >> f & 1U) == 0) continue;
        row.entries[f] = data();
        add(Part::entry, row.entries[f], 0);
      }
      add(Part::codes, data(), r);
      beats_.back().row = row;
      beats_.back().row_last = r == kRows - 1;
      beats_.back().last = beats_.back().row_last && tile.pass_last;
    }
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
    bench_->valid_i = !again && random_.one_in(2);
    bench_->data_i = data();
    bench_->edge_free_i = 0;
    const int cycles = again ? 1 : random_.range(1, 3);
    for (int i = 0; i < cycles; ++i) step();
    bench_->rst_ni = 1;
    bench_->restart_i = 0;
  }
  void step() {
    bench_.settle();
    bench_.edge();
  }

  void compare(const Tile& tile) {
    ASSERT_EQ(bench_->tile_tokens_o, tile.tokens);
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

  /// Runs what write() has written, up to a number of beats, or to an error, which ends the job: `last` may
  /// be wrong in one of them.
  void run(std::size_t until) {
    auto& [block, scale_slot, edge_slot_, edges, orders, shifts] = slots_;
    const auto count = static_cast<int>(until);
    const int wrong = count > 0 && random_.one_in(3) ? random_.range(0, count - 1) : -1;
    failed_ = false;
    const int slow = random_.range(0, 3);
    std::size_t next = 0;
    bool valid = false;  // a beat is on offer
    while (next < until) {
      const Beat& beat = beats_[next];
      const Tile& tile = tiles_[beat.tile];
      valid = valid || !random_.one_in(slow == 1 ? 2 : 10);
      const bool full = random_.one_in(slow == 2 ? 2 : 10);
      const bool load_ready = !random_.one_in(slow == 3 ? 2 : 10);
      const bool free = edges > 0 && random_.one_in(20);
      const bool last = beat.last != (static_cast<int>(next) == wrong);
      const auto edge_slot = static_cast<std::size_t>(random_.range(0, 1));
      bench_->valid_i = valid;
      bench_->data_i = valid ? beat.data : data();
      bench_->last_i = last;
      bench_->tile_full_i = full;
      bench_->load_ready_i = load_ready;
      bench_->edge_free_i = free;
      bench_->edge_slot_i = edge_slot == 1;
      bench_.settle();
      const bool header = beat.part == Part::header, codes = beat.part == Part::codes;
      const bool ready = header ? !full && !(tile.edges() && edges >= 2) : !codes || load_ready;
      const bool take = valid && ready;
      if (valid) {
        ASSERT_EQ(bench_->ready_o, ready);
      }
      ASSERT_EQ(bench_->read_o, 0);
      ASSERT_EQ(bench_->tile_push_o, take && header);
      ASSERT_EQ(bench_->reference_write_o, take && beat.part == Part::references);
      ASSERT_EQ(bench_->scale_write_o, take && beat.part == Part::scales);
      ASSERT_EQ(bench_->factor_write_o, 0);
      ASSERT_EQ(bench_->load_valid_o, valid && codes);
      ASSERT_EQ(bench_->loaded_o, take && beat.row_last);
      ASSERT_EQ(bench_->short_o, take && last && !beat.last);
      ASSERT_EQ(bench_->long_o, take && !last && beat.last);
      ASSERT_EQ(bench_->header_o, 0);
      ASSERT_EQ(bench_->mode_o, 0);
      ASSERT_EQ(bench_->scale_o, take && beat.part == Part::scales && bad_scales(beat.data));
      if (take && header) {
        ASSERT_NO_FATAL_FAILURE(compare(tile));
      }
      if (beat.part == Part::references) {
        ASSERT_EQ(bench_->tile_reference_slot_o, tile.block);
        ASSERT_EQ(bench_->tile_unit_o, tile.unit);
        ASSERT_EQ(bench_->section_beat_o, beat.index);
      }
      if (beat.part == Part::scales) {
        ASSERT_EQ(bench_->tile_scale_slot_o, tile.scale_slot);
        ASSERT_EQ(bench_->section_beat_o, beat.index);
      }
      if (valid && codes) {
        ASSERT_EQ(bench_->load_mode4_o, tile.mode4);
        ASSERT_EQ(bench_->load_interval_o, tile.interval);
        ASSERT_EQ(bench_->load_gap_o, tile.gap);
        ASSERT_EQ(bench_->load_weights_o, beat.data);
        ASSERT_EQ(bench_->load_has_outliers_o, beat.row.has);
        for (std::size_t f = 0; f < 2; ++f) {
          if ((beat.row.has >> f & 1U) == 0) continue;
          ASSERT_EQ(bench_->load_mx_scale_o >> (8 * f) & 0xffU, beat.row.entries[f] & 0xffU);
          ASSERT_EQ(bench_->load_list_o >> (24 * f) & 0xffffffU, beat.row.entries[f] >> 8);
        }
      }
      if (!shifts_) {
        ASSERT_EQ(bench_->row_shifts_o, 0U);
      }
      const std::uint64_t order_bits = low(~std::uint64_t{0}, places_ ? 56 : 20);
      for (std::size_t i = 0; i < 2; ++i) {
        if (const auto& order = orders[edge_slot][i]) {
          ASSERT_EQ(low(bench_->order_o >> (32 * i), 32), *order & low(order_bits >> (32 * i), 32));
        }
        if (const auto& shift = shifts[edge_slot][i]) {
          ASSERT_EQ(low(bench_->row_shifts_o >> (32 * i), 32), *shift);
        }
      }
      bench_.edge();
      edges -= free ? 1 : 0;
      if (!take) continue;
      valid = false;
      failed_ = last != beat.last || (beat.part == Part::scales && bad_scales(beat.data));
      if (failed_) return;
      edges += header && tile.edges() ? 1 : 0;
      const auto slot = static_cast<std::size_t>(tile.edge_slot);
      if (beat.part == Part::order) orders[slot][static_cast<std::size_t>(beat.index)] = beat.data;
      if (beat.part == Part::shifts) shifts[slot][static_cast<std::size_t>(beat.index)] = beat.data;
      ++next;
    }
  }

  /// Of tiles: counters that go on from job to job, tiles with an order or shifts that are not launched,
  /// orders and shifts in their slots.
  struct Slots {
    int block = 0, scale_slot = 0, edge_slot = 0, edges = 0;
    std::array<std::array<std::optional<std::uint32_t>, 2>, 2> orders, shifts;  // [slot][beat]
  };
  Slots slots_;
  bool bad_scales_ = false;  ///< some of the job
  bool failed_ = false;      ///< the last run ended with an error
  std::vector<Beat> beats_;
  std::vector<Tile> tiles_;
  const bool shifts_ = GetParam() != 1;
  const bool places_ = GetParam() == 2;  ///< a row has two places of K in mode 2, and tiles repeat rows
  Bench<Vreader_bench> bench_;
  Random random_{7};
};

TEST_P(WeightReader, TakesStreamsApart) {
  bool again = false;  // the next job is read behind this one
  for (int i = 0; i < 100 * effort(); ++i) {
    SCOPED_TRACE("seed 7, job " + std::to_string(i));
    const Job job = draw(1100);
    const bool whole = write(job, 1100, again);
    start(job, again);
    ASSERT_NO_FATAL_FAILURE(run(beats_.size()));
    again = whole && !failed_ && random_.one_in(2);
    if (again || (!whole && !failed_)) continue;
    // Then nothing is taken any more.
    bench_->edge_free_i = 0;
    for (int cycle = 0; cycle < 5; ++cycle) {
      bench_->valid_i = 1;
      bench_->data_i = field::kMarker.put(tb::kMarkerValue) | field::kScales.put(1) |
                       field::kInterval.put(1) | field::kGap.put(1);
      bench_->tile_full_i = 0;
      bench_->load_ready_i = 1;
      bench_.settle();
      ASSERT_EQ(bench_->read_o, 1);
      ASSERT_EQ(bench_->ready_o, 0);
      ASSERT_EQ(bench_->tile_push_o | bench_->load_valid_o | bench_->short_o | bench_->long_o, 0);
      bench_.edge();
    }
  }
}

// Every bit of a header turned, at tiles of every kind: what is reported is what the map of the header says.
TEST_P(WeightReader, ReportsHeaders) {
  for (int i = 0; i < 1500 * effort(); ++i) {
    SCOPED_TRACE("seed 7, job " + std::to_string(i));
    const Job job = draw(30);
    write(job, 30);
    std::vector<std::size_t> headers;
    for (std::size_t b = 0; b < beats_.size(); ++b)
      if (beats_[b].part == Part::header) headers.push_back(b);
    const std::size_t at =
        headers[static_cast<std::size_t>(random_.range(0, static_cast<int>(headers.size()) - 1))];
    start(job);
    ASSERT_NO_FATAL_FAILURE(run(at));
    if (failed_) continue;
    const Tile& tile = tiles_[beats_[at].tile];
    std::uint32_t header = beats_[at].data;
    if (random_.one_in(4))
      header &= ~(random_.one_in(2) ? field::kInterval : field::kGap)
                     .mask();  // an interval or gap of 0 and one bit
    header ^= 1U << (random_.one_in(4) ? field::kPairs.lsb : random_.range(0, 31));
    const bool take = !random_.one_in(4);
    bench_->valid_i = take;
    bench_->data_i = header;
    bench_->last_i = 0;
    bench_->tile_full_i = 0;
    bench_->edge_free_i = 1;  // there is room for an order and shifts a cycle later
    bench_.settle();
    const bool paired = field::kPairs.get(header) != 0;
    const bool marker = field::kMarker.get(header) == tb::kMarkerValue && field::kReserved.get(header) == 0 &&
                        (!paired || places_);
    const bool pairs = paired ? field::kMode4.get(header) == 0 && job.log2_block_tiles > 0 : true;
    const bool parts =
        pairs && (tile.first_k || paired == tile.pairs) && (field::kMore.get(header) == 0 || places_) &&
        (field::kShifts.get(header) == 0 || shifts_) && (!tile.first_k || field::kScales.get(header) == 1);
    const bool schedule = field::kInterval.get(header) != 0 && field::kGap.get(header) != 0;
    const bool mode4 = field::kMode4.get(header) != 0;
    const bool mode = (tile.first_k || mode4 == tile.mode4) && (mode4 || places_ || tile.unit % 2 == 0);
    const bool taken = bench_->tile_push_o != 0;
    if (field::kOrder.get(header) == 0 && field::kShifts.get(header) == 0) {
      ASSERT_EQ(taken, take);
    }
    ASSERT_EQ(bench_->header_o, taken && !(marker && parts && schedule));
    ASSERT_EQ(bench_->mode_o, taken && marker && !mode);
  }
}

// The table of fields is the one of the hardware: each field, alone, appears at its own outputs.
TEST_P(WeightReader, HasTheFieldsOfTheTable) {
  const std::uint32_t plain = field::kMarker.put(tb::kMarkerValue) | field::kScales.put(1) |
                              field::kInterval.put(1) | field::kGap.put(1);
  const auto offer = [&](std::uint32_t header) {
    start({.tokens_total = 1, .tokens_pass = 1, .columns = 2 * kUnit, .tiles_k = 2, .log2_block_tiles = 1});
    bench_->valid_i = 1;
    bench_->data_i = header;
    bench_->last_i = 0;
    bench_->tile_full_i = 0;
    bench_.settle();
  };
  for (const tb::HeaderField& f : tb::kHeaderFields) {
    for (std::uint32_t value = 0; value < 1U << f.width; ++value) {
      SCOPED_TRACE(std::string(f.name) + " " + std::to_string(value));
      const std::uint32_t header = f.with(plain, value);
      const auto own = [&](const tb::HeaderField& other) { return other.get(header); };
      offer(header);
      ASSERT_EQ(bench_->tile_push_o, 1);
      ASSERT_EQ(bench_->tile_mode4_o, own(field::kMode4));
      ASSERT_EQ(bench_->tile_ordered_o, own(field::kOrder));
      ASSERT_EQ(bench_->tile_shifted_o, own(field::kShifts));
      ASSERT_EQ(bench_->tile_more_o, own(field::kMore));
      ASSERT_EQ(bench_->tile_scale_slot_o, own(field::kScales));
      ASSERT_EQ(bench_->tile_pair_o, places_ ? own(field::kPairs) : 0U);
      // The first tile needs scales; one array shifts no rows, one repeats them and has pairs in mode 2.
      const bool legal = own(field::kMarker) == tb::kMarkerValue && own(field::kReserved) == 0 &&
                         own(field::kScales) == 1 && (own(field::kMore) == 0 || places_) &&
                         (own(field::kPairs) == 0 || (places_ && own(field::kMode4) == 0)) &&
                         (own(field::kShifts) == 0 || shifts_) && own(field::kInterval) != 0 &&
                         own(field::kGap) != 0;
      ASSERT_EQ(bench_->header_o, !legal);
      bench_.edge();
      bench_.settle();
      ASSERT_EQ(bench_->load_mode4_o, own(field::kMode4));
      ASSERT_EQ(bench_->load_interval_o, own(field::kInterval));
      ASSERT_EQ(bench_->load_gap_o, own(field::kGap));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rtl, WeightReader, testing::Values(0, 1, 2));

}  // namespace
}  // namespace msq::rtl_test
