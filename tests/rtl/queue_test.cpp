// Tiles on their way, and the shifts of rows: what a job sends never reaches every bit of them.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>

#include "Vqueue_bench.h"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

// Two readers follow one writer: the launcher is never behind the collector, and an entry is free when the
// collector is done with it. Entries are random, so that every bit of every place is seen as 0 and as 1.
TEST(TileQueue, TwoReadersSeeEveryBitInOrder) {
  constexpr std::array<int, 3> kWidth = {34, 5, 64};
  constexpr std::array<std::size_t, 3> kDepth = {4, 2, 8};
  struct Queue {
    std::deque<std::uint64_t> entries;  // the collector's first
    std::size_t launched = 0;           // of these the launcher is done with
  };
  std::array<Queue, 3> queues;
  std::array<int, 3> fulls{};
  Bench<Vqueue_bench> bench;
  Random random(6);
  for (int cycle = 0; cycle < 40000; ++cycle) {
    const bool reset = cycle < 1 || random.one_in(1000);
    // Each of the three is the slow one for a while.
    const int slow = cycle / 200 % 3;
    const auto now = [&](int part) { return random.one_in(part == slow ? 5 : 2); };
    const std::uint64_t entry = random.bits();
    unsigned push = 0, launch = 0, collect = 0;
    for (std::size_t q = 0; q < queues.size(); ++q) {
      const auto& [entries, launched] = queues[q];
      if (entries.size() < kDepth[q] && now(0)) push |= 1U << q;
      if (launched < entries.size() && now(1)) launch |= 1U << q;
      if (launched > 0 && now(2)) collect |= 1U << q;
    }
    bench->rst_ni = !reset;
    bench->entry_i = entry;
    bench->push_i = static_cast<std::uint8_t>(push);
    bench->launch_next_i = static_cast<std::uint8_t>(launch);
    bench->collect_next_i = static_cast<std::uint8_t>(collect);
    bench.settle();
    bench.edge();
    for (std::size_t q = 0; q < queues.size(); ++q) {
      auto& [entries, launched] = queues[q];
      if (push >> q & 1) entries.push_back(low(entry, kWidth[q]));
      if (launch >> q & 1) ++launched;
      if (collect >> q & 1) {
        entries.pop_front();
        --launched;
      }
      if (reset) queues[q] = {};
      const bool full = entries.size() == kDepth[q];
      fulls[q] += full ? 1 : 0;
      ASSERT_EQ(bench->full_o >> q & 1, full) << "seed 6, queue " << q << ", cycle " << cycle;
      ASSERT_EQ(bench->launch_valid_o >> q & 1, launched < entries.size())
          << "queue " << q << ", cycle " << cycle;
      if (launched < entries.size()) {
        ASSERT_EQ(word(bench->launch_entry_o, q), entries[launched]) << "queue " << q << ", cycle " << cycle;
      }
      if (!entries.empty()) {
        ASSERT_EQ(word(bench->collect_entry_o, q), entries[0]) << "queue " << q << ", cycle " << cycle;
      }
      if (entries.size() > 1) {
        ASSERT_EQ(word(bench->collect_after_o, q), entries[1]) << "queue " << q << ", cycle " << cycle;
      }
    }
  }
  for (const int full : fulls) EXPECT_GT(full, 300);
}

// x * 2^shift of each row; a shift beyond SHIFT_MAX in any row is an error, and the word means nothing then.
TEST(RowShifter, EveryActivationAndShift) {
  constexpr std::array<int, 3> kRows = {4, 4, 2};
  constexpr std::array<int, 3> kBits = {8, 4, 8};
  constexpr std::array<int, 3> kMost = {7, 1, 3};
  Bench<Vqueue_bench> bench;
  Random random(7);
  const auto check = [&](std::uint64_t activations, std::uint64_t shifts) {
    bench->word_i = static_cast<std::uint32_t>(activations);
    bench->shifts_i = static_cast<std::uint16_t>(shifts);
    bench.settle();
    for (std::size_t s = 0; s < kRows.size(); ++s) {
      const int out = kBits[s] + kMost[s];
      std::uint64_t expected = 0;
      bool error = false;
      for (int r = 0; r < kRows[s]; ++r) {
        const int shift = static_cast<int>(shifts >> (4 * r) & 15);
        error = error || shift > kMost[s];
        const std::int64_t x = as_signed(low(activations >> (r * kBits[s]), kBits[s]), kBits[s]);
        expected |= low(static_cast<std::uint64_t>(x * (std::int64_t{1} << shift)), out) << (r * out);
      }
      ASSERT_EQ(bench->error_o >> s & 1, error) << "shifter " << s << ", shifts " << shifts;
      if (!error) {
        ASSERT_EQ(word(bench->word_o, s), expected)
            << "shifter " << s << ", shifts " << shifts << ", activations " << activations;
      }
    }
  };
  for (unsigned row = 0; row < 4; ++row) {
    for (unsigned x = 0; x < 256; ++x) {
      // The other rows have legal shifts in all three shifters, so that this one alone makes the error.
      for (unsigned shift = 0; shift < 16; ++shift) {
        const std::uint64_t others = random.bits() & 0x1111 & ~(std::uint64_t{15} << (4 * row));
        const std::uint64_t activations = random.bits() & ~(std::uint64_t{255} << (8 * row));
        check(activations | std::uint64_t{x} << (8 * row), others | std::uint64_t{shift} << (4 * row));
      }
    }
  }
  for (int i = 0; i < 20000; ++i) check(random.bits(), random.bits() & (i % 2 == 0 ? 0x3333 : 0x7777));
}

}  // namespace
}  // namespace msq::rtl_test
