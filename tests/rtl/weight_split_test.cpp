// msq_weight_split: random packets of random blocks, and their errors; every output in every cycle.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "Vweight_split_bench.h"
#include "tb/host/stream_format.hpp"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

namespace field = tb::header;

constexpr int kSections = 20, kEntries = 16;  // beats that the buffers hold

enum class Part { section, entry, code };

struct Beat {
  Part part = Part::section;
  std::uint64_t data = 0;
  bool header = false, counts = false;
  bool block_last = false, packet_last = false, job_last = false;
  bool mode4 = false;
  int entries = 0;  ///< of the block
};

class WeightSplit : public testing::TestWithParam<int> {
 protected:
  bool wide() const { return GetParam() == 1; }
  std::uint32_t hash() const { return wide() ? 0x3b60 : 0x9ac5; }

  void write(int tokens, int per_pass) {
    beats_.clear();
    for (int left = tokens; left > 0; left -= per_pass) {
      for (int blocks = random_.range(1, 4); blocks > 0; --blocks) write_block(blocks == 1);
      beats_.back().packet_last = true;
      beats_.back().job_last = left <= per_pass;
    }
  }

  void write_block(bool last) {
    const int tiles = random_.one_in(20) ? 255 : random_.range(1, 4);
    const int header = wide() ? 1 : 2;
    const int sections = random_.one_in(4) ? header : random_.range(header, kSections);
    const int entries = wide() || random_.one_in(3) ? 0 : random_.range(1, kEntries);
    const bool mode4 = random_.one_in(2);
    const std::uint32_t low_word =
        field::put_hash(hash()) | field::kTiles.put(static_cast<std::uint32_t>(tiles)) |
        field::kMode4.put(mode4) | field::kLast.put(last) |
        (static_cast<std::uint32_t>(random_.bits()) &
         ~(field::put_hash(~0U) | field::kTiles.mask() | field::kMode4.mask() | field::kLast.mask()));
    const std::uint32_t high_word = tb::counts::kSections.put(static_cast<std::uint32_t>(sections)) |
                                    tb::counts::kEntries.put(static_cast<std::uint32_t>(entries));
    const auto add = [&](Part part, std::uint64_t data) {
      beats_.push_back({part, data, false, false, false, false, false, mode4, entries});
    };
    add(Part::section, wide() ? low_word | std::uint64_t{high_word} << 32 : low_word);
    beats_.back().header = true;
    if (!wide()) add(Part::section, high_word);
    beats_.back().counts = true;
    for (int i = header; i < sections; ++i) add(Part::section, random_.bits());
    for (int i = 0; i < entries; ++i) add(Part::entry, random_.bits());
    for (int i = 0; i < tiles * (wide() ? 4 : 8); ++i) add(Part::code, random_.bits());
    beats_.back().block_last = true;
  }

  void start(int tokens, int per_pass, bool again) {
    bench_->select_i = wide();
    bench_->rst_ni = again;
    bench_->restart_i = again;
    bench_->tokens_total_i = static_cast<std::uint32_t>(tokens);
    bench_->valid_i = 0;
    bench_.settle();
    bench_.edge();
    bench_->tokens_pass_i = static_cast<std::uint8_t>(per_pass);
    bench_->rst_ni = 1;
    bench_->restart_i = 0;
  }

  /// Up to the end, or to the beat `wrong`, whose `last` is inverted.
  void run(int wrong) {
    const int slow = random_.range(0, 4);
    bool valid = false;
    for (std::size_t next = 0; next < beats_.size();) {
      const Beat& beat = beats_[next];
      const bool bad = static_cast<int>(next) == wrong;
      valid = valid || !random_.one_in(slow == 1 ? 2 : 10);
      bench_->valid_i = valid;
      bench_->data_i = valid ? beat.data : random_.bits();
      bench_->last_i = beat.packet_last != bad;
      const bool section = !random_.one_in(slow == 2 ? 2 : 10), entry = !random_.one_in(slow == 3 ? 2 : 10),
                 code = !random_.one_in(slow == 4 ? 2 : 10);
      bench_->section_ready_i = section;
      bench_->entry_ready_i = entry;
      bench_->code_ready_i = code;
      bench_.settle();
      const bool ready = beat.part == Part::section ? section : beat.part == Part::entry ? entry : code;
      const bool take = valid && ready;
      ASSERT_EQ(bench_->ready_o, ready);
      ASSERT_EQ(bench_->section_valid_o, valid && beat.part == Part::section);
      ASSERT_EQ(bench_->entry_valid_o, valid && beat.part == Part::entry);
      ASSERT_EQ(bench_->code_valid_o, valid && beat.part == Part::code);
      ASSERT_EQ(bench_->begin_o, take && beat.counts);
      ASSERT_EQ(bench_->end_o, take && beat.block_last);
      ASSERT_EQ(bench_->done_o, 0);
      ASSERT_EQ(bench_->header_o | bench_->array_o, 0);
      ASSERT_EQ(bench_->short_o, take && bad && !beat.packet_last);
      ASSERT_EQ(bench_->long_o, take && bad && beat.packet_last);
      if (take && beat.counts) {
        ASSERT_EQ(bench_->entries_o, beat.entries);
      }
      if (!beat.header) {
        ASSERT_EQ(bench_->mode4_o, beat.mode4);
      }
      bench_.edge();
      if (!take) continue;
      valid = false;
      ++next;
      if (bad) return;
    }
  }

