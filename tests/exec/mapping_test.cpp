#include "golden/exec/mapping.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <random>
#include <set>
#include <tuple>

#include "golden/exec/accumulate.hpp"
#include "golden/exec/gemm.hpp"

namespace msq::golden {
namespace {

/// A tile with outliers in `percent` of the micro-blocks, up to half of the positions each.
Tile random_tile(int rows, int blocks, int percent, std::mt19937& random) {
  const Format format{.bits = 2, .micro_block = 4};
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  Tile tile = make_tile(format, rows, 4 * blocks);
  for (std::uint8_t& code : tile.codes)
    code = std::array<std::uint8_t, 3>{0, 1, 3}[static_cast<std::size_t>(below(3))];
  for (MicroBlock& block : tile.blocks) {
    if (below(100) >= percent) continue;
    std::array<std::uint8_t, 4> positions = {0, 1, 2, 3};
    std::shuffle(positions.begin(), positions.end(), random);
    block.shift = static_cast<std::uint8_t>(below(4));
    block.pairs.push_back({positions[0], positions[1]});
    if (below(3) == 0) block.pairs.push_back({positions[2], positions[3]});
    // Both halves of an outlier have one sign; minus zero is one of them.
    const auto first = static_cast<std::size_t>(&block - tile.blocks.data()) * 4;
    for (const OutlierPair& pair : block.pairs) {
      const auto sign = static_cast<std::uint8_t>(2 * below(2));
      for (const int half : {pair.upper, pair.lower})
        tile.codes[first + static_cast<std::size_t>(half)] = static_cast<std::uint8_t>(sign | below(2));
    }
  }
  return tile;
}

std::vector<std::int64_t> sums(const Tile& tile) {
  std::vector<std::int8_t> x;
  for (int row = 0; row < tile.rows; ++row) x.push_back(static_cast<std::int8_t>(7 * row - 50));
  return tile_partial_sums(tile, x, 1);
}

/// The places of a band of physical rows, in the order of the rows: row r of the array has r, rows + r ..
std::vector<int> places_of_band(int band, int tile_rows, const UnitLimits& limits) {
  std::vector<int> places;
  for (int r = 0; r < limits.band_rows; ++r) {
    for (int place = band * limits.band_rows + r; place < tile_rows; place += limits.rows)
      places.push_back(place);
  }
  return places;
}

/// Every band of the physical rows holds at most `units` outliers of a micro-block, on different lanes.
void expect_fits(const MappedTile& part, const UnitLimits& limits, const std::string& where) {
  std::vector<int> sorted = part.order;
  std::sort(sorted.begin(), sorted.end());
  std::vector<int> all(sorted.size());
  std::iota(all.begin(), all.end(), 0);
  ASSERT_EQ(sorted, all) << where;
  // A row goes to another band, but to its own place there.
  for (std::size_t place = 0; place < part.order.size(); ++place) {
    const int at = static_cast<int>(place), row = part.order[place];
    ASSERT_EQ(row / limits.rows, at / limits.rows) << where;
    ASSERT_EQ(row % limits.band_rows, at % limits.band_rows) << where;
  }
  for (int band = 0; band < limits.rows / limits.band_rows; ++band) {
    std::vector<int> rows;
    for (const int place : places_of_band(band, part.tile.rows, limits))
      rows.push_back(part.order[static_cast<std::size_t>(place)]);
    for (int block = 0; block < part.tile.blocks_per_row(); ++block) {
      int count = 0;
      unsigned lanes = 0;
      for (const int row : rows) {
        for (const OutlierPair& pair : part.tile.block(row, block).pairs) {
          ++count;
          lanes |= 1U << pair.upper;
        }
      }
      ASSERT_LE(count, limits.units) << where;
      ASSERT_EQ(std::popcount(lanes), count) << where;
    }
  }
}

TEST(Mapping, PartsFitAndAddUp) {
  std::mt19937 random(1);
  long extra = 0;
  for (int run = 0; run < 600; ++run) {
    const UnitLimits limits{1 << run % 4, 1 << (run / 4) % 3, run % 7 < 3 ? 16 : 8};
    const Tile tile =
        random_tile(16, 3, std::array{2, 10, 40, 100}[static_cast<std::size_t>(run / 12 % 4)], random);
    const auto parts = map_to_units(tile, limits);
    const std::string where =
        fmt::format("run {}: {} rows, {} a band, {} units", run, limits.rows, limits.band_rows, limits.units);
    std::vector<std::int64_t> total(static_cast<std::size_t>(tile.columns), 0);
    std::size_t outliers = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      ASSERT_TRUE(validate(parts[i].tile)) << where;
      expect_fits(parts[i], limits, where);
      const auto own = sums(parts[i].tile);
      for (std::size_t n = 0; n < own.size(); ++n) total[n] += own[n];
      for (const MicroBlock& block : parts[i].tile.blocks) outliers += block.pairs.size();
    }
    ASSERT_EQ(total, sums(tile)) << where;
    std::size_t expected = 0;
    for (const MicroBlock& block : tile.blocks) expected += block.pairs.size();
    ASSERT_EQ(outliers, expected) << where;
    // The same by the outliers alone, and twice the same.
    const auto orders = map_to_units(outlier_lanes(tile), limits);
    ASSERT_EQ(orders.size(), parts.size()) << where;
    for (std::size_t i = 0; i < parts.size(); ++i) ASSERT_EQ(orders[i].order, parts[i].order) << where;
    extra += static_cast<long>(parts.size()) - 1;
  }
  EXPECT_GT(extra, 0);
}

TEST(Mapping, KeepsTheOrderIfAllFit) {
  Tile tile = make_tile({.bits = 2, .micro_block = 4}, 8, 4);
  for (const int row : {0, 2, 5}) tile.blocks[tile.block_index(row, 0)] = {0, {{1, 2}}};
  std::vector<int> order(8);
  std::iota(order.begin(), order.end(), 0);
  const auto parts = map_to_units(tile, {2, 1, 8});
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].order, order);
  EXPECT_EQ(parts[0].tile, tile);
  // With two places per row, rows 0 and 5 of the tile share the band of rows 0 and 1; the other has 2 and 3.
  tile.blocks[tile.block_index(2, 0)] = {};
  const auto exchanged = map_to_units(tile, {2, 1, 4});
  ASSERT_EQ(exchanged.size(), 1U);
  EXPECT_NE(exchanged[0].order, order);
}

