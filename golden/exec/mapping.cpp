#include "golden/exec/mapping.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <stdexcept>

namespace msq::golden {
namespace {

int count(unsigned lanes) { return std::popcount(lanes); }

constexpr int kWordBlocks = 4;  // micro-blocks of 16 lanes in a word

/// Sum over the four micro-blocks of a word of min(lanes that are set, most).
int set_at_most(std::uint64_t lanes, int most) {
  // Ones are counted in all micro-blocks at once: in pairs of bits, then in groups of 4, 8 and 16.
  lanes -= lanes >> 1 & 0x5555555555555555;
  lanes = (lanes & 0x3333333333333333) + (lanes >> 2 & 0x3333333333333333);
  lanes = (lanes + (lanes >> 4)) & 0x0f0f0f0f0f0f0f0f;
  lanes += lanes >> 8;
  int sum = 0;
  for (int block = 0; block < kWordBlocks; ++block)
    sum += std::min(static_cast<int>(lanes >> (16 * block) & 31), most);
  return sum;
}

/// So few outliers left over are worth a search over pairs of switches.
constexpr int kFewLeft = 2;

/// Rows in bands, put there by switches, and how many outliers find no unit.
///
/// Only rows at the same place of their bands change places, through one stage of switches for each bit of a
/// band's number, the lowest first; a switch of stage s joins bands that differ in bit s.
class Bands {
 public:
  Bands(const OutlierLanes& lanes, const UnitLimits& limits)
      : lanes_(lanes),
        limits_(limits),
        bands_(limits.rows / limits.band_rows),
        seats_(limits.band_rows * (lanes.rows / limits.rows)),
        stages_(std::countr_zero(static_cast<unsigned>(bands_))),
        turned_(size_of(stages_ * seats_ * bands_), 0),
        rows_(size_of(seats_ * bands_)),
        words_((lanes.blocks + kWordBlocks - 1) / kWordBlocks),
        masks_(size_of(lanes.rows * words_)),
        outliers_(size_of(lanes.rows)),
        left_(size_of(bands_)) {
    for (int row = 0; row < lanes.rows; ++row) {
      for (int block = 0; block < lanes.blocks; ++block) {
        masks_[size_of(row * words_ + block / kWordBlocks)] |= std::uint64_t{lanes.at(row, block)}
                                                               << (block % kWordBlocks * 16);
        outliers_[size_of(row)] += count(lanes.at(row, block));
      }
    }
    for (int seat = 0; seat < seats_; ++seat) put(seat);
    for (int band = 0; band < bands_; ++band) count_left(band);
  }

  [[nodiscard]] int left() const { return total_left_; }

  /// Turns single switches, then pairs of them, as long as fewer outliers are left over.
  void improve() {
    bool better = true;
    while (left() > 0 && better) better = turn_each();
    better = true;
    while (left() > 0 && left() <= kFewLeft && better) better = turn_pair();
  }

  [[nodiscard]] std::vector<int> order() const {
    std::vector<int> order(static_cast<std::size_t>(lanes_.rows));
    for (int band = 0; band < bands_; ++band) {
      for (int seat = 0; seat < seats_; ++seat)
        order[static_cast<std::size_t>(place(band, seat))] = rows_[at(seat, band)];
    }
    return order;
  }

 private:
  struct Switch {
    int stage, seat, band;  ///< the lower of its bands
  };

  static std::size_t size_of(int count) { return static_cast<std::size_t>(count); }
  [[nodiscard]] std::size_t at(int seat, int band) const { return size_of(seat * bands_ + band); }
  [[nodiscard]] int place(int band, int seat) const {
    return seat / limits_.band_rows * limits_.rows + band * limits_.band_rows + seat % limits_.band_rows;
  }
  [[nodiscard]] std::uint8_t& turned(const Switch& s) {
    return turned_[size_of((s.stage * seats_ + s.seat) * bands_ + s.band)];
  }

  /// Rows of a seat, through its switches.
  void put(int seat) {
    for (int band = 0; band < bands_; ++band) rows_[at(seat, band)] = place(band, seat);
    for (int stage = 0; stage < stages_; ++stage) {
      for (int band = 0; band < bands_; ++band) {
        if ((band >> stage & 1) == 0 && turned({stage, seat, band}) != 0)
          std::swap(rows_[at(seat, band)], rows_[at(seat, band | 1 << stage)]);
      }
    }
  }

