#include "model/arbitration.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace msq::model {
namespace {

using Runs = std::vector<golden::TileRun>;

TEST(Arbitration, PlainRowsPassOneTokenACycle) {
  const auto run = simulate_arbitration(Runs{{{false, false, false, false}, 5}}, {});
  EXPECT_EQ(run.accesses, 0);
  EXPECT_EQ(run.cycles, 4 + 4);  // 4 rows, 4 more tokens
}

TEST(Arbitration, OneTokenNeverWaits) {
  const auto run = simulate_arbitration(Runs{{{true, true, true, true}, 1}}, {.units = 1, .latency = 7});
  EXPECT_EQ(run.accesses, 4);
  EXPECT_EQ(run.busy, 0);
  EXPECT_EQ(run.cycles, 4 + 3 * 7);
}

/// Rows 0 and 1 share the unit. Token 0 takes row 0 in cycle 0 and, with latency 0, row 1 in cycle 1, when
/// token 1 comes to row 0 and waits one cycle; token 2 comes in cycle 2, and so on.
TEST(Arbitration, TwoRowsOfOneUnit) {
  const ArbitrationSetup setup{.units = 1, .latency = 0};
  const auto two = simulate_arbitration(Runs{{{true, true}, 2}}, setup);
  EXPECT_EQ(two.accesses, 4);
  EXPECT_EQ(two.busy, 1);
  EXPECT_EQ(two.wait_cycles, 1);
  EXPECT_EQ(two.cycles, 4);
  // Token 2 waits from cycle 2 to 4: row 0 is served in cycles 0, 2, 4.
  const auto three = simulate_arbitration(Runs{{{true, true}, 3}}, setup);
  EXPECT_EQ(three.busy, 2);
  EXPECT_EQ(three.wait_cycles, 1 + 2);
  EXPECT_EQ(three.cycles, 6);
  const auto spaced = simulate_arbitration(Runs{{{true, true}, 3}}, {.units = 1, .latency = 0, .spacing = 2});
  EXPECT_EQ(spaced.busy, 0);
  const auto own = simulate_arbitration(Runs{{{true, true}, 3}}, {.units = 2, .latency = 0});
  EXPECT_EQ(own.busy, 0);
  EXPECT_EQ(own.cycles, 4);
}

/// A tile of one token on 3 rows: entries 0, then 2 (last row) + turnaround 3 = 5.
TEST(Arbitration, NextTileWaitsForItsWeights) {
  const golden::TileRun tile{{false, false, false}, 1};
  EXPECT_EQ(simulate_arbitration(Runs{tile, tile}, {.turnaround = 3}).cycles, 5 + 3);
}

/// A unit that every row uses for every token is busy all the time, whatever the order.
TEST(Arbitration, WorkIsConserved) {
  const golden::TileRun tile{std::vector<bool>(8, true), 100};
  const auto run = simulate_arbitration(Runs{tile}, {.units = 1, .latency = 0});
  EXPECT_EQ(run.accesses, 800);
  EXPECT_EQ(run.cycles, 800);
}

}  // namespace
}  // namespace msq::model
