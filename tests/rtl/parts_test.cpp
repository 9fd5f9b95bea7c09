// The small leaves: switch, bus driver, column bus, encoder, counters, memory.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <deque>
#include <optional>

#include "Vparts_bench.h"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

constexpr std::array<int, 4> kWidths = {1, 2, 11, 64};

/// The bench out of reset with quiet inputs: they start with random values like everything else.
class PartsBench : public Bench<Vparts_bench> {
 public:
  explicit PartsBench(int seed = 20) : Bench(seed) {
    Vparts_bench& ports = *operator->();
    ports.clear_i = ports.token_i = ports.tile_i = 0;
    ports.errors_i = 0;
    ports.fired_i = ports.waited_i = 0;
    ports.amount_i = 0;
    ports.push_i = ports.begin_i = ports.launch_next_i = ports.collect_next_i = 0;
    ports.rst_ni = 1;
  }
};

class PartsTest : public testing::Test {
 protected:
  PartsTest() {
    bench_->rst_ni = 0;
    cycle();
    bench_->rst_ni = 1;
  }
  void cycle() {
    bench_.settle();
    bench_.edge();
  }

  PartsBench bench_;
  Random random_{4};
};

TEST_F(PartsTest, SwitchAndBusDriver) {
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t a = random_.bits();
    const std::uint64_t b = random_.bits();
    bench_->a_i = a;
    bench_->b_i = b;
    for (const bool select : {false, true}) {
      bench_->select_i = select;
      bench_.settle();
      for (std::size_t w = 0; w < kWidths.size(); ++w) {
        ASSERT_EQ(word(bench_->switch_a_o, w), low(select ? b : a, kWidths[w])) << "width " << kWidths[w];
        ASSERT_EQ(word(bench_->switch_b_o, w), low(select ? a : b, kWidths[w])) << "width " << kWidths[w];
        ASSERT_EQ(word(bench_->driver_o, w), select ? low(a, kWidths[w]) : 0) << "width " << kWidths[w];
      }
    }
  }
}

TEST_F(PartsTest, EncoderFindsTheBit) {
  constexpr std::array<int, 4> kInputs = {2, 3, 8, 64};
  for (int bit = 0; bit < 64; ++bit) {
    bench_->onehot_i = std::uint64_t{1} << bit;
    bench_.settle();
    for (std::size_t e = 0; e < kInputs.size(); ++e) {
      ASSERT_EQ(word(bench_->index_o, e), bit < kInputs[e] ? static_cast<unsigned>(bit) : 0U) << kInputs[e];
    }
  }
}

TEST_F(PartsTest, EncoderOrsIndices) {
  bench_->onehot_i = 0;
  bench_.settle();
  for (std::size_t e = 0; e < 4; ++e) EXPECT_EQ(word(bench_->index_o, e), 0U);
  for (int i = 0; i < 2000; ++i) {
    const int first = random_.range(0, 63);
    const int second = random_.range(0, 63);
    bench_->onehot_i = (std::uint64_t{1} << first) | (std::uint64_t{1} << second);
    bench_.settle();
    ASSERT_EQ(word(bench_->index_o, 3), static_cast<unsigned>(first | second));
  }
}

TEST_F(PartsTest, ColumnBusIsTheOrOfItsRows) {
  constexpr std::array<int, 4> kRows = {1, 2, 8, 3};
  constexpr std::array<int, 4> kBits = {1, 2, 7, 21};
  for (int i = 0; i < 5000; ++i) {
    std::uint64_t rows = random_.bits() & random_.bits() & random_.bits();
    if (i < 64) rows = std::uint64_t{1} << i;
    bench_->rows_i = rows;
    bench_.settle();
    for (std::size_t b = 0; b < kRows.size(); ++b) {
      std::uint64_t expected = 0;
      for (int r = 0; r < kRows[b]; ++r) expected |= low(rows >> (r * kBits[b]), kBits[b]);
      ASSERT_EQ(word(bench_->bus_o, b), expected) << "rows " << kRows[b] << " inputs " << rows;
    }
  }
}