  enum class Report { none, header, array };

  /// The first header of a job. @return the report of it.
  Report offer(std::uint32_t low_word, std::uint32_t high_word) {
    start(1, 1, false);
    bench_->section_ready_i = 1;
    bench_->last_i = 0;
    bench_->valid_i = 1;
    bench_->data_i = wide() ? low_word | std::uint64_t{high_word} << 32 : low_word;
    bench_.settle();
    if (!wide() && !bench_->header_o && !bench_->array_o) {
      bench_.edge();
      bench_->data_i = high_word;
      bench_.settle();
    }
    EXPECT_FALSE(bench_->header_o && bench_->array_o);
    return bench_->header_o ? Report::header : bench_->array_o ? Report::array : Report::none;
  }

  /// Behind a beat that was reported nothing is taken.
  void expect_stopped() {
    bench_.edge();
    bench_.settle();
    ASSERT_EQ(bench_->done_o, 1);
    ASSERT_EQ(bench_->ready_o, 0);
  }

  void expect_done() {
    for (int cycle = 0; cycle < 4; ++cycle) {
      bench_->valid_i = 1;
      bench_->data_i = field::put_hash(hash()) | field::kTiles.put(1);
      bench_->section_ready_i = bench_->entry_ready_i = bench_->code_ready_i = 1;
      bench_.settle();
      ASSERT_EQ(bench_->done_o, 1);
      ASSERT_EQ(bench_->ready_o, 0);
      ASSERT_EQ(bench_->section_valid_o | bench_->entry_valid_o | bench_->code_valid_o, 0);
      ASSERT_EQ(bench_->short_o | bench_->long_o | bench_->header_o | bench_->array_o, 0);
      bench_.edge();
    }
  }

  std::vector<Beat> beats_;
  Bench<Vweight_split_bench> bench_;
  Random random_{9};
};

TEST_P(WeightSplit, SendsEachPartToItsPlace) {
  bool again = false;
  for (int i = 0; i < 150 * effort(); ++i) {
    SCOPED_TRACE("seed 9, job " + std::to_string(i));
    const int per_pass = random_.range(1, 16);
    const int tokens = random_.range(1, 3 * per_pass);
    write(tokens, per_pass);
    start(tokens, per_pass, again);
    const int wrong = random_.one_in(3) ? random_.range(0, static_cast<int>(beats_.size()) - 1) : -1;
    ASSERT_NO_FATAL_FAILURE(run(wrong));
    again = wrong < 0 && random_.one_in(2);
    if (!again) {
      ASSERT_NO_FATAL_FAILURE(expect_done());
    }
  }
}

// The first passes of a job with many; without one bit of the tokens left, the last one of these would be
// the last of the job.
TEST_P(WeightSplit, EveryBitOfTheTokensLeft) {
  for (int bit = 5; bit < 24; ++bit) {
    for (const int passes : {1, 2, 3}) {
      SCOPED_TRACE("bit " + std::to_string(bit) + ", passes " + std::to_string(passes));
      const int per_pass = random_.range(1, 16);
      write(passes * per_pass, per_pass);
      beats_.back().job_last = false;
      start((passes - 1) * per_pass + random_.range(1, per_pass) + (1 << bit), per_pass, false);
      ASSERT_NO_FATAL_FAILURE(run(-1));
      bench_->valid_i = 0;
      bench_.settle();
      ASSERT_EQ(bench_->done_o, 0);
    }
  }
}

// Tiles and counts: every value that is not legal is reported with its beat.
TEST_P(WeightSplit, ReportsHeaders) {
  const std::uint32_t plain = field::put_hash(hash()) | field::kTiles.put(1);
  const std::uint32_t counts = tb::counts::kSections.put(2);
  for (std::uint32_t value = 0; value < 256; ++value)
    ASSERT_EQ(offer(field::kTiles.with(plain, value), counts), value == 0 ? Report::header : Report::none);
  for (std::uint32_t value = 0; value < 65536; value = value < 64 ? value + 1 : 2 * value + value % 7) {
    const std::uint32_t least = wide() ? 1 : 2;
    ASSERT_EQ(offer(plain, tb::counts::kSections.with(counts, value)),
              value < least || value > kSections ? Report::header : Report::none)
        << value;
    ASSERT_EQ(offer(plain, tb::counts::kEntries.with(counts, value)),
              value > (wide() ? 0 : kEntries) ? Report::header : Report::none)
        << value;
  }
}

// Another hash is reported, whatever else the header says, and nothing else is.
TEST_P(WeightSplit, ReportsOtherArrays) {
  const std::uint32_t good = tb::counts::kSections.put(2), bad = tb::counts::kSections.put(~0U);
  for (std::uint32_t value = 0; value < 65536; ++value) {
    const Report report = value == hash() ? Report::none : Report::array;
    ASSERT_EQ(offer(field::put_hash(value) | field::kTiles.put(1), good), report) << value;
    if (report == Report::none) continue;
    ASSERT_EQ(offer(field::put_hash(value), bad), report) << value;
    ASSERT_NO_FATAL_FAILURE(expect_stopped());
  }
}

INSTANTIATE_TEST_SUITE_P(Rtl, WeightSplit, testing::Values(0, 1));

}  // namespace
}  // namespace msq::rtl_test
