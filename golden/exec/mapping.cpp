#include "golden/exec/mapping.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <stdexcept>

namespace msq::golden {
namespace {

int count(unsigned lanes) { return std::popcount(lanes); }

/// Rounds of exchanges; more gained nothing on random tiles.
constexpr int kRounds = 4;

/// Rows in bands, and how many outliers find no unit.
class Bands {
 public:
  Bands(const OutlierLanes& lanes, const UnitLimits& limits)
      : lanes_(lanes),
        limits_(limits),
        places_(lanes.rows / limits.rows),
        members_(static_cast<std::size_t>(limits.rows / limits.band_rows)) {}

  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] bool has_room(std::size_t band) const {
    return members_[band].size() < static_cast<std::size_t>(limits_.band_rows * places_);
  }
  void add(std::size_t band, int row) { members_[band].push_back(row); }
  [[nodiscard]] std::vector<int>& members(std::size_t band) { return members_[band]; }

  /// Outliers of the band without a unit, with `extra` (a row, or -1) in it.
  [[nodiscard]] int left_over(std::size_t band, int extra = -1) const {
    int left = 0;
    for (int block = 0; block < lanes_.blocks; ++block) {
      int wanted = 0;
      unsigned lanes = 0;
      const auto take = [&](int row) {
        wanted += count(lanes_.at(row, block));
        lanes |= lanes_.at(row, block);
      };
      for (const int row : members_[band]) take(row);
      if (extra >= 0) take(extra);
      left += wanted - std::min(count(lanes), limits_.units);
    }
    return left;
  }

  [[nodiscard]] std::vector<int> order() const {
    std::vector<int> order(static_cast<std::size_t>(lanes_.rows));
    const auto height = static_cast<std::size_t>(limits_.band_rows);
    for (std::size_t band = 0; band < members_.size(); ++band) {
      std::vector<int> sorted = members_[band];
      std::sort(sorted.begin(), sorted.end());
      for (std::size_t i = 0; i < sorted.size(); ++i) {
        const std::size_t place =
            i / height * static_cast<std::size_t>(limits_.rows) + band * height + i % height;
        order[place] = sorted[i];
      }
    }
    return order;
  }