// Arrays whose bands are rows have no permuter: whatever is left over, rows stay where they are.
TEST(Mapping, BandsOfOneRowKeepTheirOrder) {
  std::mt19937 random(3);
  std::size_t all = 0;
  for (int run = 0; run < 50; ++run) {
    const auto parts = map_to_units(random_tile(8, 2, 80, random), {1, 1, run % 2 == 0 ? 8 : 4});
    for (const MappedTile& part : parts) ASSERT_TRUE(std::is_sorted(part.order.begin(), part.order.end()));
    all += parts.size();
  }
  EXPECT_GT(all, 75U);
}

// Heuristics that lose nothing on four rows: outliers left over of many tiles of 32 rows, measured.
TEST(Mapping, FewAreLeftOver) {
  std::mt19937 random(7);
  std::int64_t left = 0;
  for (int run = 0; run < 400; ++run) {
    const OutlierLanes lanes = outlier_lanes(random_tile(32, 4, 15, random));
    const UnitLimits limits{4 << run % 2, 1 + run % 2, 32};
    const auto order = order_for_units(lanes, limits);
    for (const std::uint16_t l : without(lanes, placed_outliers(lanes, order, limits)).lanes)
      left += std::popcount(l);
  }
  EXPECT_LE(left, 2000);  // 1,983; 1,778 with any order of the rows
}

/// The rule of mapping.hpp and its comments, by counting anew what every choice leaves over.
class Rule {
 public:
  Rule(const OutlierLanes& lanes, const UnitLimits& limits) : lanes_(lanes), limits_(limits) {}

  std::vector<int> order() {
    std::vector<Switch> all;
    const int bands = limits_.rows / limits_.band_rows;
    for (int bit = bands / 2; bit > 0; bit /= 2) {
      for (int seat = 0; seat < lanes_.rows / bands; ++seat) {
        for (int band = 0; band < bands; ++band) {
          if ((band & bit) == 0 && !is_empty(seat, bands)) all.push_back({bit, seat, band});
        }
      }
    }
    if (limits_.band_rows == 1) all.clear();
    for (bool turned = true; turned;) {
      turned = false;
      for (const Switch& s : all) turned = (left() > 0 && helps({s})) || turned;
    }
    while (left() > 0 && left() <= 2 && turn_pair(all)) {
    }
    return rows();
  }

 private:
  using Switch = std::tuple<int, int, int>;  ///< bit of the band, seat, lower band