// Clearing wins over counting, reset clears, events show a cycle late, and a cycle with several errors counts
// once.
TEST_F(PartsTest, Counters) {
  std::uint32_t cycles = 0, tokens = 0, tiles = 0;
  bool token_before = false, tile_before = false;
  unsigned kinds_before = 0;
  std::array<std::uint32_t, 2> errors{};
  std::array<unsigned, 2> sticky{};
  for (int i = 0; i < 5000; ++i) {
    const bool reset = random_.one_in(500);
    const bool clear = random_.one_in(100);
    const bool token = random_.one_in(2);
    const bool tile = random_.one_in(3);
    const auto kinds =
        random_.one_in(4) ? static_cast<unsigned>(random_.bits() & 15) & (1U << random_.range(0, 3)) : 0U;
    bench_->rst_ni = !reset;
    bench_->clear_i = clear;
    bench_->token_i = token;
    bench_->tile_i = tile;
    bench_->errors_i = static_cast<std::uint8_t>(kinds);
    cycle();
    if (reset || clear) {
      cycles = tokens = tiles = 0;
      errors = {};
      sticky = {};
    } else {
      ++cycles;
      tokens += token_before ? 1 : 0;
      tiles += tile_before ? 1 : 0;
      for (const std::size_t c : {0U, 1U}) {
        const unsigned seen = kinds_before & (c == 0 ? 1U : 15U);
        errors[c] += seen != 0 ? 1 : 0;
        sticky[c] |= seen;
      }
    }
    const bool counts = !reset && !clear;
    token_before = counts && token;
    tile_before = counts && tile;
    kinds_before = counts ? kinds : 0;
    for (const std::size_t c : {0U, 1U}) {
      ASSERT_EQ(word(bench_->cycles_tokens_o, c), (std::uint64_t{tokens} << 32) | cycles)
          << "seed 4, cycle " << i;
      ASSERT_EQ(word(bench_->tiles_errors_o, c), (std::uint64_t{errors[c]} << 32) | tiles)
          << "seed 4, cycle " << i;
      ASSERT_EQ(word(bench_->sticky_o, c), sticky[c]) << "seed 4, cycle " << i;
    }
  }
}

TEST_F(PartsTest, SeveralErrorsInOneCycleCountOnce) {
  bench_->errors_i = 0b1010;
  cycle();
  bench_->errors_i = 0;
  cycle();
  EXPECT_EQ(word(bench_->tiles_errors_o, 1) >> 32, 1U);
  EXPECT_EQ(word(bench_->sticky_o, 1), 0b1010U);
  EXPECT_EQ(word(bench_->tiles_errors_o, 0) >> 32, 0U);
}

TEST_F(PartsTest, ReconCounters) {
  constexpr std::array<int, 3> kUnits = {1, 3, 16};
  std::array<std::uint32_t, 3> accesses{}, waits{};
  unsigned fired_before = 0, waited_before = 0;
  for (int i = 0; i < 5000; ++i) {
    const bool reset = random_.one_in(500);
    const bool clear = random_.one_in(100);
    const auto fired = i < 4 ? 0xffffU : static_cast<unsigned>(random_.bits() & 0xffff);
    const auto waited = i < 2 ? fired : fired & static_cast<unsigned>(random_.bits());
    bench_->rst_ni = !reset;
    bench_->clear_i = clear;
    bench_->fired_i = static_cast<std::uint16_t>(fired);
    bench_->waited_i = static_cast<std::uint16_t>(waited);
    cycle();
    for (std::size_t c = 0; c < kUnits.size(); ++c) {
      accesses[c] += static_cast<unsigned>(std::popcount(low(fired_before, kUnits[c])));
      waits[c] += static_cast<unsigned>(std::popcount(low(waited_before, kUnits[c])));
      if (reset || clear) accesses[c] = waits[c] = 0;
      ASSERT_EQ(word(bench_->accesses_waits_o, c), (std::uint64_t{waits[c]} << 32) | accesses[c])
          << "UNITS " << kUnits[c] << ", seed 4, cycle " << i;
    }
    fired_before = reset || clear ? 0 : fired;
    waited_before = reset || clear ? 0 : waited;
  }
}