 private:
  const OutlierLanes& lanes_;
  UnitLimits limits_;
  int places_;
  std::vector<std::vector<int>> members_;
};

/// Outliers of each row.
std::vector<int> row_counts(const OutlierLanes& lanes) {
  std::vector<int> counts(static_cast<std::size_t>(lanes.rows), 0);
  for (int row = 0; row < lanes.rows; ++row) {
    for (int block = 0; block < lanes.blocks; ++block)
      counts[static_cast<std::size_t>(row)] += count(lanes.at(row, block));
  }
  return counts;
}

/// Rows with the most outliers first, each into the band with room where the fewest are left over; of equal
/// bands into the one with the fewest outliers so far.
void fill(Bands& bands, const std::vector<int>& counts) {
  std::vector<int> rows(counts.size());
  std::iota(rows.begin(), rows.end(), 0);
  std::stable_sort(rows.begin(), rows.end(), [&](int a, int b) {
    return counts[static_cast<std::size_t>(a)] > counts[static_cast<std::size_t>(b)];
  });
  std::vector<int> load(bands.size(), 0);
  std::vector<int> left(bands.size(), 0);
  for (const int row : rows) {
    std::size_t best = bands.size();
    int best_extra = 0;
    for (std::size_t band = 0; band < bands.size(); ++band) {
      if (!bands.has_room(band)) continue;
      const int extra =
          counts[static_cast<std::size_t>(row)] == 0 ? 0 : bands.left_over(band, row) - left[band];
      if (best < bands.size() && (extra > best_extra || (extra == best_extra && load[band] >= load[best])))
        continue;
      best = band;
      best_extra = extra;
    }
    bands.add(best, row);
    left[best] += best_extra;
    load[best] += counts[static_cast<std::size_t>(row)];
  }
}

/// Exchanges one row of a band with outliers left over for one of any other band, if fewer are left then.
/// @return whether that was possible.
bool exchange(Bands& bands, std::size_t from, std::vector<int>& left) {
  for (std::size_t i = 0; i < bands.members(from).size(); ++i) {
    for (std::size_t to = 0; to < bands.size(); ++to) {
      if (to == from) continue;
      for (std::size_t j = 0; j < bands.members(to).size(); ++j) {
        std::swap(bands.members(from)[i], bands.members(to)[j]);
        const int new_from = bands.left_over(from);
        if (new_from < left[from]) {
          const int new_to = bands.left_over(to);
          if (new_from + new_to < left[from] + left[to]) {
            left[from] = new_from;
            left[to] = new_to;
            return true;
          }
        }
        std::swap(bands.members(from)[i], bands.members(to)[j]);
      }
    }
  }
  return false;
}

void improve(Bands& bands) {
  std::vector<int> left(bands.size());
  for (std::size_t band = 0; band < bands.size(); ++band) left[band] = bands.left_over(band);
  for (int round = 0; round < kRounds; ++round) {
    bool changed = false;
    for (std::size_t band = 0; band < bands.size(); ++band) {
      while (left[band] > 0 && exchange(bands, band, left)) changed = true;
    }
    if (!changed) return;
  }
}

void require(const OutlierLanes& lanes, const UnitLimits& limits) {
  if (limits.band_rows < 1 || limits.units < 1 || limits.rows < 1 || limits.rows % limits.band_rows != 0 ||
      lanes.rows % limits.rows != 0)
    throw std::logic_error("outlier units: the rows of a band divide those of the array, these the tile's");
}

bool none(const OutlierLanes& lanes) {
  return std::all_of(lanes.lanes.begin(), lanes.lanes.end(), [](std::uint16_t l) { return l == 0; });
}

}  // namespace

OutlierLanes no_outliers(int rows, int blocks) {
  const auto count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(blocks);
  return {rows, blocks, std::vector<std::uint16_t>(count, 0)};
}

std::uint16_t outlier_lanes(const MicroBlock& block) {
  unsigned mask = 0;
  for (const OutlierPair& pair : block.pairs) mask |= 1U << pair.upper;
  return static_cast<std::uint16_t>(mask);
}

OutlierLanes outlier_lanes(const Tile& tile) {
  OutlierLanes lanes{tile.rows, tile.blocks_per_row(), {}};
  lanes.lanes.reserve(tile.blocks.size());
  for (const MicroBlock& block : tile.blocks) lanes.lanes.push_back(outlier_lanes(block));
  return lanes;
}

std::vector<bool> flagged_rows(const OutlierLanes& lanes) {
  std::vector<bool> flagged(static_cast<std::size_t>(lanes.rows), false);
  for (int row = 0; row < lanes.rows; ++row) {
    for (int block = 0; block < lanes.blocks; ++block) {
      if (lanes.at(row, block) != 0) flagged[static_cast<std::size_t>(row)] = true;
    }
  }
  return flagged;
}

std::vector<int> order_for_units(const OutlierLanes& lanes, const UnitLimits& limits) {
  require(lanes, limits);
  std::vector<int> order(static_cast<std::size_t>(lanes.rows));
  std::iota(order.begin(), order.end(), 0);
  if (limits.band_rows == 1) return order;  // such an array has no permuter
  Bands given(lanes, limits);
  int left = 0;
  for (int row = 0; row < lanes.rows; ++row)
    given.add(static_cast<std::size_t>(row % limits.rows / limits.band_rows), row);
  for (std::size_t band = 0; band < given.size(); ++band) left += given.left_over(band);
  if (left == 0) return order;
  Bands bands(lanes, limits);
  fill(bands, row_counts(lanes));
  improve(bands);
  return bands.order();
}