  /// Place of a seat in a band.
  int place(int seat, int band) const {
    return seat / limits_.band_rows * limits_.rows + band * limits_.band_rows + seat % limits_.band_rows;
  }
  bool is_empty(int seat, int bands) const {
    for (int band = 0; band < bands; ++band) {
      for (int block = 0; block < lanes_.blocks; ++block) {
        if (lanes_.at(place(seat, band), block) != 0) return false;
      }
    }
    return true;
  }
  /// Row at each place: switches that are turned exchange rows, those of low bits first.
  std::vector<int> rows() const {
    std::vector<int> rows(static_cast<std::size_t>(lanes_.rows));
    std::iota(rows.begin(), rows.end(), 0);
    for (const auto& [bit, seat, band] : turned_) {  // a set: in the order of bits
      std::swap(rows[static_cast<std::size_t>(place(seat, band))],
                rows[static_cast<std::size_t>(place(seat, band + bit))]);
    }
    return rows;
  }
  int left() const {
    const OutlierLanes left = without(lanes_, placed_outliers(lanes_, rows(), limits_));
    int count = 0;
    for (const std::uint16_t l : left.lanes) count += std::popcount(l);
    return count;
  }
  void turn(const Switch& s) {
    if (turned_.erase(s) == 0) turned_.insert(s);
  }
  bool helps(const std::vector<Switch>& some) {
    const int before = left();
    for (const Switch& s : some) turn(s);
    if (left() < before) return true;
    for (const Switch& s : some) turn(s);
    return false;
  }
  bool turn_pair(const std::vector<Switch>& all) {
    const int before = left();
    for (const Switch& first : all) {
      turn(first);
      const bool worth = left() <= before + 1;
      turn(first);
      for (const Switch& second : all) {
        if (worth && second != first && helps({first, second})) return true;
      }
    }
    return false;
  }

  const OutlierLanes& lanes_;
  UnitLimits limits_;
  std::set<Switch> turned_;
};

TEST(Mapping, FollowsItsRule) {
  std::mt19937 random(11);
  int changed = 0;
  for (int run = 0; run < 400; ++run) {
    const int rows = std::array{4, 8, 16, 32}[random() % 4];
    const int percent = std::array{5, 15, 30, 60}[random() % 4];
    const OutlierLanes lanes =
        outlier_lanes(random_tile(rows, 1 + static_cast<int>(random() % 4), percent, random));
    const int places = rows == 4 ? 1 : 1 + static_cast<int>(random() % 2);
    const UnitLimits limits{1 << random() % 3, 1 + static_cast<int>(random() % 3), rows / places};
    const std::vector<int> order = order_for_units(lanes, limits);
    ASSERT_EQ(order, Rule(lanes, limits).order()) << "run " << run;
    changed += std::is_sorted(order.begin(), order.end()) ? 0 : 1;
  }
  EXPECT_GT(changed, 50);
}

TEST(Mapping, PutsRowsTogetherThatDoNotMeet) {
  // Rows 0 and 1 meet in the first micro-block, 2 and 3 in the second: two bands of two hold them all.
  Tile tile = make_tile({.bits = 2, .micro_block = 4}, 4, 8);
  for (int row = 0; row < 4; ++row) tile.blocks[tile.block_index(row, row / 2)] = {0, {{0, 1}}};
  EXPECT_EQ(map_to_units(tile, {2, 1, 4}).size(), 1U);
  // A third row in the first cannot be held, and costs one tile.
  tile.blocks[tile.block_index(2, 0)] = {0, {{0, 1}}};
  EXPECT_EQ(map_to_units(tile, {2, 1, 4}).size(), 2U);
  EXPECT_EQ(map_to_units(tile, {2, 2, 4}).size(), 2U);  // on one lane: a second unit does not help
  tile.blocks[tile.block_index(2, 0)] = {0, {{3, 1}}};
  EXPECT_EQ(map_to_units(tile, {2, 2, 4}).size(), 1U);
}

/// Fewest outliers left over, over all ways in which switches can put four rows into two bands.
int least_left(const OutlierLanes& lanes, const UnitLimits& limits) {
  int least = 1000;
  for (const std::vector<int>& order : {std::vector{0, 1, 2, 3}, {0, 3, 2, 1}}) {
    const OutlierLanes left = without(lanes, placed_outliers(lanes, order, limits));
    int count = 0;
    for (const std::uint16_t l : left.lanes) count += std::popcount(l);
    least = std::min(least, count);
  }
  return least;
}

TEST(Mapping, FourRowsAreAsGoodAsCanBe) {
  std::mt19937 random(5);
  for (int run = 0; run < 2000; ++run) {
    const OutlierLanes lanes = outlier_lanes(random_tile(4, 2, 60, random));
    const UnitLimits limits{2, 1 + run % 2, 4};
    const auto order = order_for_units(lanes, limits);
    const OutlierLanes left = without(lanes, placed_outliers(lanes, order, limits));
    int count = 0;
    for (const std::uint16_t l : left.lanes) count += std::popcount(l);
    ASSERT_EQ(count, least_left(lanes, limits)) << run;
  }
}

