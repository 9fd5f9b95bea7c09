#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "golden/exec/plan.hpp"

namespace msq::tb {

/// Parts that come between the header of a tile and its rows.
struct TileParts {
  bool references = false;
  bool scales = false;  ///< and factors, with encoding full_range
  bool order = false;
  bool shifts = false;
};

/// Beats of a row of a tile: identifiers, entries, codes.
struct RowBeats {
  bool identifiers = false;  ///< a beat of identifiers comes first
  int entry_loads = 0;       ///< then so many times entries_per_load entries
};

/// Sizes of the weight stream of an array (docs/accelerator.md, "Streams").
class WeightStream {
 public:
  explicit WeightStream(const Dimensions& d);

  [[nodiscard]] int beat_bits() const { return beat_bits_; }
  [[nodiscard]] int array_rows() const { return rows_; }
  [[nodiscard]] int entry_bits() const { return entry_bits_; }  ///< with padding, a power of two
  /// Entries that come together: those of a beat, or one of several beats.
  [[nodiscard]] int entries_per_load() const { return std::max(1, beat_bits_ / entry_bits_); }
  /// Rows whose identifiers share a beat.
  [[nodiscard]] int identifier_rows() const { return identifier_rows_; }

  /// Beats before the rows of a tile of `columns` columns.
  [[nodiscard]] int header_beats(int columns, const TileParts& parts) const;
  /// @param entries of each physical row: micro-blocks with outliers.
  [[nodiscard]] std::vector<RowBeats> rows(std::span<const int> entries) const;
  /// Beats of a row, with the one of its codes.
  [[nodiscard]] int beats(const RowBeats& row) const {
    return (row.identifiers ? 1 : 0) + row.entry_loads * std::max(1, entry_bits_ / beat_bits_) + 1;
  }

 private:
  [[nodiscard]] int beats_of(int bits) const { return (bits + beat_bits_ - 1) / beat_bits_; }

  int rows_;
  int ways_;
  int beat_bits_;
  bool outliers_;
  bool factors_;
  int order_bits_;
  int entry_bits_ = 1;
  int identifier_rows_ = 1;
};

/// A tile of the weight stream, as the accelerator's timing depends on it.
struct StreamTile {
  int header_beats = 1;                 ///< before its rows: header, references, scales, order, row shifts
  std::vector<std::uint8_t> row_beats;  ///< [rows] beats up to and with the codes of each physical row
  std::vector<bool> flagged;            ///< [rows] physical rows that use a ReCoN unit
  int initiation_interval = 1;
  int launch_gap = 1;
  int columns = 8;    ///< logical columns of the tile's mode
  int words = 1;      ///< activation words that a token of it takes: 1, or 2
  bool edge = false;  ///< an order or row shifts come with it
  bool more = false;  ///< the next tile has the same rows

  [[nodiscard]] int load_beats() const {
    return std::accumulate(row_beats.begin(), row_beats.end(), header_beats);
  }
  [[nodiscard]] int flagged_rows() const {
    return static_cast<int>(std::count(flagged.begin(), flagged.end(), true));
  }
};

/// Entries of each of the array's physical rows in a planned tile.
[[nodiscard]] std::vector<int> entries_of(const golden::PlannedTile& planned, int rows);

/// Whether the rows of a planned tile change places, so that an order comes with it.
[[nodiscard]] bool is_ordered(const golden::PlannedTile& planned);

/// @param place of the tile.
[[nodiscard]] StreamTile stream_tile(const WeightStream& stream, const golden::PlannedTile& planned,
                                     const golden::TilePlace& place, const TileParts& parts);

}  // namespace msq::tb
