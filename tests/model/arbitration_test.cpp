#include "model/arbitration.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace msq::model {
namespace {

using Runs = std::vector<golden::TileRun>;

TEST(Arbitration, PlainRowsPassOneTokenACycle) {
  const auto run = simulate_arbitration(Runs{{{false, false, false, false}, 5}}, {});
  EXPECT_EQ(run.accesses, 0);
  EXPECT_EQ(run.cycles, 1 + 4 + 4);  // first weight row, 4 rows, 4 more tokens
}

TEST(Arbitration, OneTokenNeverWaits) {
  const auto run = simulate_arbitration(Runs{{{true, true, true, true}, 1}}, {.units = 1, .latency = 7});
  EXPECT_EQ(run.accesses, 4);
  EXPECT_EQ(run.busy, 0);
  EXPECT_EQ(run.cycles, 1 + 4 + 3 * 7);
}

/// Rows 0 and 1 share the unit. Token 0 takes row 0 in some cycle, 0, and, with latency 0, row 1 in cycle 1,
/// when token 1 comes to row 0 and waits one cycle; token 2 comes in cycle 2, and so on.
TEST(Arbitration, TwoRowsOfOneUnit) {
  const ArbitrationSetup setup{.units = 1, .latency = 0};
  const auto two = simulate_arbitration(Runs{{{true, true}, 2}}, setup);
  EXPECT_EQ(two.accesses, 4);
  EXPECT_EQ(two.busy, 1);
  EXPECT_EQ(two.wait_cycles, 1);
  EXPECT_EQ(two.cycles, 1 + 4);
  // Token 2 waits from cycle 2 to 4: row 0 is served in cycles 0, 2, 4.
  const auto three = simulate_arbitration(Runs{{{true, true}, 3}}, setup);
  EXPECT_EQ(three.busy, 2);
  EXPECT_EQ(three.wait_cycles, 1 + 2);
  EXPECT_EQ(three.cycles, 1 + 6);
  const auto spaced = simulate_arbitration(Runs{{{true, true}, 3}}, {.units = 1, .latency = 0, .spacing = 2});
  EXPECT_EQ(spaced.busy, 0);
  const auto own = simulate_arbitration(Runs{{{true, true}, 3}}, {.units = 2, .latency = 0});
  EXPECT_EQ(own.busy, 0);
  EXPECT_EQ(own.cycles, 1 + 4);
}

/// Tiles of one token on 3 rows: their weights come one row per cycle, so a token can enter every 3 cycles.
TEST(Arbitration, WeightsComeOneRowACycle) {
  const golden::TileRun tile{{false, false, false}, 1};
  for (const int tiles : {1, 2, 5}) {
    const Runs runs(static_cast<std::size_t>(tiles), tile);
    EXPECT_EQ(simulate_arbitration(runs, {}).cycles, 1 + 3 * tiles);
  }
}

/// Two tiles of one token, every row flagged, latency 7, in an array of 2 rows: token 1 enters 2 cycles after
/// token 0 and finds the unit free in cycle 2; token 0 comes to row 1 in cycle 8, token 1 in cycle 10.
TEST(Arbitration, TilesFollowEachOther) {
  const golden::TileRun tile{{true, true}, 1};
  const auto run = simulate_arbitration(Runs{tile, tile}, {.units = 1, .latency = 7});
  EXPECT_EQ(run.busy, 0);
  // With the next row's shadow taken only when token 0 has passed it, tile 2 is loaded from then on.
  EXPECT_EQ(run.cycles, 1 + 11);
  // Latency 1: token 0 is at row 1 in cycle 2, when token 1 is at row 0.
  EXPECT_EQ(simulate_arbitration(Runs{tile, tile}, {.units = 1, .latency = 1}).busy, 1);
}

/// Row 0 has a queue, and a token comes to row 1: the oldest goes first, round robin takes turns.
TEST(Arbitration, ArbitersDiffer) {
  const golden::TileRun tile{std::vector<bool>(8, true), 20};
  const ArbitrationSetup setup{.units = 1, .latency = 3};
  ArbitrationSetup turns = setup;
  turns.arbiter = Arbiter::round_robin;
  const auto first = simulate_arbitration(Runs{tile}, setup);
  const auto second = simulate_arbitration(Runs{tile}, turns);
  EXPECT_EQ(first.accesses, second.accesses);
  EXPECT_GT(second.busy, first.busy);
}

/// A unit that every row uses for every token is busy all the time, whatever the order.
TEST(Arbitration, WorkIsConserved) {
  const golden::TileRun tile{std::vector<bool>(8, true), 100};
  const auto run = simulate_arbitration(Runs{tile}, {.units = 1, .latency = 0});
  EXPECT_EQ(run.accesses, 800);
  EXPECT_EQ(run.busy, 99);  // each token but the first, at row 0 only
  EXPECT_EQ(run.cycles, 1 + 800);
}

}  // namespace
}  // namespace msq::model