TEST(Mapping, BandsDivideTheRows) {
  const Tile tile = make_tile({.bits = 2, .micro_block = 4}, 6, 4);
  EXPECT_THROW((void)map_to_units(tile, {4, 1, 6}), std::logic_error);
  EXPECT_THROW((void)map_to_units(tile, {2, 0, 6}), std::logic_error);
  EXPECT_THROW((void)map_to_units(tile, {2, 1, 4}), std::logic_error);
}

/// One column: an inlier 1 and an outlier of 1.25 steps; the second group of k has a scale `down` lower.
QuantizedTensor two_groups(int down) {
  QuantizedTensor w;
  w.format = {.bits = 2, .micro_block = 4, .macro_block = 32};
  w.k = 64;
  w.n = 4;
  w.codes.assign(static_cast<std::size_t>(w.k * w.n), 0);
  w.blocks.resize(static_cast<std::size_t>(w.k));
  w.codes[0] = 1;              // keeps the first group from being all zero
  w.codes[4 * 32] = 1;         // k = 32: inlier 1
  w.codes[4 * 33 + 0] = 0b00;  // k = 33: outlier with S = 5 (mantissa 01)
  w.codes[4 * 33 + 1] = 0b01;
  w.blocks[33] = {0, {{0, 1}}};
  w.scales.assign(8, 0);
  for (std::size_t n = 4; n < 8; ++n) w.scales[n] = static_cast<std::int8_t>(-down);
  return w;
}

TEST(Mapping, PartsAreRoundedByThemselves) {
  // Apart: each part's sum is rounded to the accumulator's unit, 2^-4 of the largest scale below by more
  // than 4.
  const auto apart = [](const Tile& tile, std::span<const int> /*row_shifts*/) {
    Tile inliers = tile;
    Tile outliers = make_tile(tile.format, tile.rows, tile.columns);
    for (int row = 0; row < tile.rows; ++row) {
      if (!tile.block(row, 0).has_outliers()) continue;
      for (int n = 0; n < tile.columns; ++n)
        std::swap(inliers.codes[tile.code_index(row, n)], outliers.codes[tile.code_index(row, n)]);
      std::swap(inliers.blocks[tile.block_index(row, 0)], outliers.blocks[tile.block_index(row, 0)]);
    }
    return std::vector<Tile>{inliers, outliers};
  };
  QuantizedActivations x{8, 32, 1, 64, std::vector<std::int8_t>(64, 0), {0, 0}};
  x.values[0] = 1;
  x.values[32] = 1;  // 4 quarters
  x.values[33] = 1;  // 5 quarters
  // Within the spread nothing is rounded.
  EXPECT_EQ(gemm(two_groups(4), x, 32, 4, apart), gemm(two_groups(4), x, 32));
  // Six below: Iref is -4, a quarter of a unit each. Together 9 / 4 = 2.25 -> 2; apart 1 + 1.25 -> 1 + 1.
  EXPECT_EQ(gemm(two_groups(6), x, 32)->at(0, 0), 64 + 2);
  EXPECT_EQ(gemm(two_groups(6), x, 32, 4, apart)->at(0, 0), 64 + 2);
  // Seven below: together 9 / 8 -> 1; apart 0.5 -> 0 (half to even) and 0.625 -> 1.
  EXPECT_EQ(gemm(two_groups(7), x, 32)->at(0, 0), 64 + 1);
  EXPECT_EQ(gemm(two_groups(7), x, 32, 4, apart)->at(0, 0), 64 + 1);
  x.values[32] = 3;  // 12 / 8 = 1.5 -> 2 and 0.625 -> 1: three; together 17 / 8 -> 2
  EXPECT_EQ(gemm(two_groups(7), x, 32)->at(0, 0), 64 + 2);
  EXPECT_EQ(gemm(two_groups(7), x, 32, 4, apart)->at(0, 0), 64 + 3);
}

TEST(NeededAccBits, IsTheLeastThatCanBeProven) {
  std::mt19937 random(9);
  for (int run = 0; run < 50; ++run) {
    QuantizedTensor w = two_groups(0);
    for (std::uint8_t& code : w.codes) code = std::array<std::uint8_t, 3>{0, 1, 3}[random() % 3];
    for (int rows : {4, 16, 32}) {
      const int bits = needed_acc_bits(w, 32, rows, 127);
      EXPECT_FALSE(prove_accumulator(w, 32, rows, bits, 127));
      EXPECT_TRUE(prove_accumulator(w, 32, rows, bits - 1, 127));
    }
  }
}

}  // namespace
}  // namespace msq::golden
