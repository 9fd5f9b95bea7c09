#include "golden/exec/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/exec/random_tensor.hpp"

namespace msq::golden {
namespace {

using testing::Random;

std::vector<bool> flags(unsigned mask, int rows) {
  std::vector<bool> result;
  for (int row = 0; row < rows; ++row) result.push_back(((mask >> row) & 1U) != 0);
  return result;
}

std::string text(const std::vector<bool>& flagged) {
  std::string result;
  for (const bool flag : flagged) result += flag ? '1' : '0';
  return result;
}

/// Cycles in which the flagged rows of a token launched in cycle `launch` use a unit: (unit, cycle).
void use_units(const std::vector<bool>& flagged, int units, int launch,
               std::multiset<std::pair<int, int>>& uses) {
  const int rows = static_cast<int>(flagged.size());
  for (int row = 0; row < rows; ++row) {
    if (flagged[static_cast<std::size_t>(row)]) uses.insert({row * units / rows, launch + row});
  }
}

bool collides(const std::multiset<std::pair<int, int>>& uses) {
  return std::adjacent_find(uses.begin(), uses.end()) != uses.end();
}

/// Whether two tokens of one tile, any number of slots apart, need one unit at once.
bool interval_collides(const std::vector<bool>& flagged, int units, int interval) {
  for (int spacing = interval; spacing <= static_cast<int>(flagged.size()); spacing += interval) {
    std::multiset<std::pair<int, int>> uses;
    use_units(flagged, units, 0, uses);
    use_units(flagged, units, spacing, uses);
    if (collides(uses)) return true;
  }
  return false;
}

/// Whether tiles collide when their nearest tokens are exactly `gap` cycles apart.
bool gap_collides(const std::vector<bool>& previous, const std::vector<bool>& next, int units, int gap) {
  std::multiset<std::pair<int, int>> uses;
  use_units(previous, units, 0, uses);
  use_units(next, units, gap, uses);
  return collides(uses);
}

/// Whether a row would get two activations at once or in the wrong order: flagged rows get theirs `latency`
/// earlier.
bool feed_conflict(const std::vector<bool>& previous, const std::vector<bool>& next, int latency, int gap) {
  for (std::size_t row = 0; row < previous.size(); ++row) {
    if (gap - (next[row] ? latency : 0) <= (previous[row] ? -latency : 0)) return true;
  }
  return false;
}

TEST(OrderRows, SpreadsFlaggedRowsFirstInTheirBands) {
  for (const int rows : {1, 4, 8}) {
    for (int units = 1; units <= rows; units *= 2) {
      for (unsigned mask = 0; mask < 1U << rows; ++mask) {
        const auto flagged = flags(mask, rows);
        SCOPED_TRACE(text(flagged) + " units " + std::to_string(units));
        const auto order = order_rows(flagged, units);
        ASSERT_EQ(std::set<int>(order.begin(), order.end()).size(), static_cast<std::size_t>(rows));
        ASSERT_EQ(*std::min_element(order.begin(), order.end()), 0);
        ASSERT_EQ(*std::max_element(order.begin(), order.end()), rows - 1);
        const auto physical = permute_flags(flagged, order);
        std::vector<int> counts;
        int last_flagged = -1;
        int last_plain = -1;
        for (int row = 0; row < rows; ++row) {
          const auto r = static_cast<std::size_t>(row);
          ASSERT_EQ(physical[r], flagged[static_cast<std::size_t>(order[r])]);
          const bool band_start = row % (rows / units) == 0;
          if (band_start) counts.push_back(0);
          counts.back() += physical[r] ? 1 : 0;
          ASSERT_TRUE(band_start || physical[r - 1] || !physical[r]);  // contiguous, first
          int& last = physical[r] ? last_flagged : last_plain;
          ASSERT_GT(order[r], last);
          last = order[r];
        }
        ASSERT_LE(counts.front() - counts.back(), 1);
        ASSERT_TRUE(std::is_sorted(counts.rbegin(), counts.rend()));
      }
    }
  }
}

TEST(OrderRows, Example) {
  const std::vector<bool> flagged = {false, true, false, true, true, false, false, false};
  EXPECT_EQ(order_rows(flagged, 2), (std::vector<int>{1, 3, 0, 2, 4, 5, 6, 7}));
  EXPECT_EQ(order_rows(flagged, 1), (std::vector<int>{1, 3, 4, 0, 2, 5, 6, 7}));
  EXPECT_EQ(order_rows(flagged, 8), (std::vector<int>{1, 3, 4, 0, 2, 5, 6, 7}));
  EXPECT_THROW((void)order_rows(flagged, 3), std::logic_error);
  EXPECT_THROW((void)order_rows(flagged, 0), std::logic_error);
}

TEST(Interval, IsSafeAndSmallest) {
  for (const int rows : {4, 8}) {
    for (int units = 1; units <= rows; units *= 2) {
      for (unsigned mask = 0; mask < 1U << rows; ++mask) {
        const auto flagged = flags(mask, rows);
        SCOPED_TRACE(text(flagged) + " units " + std::to_string(units));
        EXPECT_EQ(initiation_interval(flagged, units, 1), 1);
        const int interval = initiation_interval(flagged, units, 2);
        ASSERT_EQ(initiation_interval(flagged, units, 100), interval);
        ASSERT_FALSE(interval_collides(flagged, units, interval));
        for (int smaller = 1; smaller < interval; ++smaller)
          ASSERT_TRUE(interval_collides(flagged, units, smaller));
      }
    }
  }
}

TEST(Interval, AfterOrderingItIsTheMostFlaggedRowsOfABand) {
  for (int units = 1; units <= 8; units *= 2) {
    for (unsigned mask = 0; mask < 256; ++mask) {
      const auto flagged = flags(mask, 8);
      const int count = static_cast<int>(std::count(flagged.begin(), flagged.end(), true));
      const int interval = initiation_interval(permute_flags(flagged, order_rows(flagged, units)), units, 2);
      ASSERT_EQ(interval, std::max(1, (count + units - 1) / units)) << text(flagged) << " units " << units;
    }
  }
}

TEST(LaunchGap, IsSafeForEveryLargerGapAndSmallest) {
  std::int64_t bound_by_unit = 0;
  std::int64_t bound_by_feed = 0;
  for (const int rows : {4, 8}) {
    for (int units = 1; units <= rows; units *= 2) {
      for (unsigned first = 0; first < 1U << rows; ++first) {
        for (unsigned second = 0; second < 1U << rows; ++second) {
          const auto previous = flags(first, rows);
          const auto next = flags(second, rows);
          const int latency = static_cast<int>((first + second) % 5) + 1;
          const int gap = launch_gap(previous, next, units, latency);
          const auto describe = [&] {
            return text(previous) + " then " + text(next) + " units " + std::to_string(units) + " latency " +
                   std::to_string(latency) + " gap " + std::to_string(gap);
          };
          ASSERT_GE(gap, 1);
          for (int wait = gap; wait <= gap + rows; ++wait) {
            ASSERT_FALSE(gap_collides(previous, next, units, wait)) << describe() << " wait " << wait;
            ASSERT_FALSE(feed_conflict(previous, next, latency, wait)) << describe() << " wait " << wait;
          }
          if (gap == 1) continue;
          const bool unit = gap_collides(previous, next, units, gap - 1);
          const bool feed = feed_conflict(previous, next, latency, gap - 1);
          ASSERT_TRUE(unit || feed) << describe();
          bound_by_unit += unit && !feed ? 1 : 0;
          bound_by_feed += feed && !unit ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(bound_by_unit, 1000);
  EXPECT_GT(bound_by_feed, 1000);
}

TEST(LaunchGap, Examples) {
  const auto head = flags(0b00000111, 8);
  EXPECT_EQ(launch_gap(head, head, 1, 4), 3);                  // row 2 before, row 0 after
  EXPECT_EQ(launch_gap(head, head, 4, 4), 2);                  // rows 0, 1 share a unit, row 2 does not
  EXPECT_EQ(launch_gap(head, flags(0, 8), 1, 4), 1);           // nothing flagged after
  EXPECT_EQ(launch_gap(flags(0, 8), head, 1, 4), 5);           // fed four cycles earlier
  EXPECT_EQ(launch_gap(head, flags(0b10000000, 8), 1, 4), 5);  // the unit is free, the feed is not
  EXPECT_EQ(launch_gap(flags(0b10000001, 8), head, 1, 2), 8);
  EXPECT_THROW((void)launch_gap(head, flags(0, 4), 1, 4), std::logic_error);
}

TEST(LaunchGaps, LookPastATileThatUsesNoUnit) {
  const auto full = flags(0xff, 8);
  const auto none = flags(0, 8);
  const std::vector<int> intervals = {8, 1, 8};
  // Directly one after the other 8 cycles; here 1 + 7, of which the feed alone would ask for 1 + 3.
  const std::vector<TileRun> one = {{full, 5}, {none, 1}, {full, 5}};
  EXPECT_EQ(launch_gaps(one, intervals, 1, 2), (std::vector<int>{1, 1, 7}));
  const std::vector<TileRun> five = {{full, 5}, {none, 5}, {full, 5}};
  EXPECT_EQ(launch_gaps(five, intervals, 1, 2), (std::vector<int>{1, 1, 3}));
  const std::vector<int> missing = {8};
  EXPECT_THROW((void)launch_gaps(one, missing, 1, 2), std::logic_error);
}

/// Launch cycles of a sequence with stalls before some tokens, as the sequencer admits them.
struct Launch {
  std::size_t tile;
  int cycle;
};

std::vector<Launch> launch(Random& random, const std::vector<TileRun>& tiles,
                           const std::vector<TileSchedule>& schedules, int stall_percent) {
  std::vector<Launch> launches;
  int cycle = 0;
  const auto stall = [&](int most) { return random.chance(stall_percent) ? random.between(0, most) : 0; };
  for (std::size_t tile = 0; tile < tiles.size(); ++tile) {
    cycle += schedules[tile].launch_gap + stall(12);
    launches.push_back({tile, cycle});
    for (int token = 1; token < tiles[tile].tokens; ++token) {
      cycle += schedules[tile].initiation_interval * (1 + stall(4));
      launches.push_back({tile, cycle});
    }
  }
  return launches;
}

/// Runs a schedule under stalls; true if a unit is needed twice in a cycle or a row is fed out of order.
bool fails(Random& random, const std::vector<TileRun>& tiles, const std::vector<TileSchedule>& schedules,
           int units, int latency, int stall_percent) {
  std::multiset<std::pair<int, int>> uses;
  std::map<std::size_t, int> fed;
  for (const Launch& l : launch(random, tiles, schedules, stall_percent)) {
    const auto physical = permute_flags(tiles[l.tile].flagged, schedules[l.tile].row_order);
    use_units(physical, units, l.cycle, uses);
    for (std::size_t row = 0; row < physical.size(); ++row) {
      const int now = l.cycle - (physical[row] ? latency : 0);
      if (fed.contains(row) && now <= fed[row]) return true;
      fed[row] = now;
    }
  }
  return collides(uses);
}

std::vector<TileRun> random_tiles(Random& random, int rows) {
  std::vector<TileRun> tiles;
  const int count = random.between(1, 6);
  for (int i = 0; i < count; ++i) {
    std::vector<bool> flagged;
    const int density = random.pick({0, 0, 10, 50, 100});
    for (int row = 0; row < rows; ++row) flagged.push_back(random.chance(density));
    tiles.push_back({flagged, random.pick({1, 1, 2, random.between(1, 6)})});
  }
  return tiles;
}

TEST(Schedule, NoSequenceOfTilesFailsUnderStalls) {
  for (std::uint32_t seed = 1; seed <= 20'000; ++seed) {
    Random random(seed);
    const int rows = random.pick({4, 8, 16});
    const int units = random.pick({1, 2, 4, rows});
    const int latency = random.between(1, 8);
    const auto tiles = random_tiles(random, rows);
    const auto schedules = schedule_tiles(tiles, units, latency);
    ASSERT_EQ(schedules.size(), tiles.size());
    for (const int stalls : {0, 30, 90}) {
      ASSERT_FALSE(fails(random, tiles, schedules, units, latency, stalls))
          << "seed " << seed << " rows " << rows << " units " << units << " latency " << latency << " stalls "
          << stalls;
    }
  }
}

TEST(Schedule, EveryGapIsNeeded) {
  // One cycle less before one tile fails in at least one pattern of stalls before the tiles after it.
  int shortened = 0;
  for (std::uint32_t seed = 1; seed <= 1500; ++seed) {
    Random random(seed);
    const int units = random.pick({1, 2, 4});
    const int latency = random.between(1, 6);
    const auto tiles = random_tiles(random, 8);
    const auto schedules = schedule_tiles(tiles, units, latency);
    EXPECT_EQ(schedules.front().launch_gap, 1);
    for (std::size_t tile = 1; tile < tiles.size(); ++tile) {
      if (schedules[tile].launch_gap == 1) continue;
      auto shorter = schedules;
      --shorter[tile].launch_gap;
      // Without stalls the tile is as close to all before it as it can.
      ASSERT_TRUE(fails(random, tiles, shorter, units, latency, 0)) << "seed " << seed << " tile " << tile;
      ++shortened;
    }
  }
  EXPECT_GT(shortened, 500);
}

TEST(Schedule, Example) {
  const std::vector<TileRun> tiles = {{flags(0b1010, 4), 3}, {flags(0b0100, 4), 1}};
  const auto schedules = schedule_tiles(tiles, 2, 3);
  EXPECT_EQ(schedules[0], (TileSchedule{{1, 0, 3, 2}, 1, 1}));
  EXPECT_EQ(schedules[1], (TileSchedule{{2, 0, 1, 3}, 1, 1}));
  EXPECT_EQ(launch_cycles(3, 4), 8);
  EXPECT_EQ(launch_cycles(1, 4), 0);
}

}  // namespace
}  // namespace msq::golden