OutlierLanes placed_outliers(const OutlierLanes& lanes, std::span<const int> order,
                             const UnitLimits& limits) {
  require(lanes, limits);
  OutlierLanes placed = no_outliers(lanes.rows, lanes.blocks);
  const int places = lanes.rows / limits.rows;
  for (int block = 0; block < lanes.blocks; ++block) {
    unsigned taken = 0;
    for (int i = 0; i < lanes.rows; ++i) {
      const int physical = i / places;
      if (i % (places * limits.band_rows) == 0) taken = 0;
      const int row = order[static_cast<std::size_t>(i % places * limits.rows + physical)];
      const unsigned wanted = lanes.at(row, block);
      unsigned got = 0;
      for (unsigned lane = 0; lane < 16; ++lane) {
        const unsigned bit = 1U << lane;
        if ((wanted & bit) == 0 || (taken & bit) != 0 || count(taken) >= limits.units) continue;
        taken |= bit;
        got |= bit;
      }
      placed.at(row, block) = static_cast<std::uint16_t>(got);
    }
  }
  return placed;
}

OutlierLanes without(OutlierLanes lanes, const OutlierLanes& placed) {
  for (std::size_t i = 0; i < lanes.lanes.size(); ++i)
    lanes.lanes[i] = static_cast<std::uint16_t>(lanes.lanes[i] & ~placed.lanes[i]);
  return lanes;
}

OutlierLanes of_rows(OutlierLanes lanes, const std::vector<bool>& rows) {
  for (int row = 0; row < lanes.rows; ++row) {
    for (int block = 0; block < lanes.blocks && !rows[static_cast<std::size_t>(row)]; ++block)
      lanes.at(row, block) = 0;
  }
  return lanes;
}

Tile part_of(const Tile& tile, const OutlierLanes& kept, const std::vector<bool>& inliers, int excess) {
  Tile part = tile;
  for (int row = 0; row < tile.rows; ++row) {
    if (!inliers[static_cast<std::size_t>(row)])
      std::fill_n(part.codes.begin() + static_cast<std::ptrdiff_t>(tile.code_index(row, 0)), tile.columns, 0);
    for (int index = 0; index < tile.blocks_per_row(); ++index) {
      const MicroBlock& block = tile.block(row, index);
      MicroBlock& own = part.blocks[tile.block_index(row, index)];
      own = {};
      for (const OutlierPair& pair : block.pairs) {
        const bool keep = (kept.at(row, index) >> pair.upper & 1U) != 0;
        if (keep) {
          own.pairs.push_back(pair);
          own.shift = static_cast<std::uint8_t>(block.shift - excess);
        }
        for (const int half : {pair.upper, pair.lower}) {
          const std::size_t code = tile.code_index(row, index * tile.format.micro_block + half);
          part.codes[code] = keep ? tile.codes[code] : std::uint8_t{0};
        }
      }
    }
  }
  return part;
}

std::vector<MappedLanes> map_to_units(OutlierLanes lanes, const UnitLimits& limits) {
  std::vector<MappedLanes> parts;
  do {
    std::vector<int> order = order_for_units(lanes, limits);
    OutlierLanes placed = placed_outliers(lanes, order, limits);
    lanes = without(std::move(lanes), placed);
    parts.push_back({std::move(order), std::move(placed)});
  } while (!none(lanes));
  return parts;
}

std::vector<MappedTile> map_to_units(const Tile& tile, const UnitLimits& limits) {
  std::vector<MappedTile> parts;
  for (MappedLanes& mapped : map_to_units(outlier_lanes(tile), limits)) {
    const std::vector<bool> inliers(static_cast<std::size_t>(tile.rows), parts.empty());
    parts.push_back({part_of(tile, mapped.outliers, inliers), std::move(mapped.order)});
  }
  return parts;
}

}  // namespace msq::golden