// No test counts to 2^31: registers that nothing resets start anywhere, and count from there.
TEST(Counters, CountFromAnyState) {
  constexpr std::array<std::uint32_t, 3> kFired = {1, 3, 16};
  std::array<std::uint64_t, 7> seen{};
  std::array<std::uint64_t, 7> clear{};
  const auto counters = [&](PartsBench& bench) {
    std::array<std::uint64_t, 7> all{};
    for (std::size_t c = 0; c < 2; ++c) {
      all[2 * c] = word(bench->cycles_tokens_o, c);
      all[2 * c + 1] = word(bench->tiles_errors_o, c);
    }
    for (std::size_t c = 0; c < 3; ++c) all[4 + c] = word(bench->accesses_waits_o, c);
    for (std::size_t i = 0; i < all.size(); ++i) {
      seen[i] |= all[i];
      clear[i] |= ~all[i];
    }
    return all;
  };
  const auto sum = [](std::uint64_t pair, std::uint32_t upper, std::uint32_t lower) {
    return std::uint64_t{static_cast<std::uint32_t>(pair >> 32) + upper} << 32 |
           (static_cast<std::uint32_t>(pair) + lower);
  };
  // Verilator's random states of neighbouring seeds are alike.
  for (int seed = 7'919'777; seed < 49 * 7'919'777; seed += 7'919'777) {
    PartsBench bench(seed);
    bench->token_i = bench->tile_i = 1;
    bench->errors_i = 0b0001;
    bench->fired_i = bench->waited_i = 0xffff;
    const auto step = [&] {
      bench.settle();
      bench.edge();
    };
    // Registered events and flags of full segments settle.
    step();
    step();
    auto expected = counters(bench);
    for (int cycle = 0; cycle < 600; ++cycle) {
      step();
      for (std::size_t i = 0; i < 4; ++i) expected[i] = sum(expected[i], 1, 1);
      for (std::size_t c = 0; c < 3; ++c) expected[4 + c] = sum(expected[4 + c], kFired[c], kFired[c]);
      ASSERT_EQ(counters(bench), expected) << "seed " << seed << ", cycle " << cycle;
    }
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i], ~std::uint64_t{0}) << "counters " << i << ": bits that were never set";
    EXPECT_EQ(clear[i], ~std::uint64_t{0}) << "counters " << i << ": bits that were always set";
  }
}

// Long enough for a carry into every segment with large amounts, and into the third with ones. Clearing just
// after a carry must not leave one behind.
TEST(EventCounter, SumsAmountsFromAnyState) {
  Random random(5);
  for (int seed = 1; seed <= 4; ++seed) {
    PartsBench bench(seed);
    const auto step = [&](unsigned amount) {
      bench->amount_i = static_cast<std::uint8_t>(amount);
      bench.settle();
      bench.edge();
    };
    const auto sums = [&] {
      std::array<std::uint32_t, 5> all{};
      for (std::size_t c = 0; c < all.size(); ++c)
        all[c] = static_cast<std::uint32_t>(word(bench->event_sum_o, c));
      return all;
    };
    step(0);
    step(0);
    auto expected = sums();
    std::array<std::uint32_t, 5> carried{};  // bits that turned
    for (int cycle = 0; cycle < 150000; ++cycle) {
      const auto drawn = random.one_in(8) ? 128U : static_cast<unsigned>(random.range(0, 128));
      const unsigned amount = seed == 1 ? 127U : drawn;
      const bool clear = seed == 4 && random.one_in(300);
      bench->clear_i = clear;
      step(amount);
      for (std::size_t c = 0; c < expected.size(); ++c) {
        const unsigned width = std::array{1U, 15U, 255U, 3U, 31U}[c];
        const auto before = expected[c];
        expected[c] = clear ? 0 : expected[c] + (amount & width);
        carried[c] |= before ^ expected[c];
      }
      ASSERT_EQ(sums(), expected) << "seed " << seed << ", cycle " << cycle;
    }
    if (seed == 1) {
      EXPECT_NE(carried[2] >> 24, 0U);
      EXPECT_NE(carried[0] >> 16 & 0xff, 0U);
    }
  }
}