  /// Outliers of the band without a unit.
  void count_left(int band) {
    int left = 0;
    for (int seat = 0; seat < seats_; ++seat) left += outliers_[size_of(rows_[at(seat, band)])];
    for (int word = 0; word < words_; ++word) {
      std::uint64_t lanes = 0;
      for (int seat = 0; seat < seats_; ++seat)
        lanes |= masks_[size_of(rows_[at(seat, band)] * words_ + word)];
      left -= set_at_most(lanes, limits_.units);
    }
    total_left_ += left - left_[size_of(band)];
    left_[size_of(band)] = left;
  }

  /// What the turn of a switch changes.
  struct Before {
    std::vector<int> rows;  ///< of its seat
    std::vector<int> left;
    int total_left = 0;
  };

  void turn(const Switch& s, Before& before) {
    const auto rows = rows_.begin() + static_cast<std::ptrdiff_t>(at(s.seat, 0));
    before.rows.assign(rows, rows + bands_);
    before.left = left_;
    before.total_left = total_left_;
    turned(s) ^= 1;
    put(s.seat);
    for (int band = 0; band < bands_; ++band) {
      if (rows_[at(s.seat, band)] != before.rows[size_of(band)]) count_left(band);
    }
  }

  void turn_back(const Switch& s, const Before& before) {
    turned(s) ^= 1;
    std::ranges::copy(before.rows, rows_.begin() + static_cast<std::ptrdiff_t>(at(s.seat, 0)));
    left_ = before.left;
    total_left_ = before.total_left;
  }

  /// All switches whose turning matters, those of the last stage first.
  [[nodiscard]] std::vector<Switch> switches() const {
    std::vector<Switch> all;
    for (int stage = stages_ - 1; stage >= 0; --stage) {
      for (int seat = 0; seat < seats_; ++seat) {
        if (empty(seat)) continue;
        for (int band = 0; band < bands_; ++band) {
          if ((band >> stage & 1) == 0) all.push_back({stage, seat, band});
        }
      }
    }
    return all;
  }
  [[nodiscard]] bool empty(int seat) const {
    for (int band = 0; band < bands_; ++band) {
      for (int block = 0; block < lanes_.blocks; ++block) {
        if (lanes_.at(place(band, seat), block) != 0) return false;
      }
    }
    return true;
  }

  /// Whether outliers are left over in a band whose rows this switch can change: those that differ from its
  /// band in bits of its stage or a later one.
  [[nodiscard]] bool may_help(const Switch& s) const {
    const int step = 1 << s.stage;
    for (int band = s.band % step; band < bands_; band += step) {
      if (left_[size_of(band)] > 0) return true;
    }
    return false;
  }

  /// @return whether a switch was turned.
  bool turn_each() {
    bool better = false;
    for (const Switch& s : switches()) {
      if (!may_help(s)) continue;
      turn(s, first_);
      if (left() < first_.total_left) {
        better = true;
      } else {
        turn_back(s, first_);
      }
    }
    return better;
  }

  /// Turns the first pair that helps; of pairs whose first switch leaves over at most one more.
  bool turn_pair() {
    const std::vector<Switch> all = switches();
    const int before = left();
    for (const Switch& first : all) {
      turn(first, first_);
      if (left() <= before + 1) {
        for (const Switch& second : all) {
          if (left() >= before && !may_help(second)) continue;
          turn(second, second_);
          if (left() < before) return true;
          turn_back(second, second_);
        }
      }
      turn_back(first, first_);
    }
    return false;
  }

  const OutlierLanes& lanes_;
  UnitLimits limits_;
  int bands_;
  int seats_;  ///< places of a band
  int stages_;
  std::vector<std::uint8_t> turned_;  ///< [stages][seats][bands]
  std::vector<int> rows_;             ///< [seats][bands]
  int words_;                         ///< that hold the micro-blocks of a row
  std::vector<std::uint64_t> masks_;  ///< [rows][words] lanes of outliers
  std::vector<int> outliers_;         ///< of each row
  std::vector<int> left_;             ///< [bands]
  int total_left_ = 0;
  Before first_, second_;
};

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
  if (limits.band_rows == 1) {  // such an array has no permuter
    std::vector<int> order(static_cast<std::size_t>(lanes.rows));
    std::iota(order.begin(), order.end(), 0);
    return order;
  }
  Bands bands(lanes, limits);
  bands.improve();
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
      const int place = i % places * limits.rows + physical;
      const int row = order[static_cast<std::size_t>(place)];
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