// The last byte counts when all below it are ones, and not when one bit of the third is missing: of many
// random states those that are about to carry out of the second byte with such a third one, for each width.
TEST(EventCounter, CarriesIntoTheLastByte) {
  constexpr std::array<unsigned, 5> kMost = {1, 15, 128, 3, 31};
  constexpr std::array<std::uint32_t, 9> kThird = {0xff, 0xfe, 0xfd, 0xfb, 0xf7, 0xef, 0xdf, 0xbf, 0x7f};
  constexpr std::uint32_t kRolled = 1U << 24;
  std::array<std::array<bool, 9>, 5> tried{};
  std::size_t left_to_try = 5 * 9;
  for (int k = 1; k < 40000 && left_to_try > 0; ++k) {
    PartsBench bench(k * 7'919 % 2'147'483'647);
    const auto sum = [&](std::size_t c) { return static_cast<std::uint32_t>(word(bench->event_sum_o, c)); };
    const auto step = [&](unsigned amount) {
      bench->amount_i = static_cast<std::uint8_t>(amount);
      bench.settle();
      bench.edge();
    };
    step(0);
    step(0);
    for (std::size_t c = 0; c < tried.size(); ++c) {
      for (std::size_t t = 0; t < kThird.size(); ++t) {
        std::uint32_t expected = sum(c);
        const std::uint32_t left = ((kThird[t] + 1) * 0x10000U - expected) % kRolled;
        if (tried[c][t] || left > 40000 * kMost[c]) continue;
        for (std::uint32_t added = 0; added < left + 300; added += kMost[c]) {
          step(kMost[c]);
          expected += kMost[c];
          ASSERT_EQ(sum(c), expected) << "width " << c << ", seed " << k;
        }
        tried[c][t] = true;
        --left_to_try;
      }
    }
  }
  EXPECT_EQ(left_to_try, 0U);
}

// Entries come out as they went in, for two readers of which the collector is never ahead of the launcher.
TEST_F(PartsTest, TileQueue) {
  constexpr std::array<int, 2> kWidth = {34, 5};
  constexpr std::array<std::size_t, 2> kDepth = {4, 2};
  struct Queue {
    std::deque<std::uint64_t> entries;  // not collected
    std::size_t launched = 0;           // of these
    std::size_t begun = 0;              // of these
  };
  std::array<Queue, 2> queues;
  std::array<int, 2> full{};
  for (int cycle_number = 0; cycle_number < 20000; ++cycle_number) {
    const bool reset = random_.one_in(500);
    // Long stretches in which one of the three hardly moves.
    const int slow = cycle_number / 100 % 4;
    const std::uint64_t entry = random_.bits();
    bench_->entry_i = low(entry, 34);
    bench_->rst_ni = !reset;
    bench_.settle();
    unsigned push = 0, first = 0, launch = 0, collect = 0;
    for (std::size_t q = 0; q < queues.size(); ++q) {
      Queue& queue = queues[q];
      const bool is_full = queue.entries.size() == kDepth[q] || queue.entries.size() - queue.begun == 2;
      ASSERT_EQ(bench_->full_o >> q & 1U, is_full ? 1U : 0U);
      ASSERT_EQ(bench_->launched_o >> q & 1U, queue.launched > 0 ? 1U : 0U);
      ASSERT_EQ(bench_->launch_valid_o >> q & 1U, queue.launched < queue.entries.size() ? 1U : 0U);
      if (queue.launched < queue.entries.size()) {
        ASSERT_EQ(word(bench_->launch_entry_o, q), queue.entries[queue.launched]);
      }
      if (!queue.entries.empty()) {
        ASSERT_EQ(word(bench_->collect_entry_o, q), queue.entries[0]);
      }
      if (queue.entries.size() > 1) {
        ASSERT_EQ(word(bench_->collect_after_o, q), queue.entries[1]);
      }
      full[q] += is_full ? 1 : 0;
      const auto moves = [&](int which) {
        return !random_.one_in(slow == which ? 1 : 3) || random_.one_in(20);
      };
      if (!is_full && moves(1)) push |= 1U << q;
      // A tile of one token begins and ends in one cycle.
      if (queue.begun == queue.launched && queue.begun < queue.entries.size() && moves(2)) first |= 1U << q;
      if (queue.begun + (first >> q & 1U) > queue.launched && moves(2)) launch |= 1U << q;
      if (queue.launched > 0 && moves(3)) collect |= 1U << q;
    }
    bench_->push_i = static_cast<std::uint8_t>(push);
    bench_->begin_i = static_cast<std::uint8_t>(first);
    bench_->launch_next_i = static_cast<std::uint8_t>(launch);
    bench_->collect_next_i = static_cast<std::uint8_t>(collect);
    cycle();
    for (std::size_t q = 0; q < queues.size(); ++q) {
      Queue& queue = queues[q];
      if ((push >> q & 1U) != 0) queue.entries.push_back(low(entry, kWidth[q]));
      if ((first >> q & 1U) != 0) ++queue.begun;
      if ((launch >> q & 1U) != 0) ++queue.launched;
      if ((collect >> q & 1U) != 0) {
        queue.entries.pop_front();
        --queue.launched;
        --queue.begun;
      }
      if (reset) queue = {};
    }
  }
  for (const int times : full) EXPECT_GT(times, 100);
}

// The counters of msq_counters and msq_recon_counters, each across a multiple of 2^26: an upper bit that
// hangs on another one shows only where that one turns. Of many random states those that are near one.
TEST(EventCounter, OfCountersCarriesIntoBit26) {
  constexpr std::uint32_t kRolled = 1U << 26;
  constexpr std::size_t kCounters = 14;
  constexpr std::array<std::uint32_t, kCounters> kAmounts = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 16, 16};
  std::array<bool, kCounters> rolled{};
  const auto read = [](PartsBench& bench) {
    std::array<std::uint32_t, kCounters> all{};
    std::size_t next = 0;
    const auto add = [&](std::uint64_t pair) {
      all[next++] = static_cast<std::uint32_t>(pair);
      all[next++] = static_cast<std::uint32_t>(pair >> 32);
    };
    for (std::size_t c = 0; c < 2; ++c) {
      add(word(bench->cycles_tokens_o, c));
      add(word(bench->tiles_errors_o, c));
    }
    for (std::size_t c = 0; c < 3; ++c) add(word(bench->accesses_waits_o, c));
    return all;
  };
  const auto all_rolled = [&] { return std::all_of(rolled.begin(), rolled.end(), [](bool r) { return r; }); };
  for (std::int64_t k = 1; k < 20000 && !all_rolled(); ++k) {
    PartsBench bench(static_cast<int>(k * 7'919'777 % 2'147'483'647));
    const auto step = [&] {
      bench.settle();
      bench.edge();
    };
    bench->token_i = bench->tile_i = 1;
    bench->errors_i = 0b0001;
    bench->fired_i = bench->waited_i = 0xffff;
    // Registered events and flags of full segments settle.
    step();
    step();
    auto expected = read(bench);
    std::uint32_t cycles = 0;
    for (std::size_t c = 0; c < kCounters; ++c) {
      const std::uint32_t left = kRolled - expected[c] % kRolled;
      if (rolled[c] || left > 65536) continue;
      rolled[c] = true;
      cycles = std::max(cycles, left / kAmounts[c] + 300);
    }
    for (std::uint32_t i = 0; i < cycles; ++i) {
      step();
      for (std::size_t c = 0; c < kCounters; ++c) expected[c] += kAmounts[c];
      ASSERT_EQ(read(bench), expected) << "state " << k << ", cycle " << i;
    }
  }
  EXPECT_TRUE(all_rolled());
}

// A word that is written while it is read or held is not used by the core, so it is not checked.
TEST_F(PartsTest, Memory) {
  std::array<std::optional<std::uint64_t>, 2> small;
  std::array<std::optional<std::uint64_t>, 16> large;
  std::optional<std::uint64_t> small_read, large_read;
  std::size_t at = 0;  // word on the output
  int checked = 0;
  for (int i = 0; i < 5000; ++i) {
    const bool write = random_.one_in(2);
    const auto from = static_cast<std::size_t>(random_.range(0, 15));
    const auto to = static_cast<std::size_t>(random_.range(0, 15));
    const std::uint64_t data = low(random_.bits(), 40);
    bench_->write_i = write;
    bench_->write_address_i = static_cast<std::uint8_t>(to);
    bench_->write_data_i = data;
    const bool read = i == 0 || !random_.one_in(3);
    bench_->read_i = read;
    bench_->read_address_i = static_cast<std::uint8_t>(from);
    cycle();
    if (read) {
      at = from;
      large_read = large[at];
      small_read = small[at % 2];
    }
    if (write && to == at) large_read.reset();
    if (write && to % 2 == at % 2) small_read.reset();
    if (large_read) {
      ASSERT_EQ(word(bench_->read_data_o, 1), *large_read) << "seed 4, cycle " << i;
      ++checked;
    }
    if (small_read) {
      ASSERT_EQ(word(bench_->read_data_o, 0), *small_read) << "seed 4, cycle " << i;
    }
    if (write) {
      large[to] = data;
      small[to % 2] = data & 1;
    }
  }
  EXPECT_GT(checked, 3000);
}

}  // namespace
}  // namespace msq::rtl_test
