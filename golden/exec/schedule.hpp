#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace msq::golden {

// The static time-division schedule of the ReCoN units.
//
// An array has R physical rows and U units; unit u serves the band of rows u*R/U .. (u+1)*R/U-1. A token
// launched in cycle e uses the unit of a flagged row r in cycle e + r + constant. The tokens of a tile are
// launched on multiples of its initiation interval (II) after the first one, at most one token per slot; when
// data are late, slots stay empty. Between the last token of a tile and the first one of the next are at
// least `launch_gap` cycles, and any number more. So two uses of one unit never fall into one cycle, however
// the inputs stall, exactly if
//   - the flagged rows of a band are distinct modulo II (spacings are the multiples of II; a tile of one
//   token has
//     none), and
//   - no r_prev - r_next of one band is as large as the gap (a gap may be any larger number; tokens further
//   apart are
//     covered too, so neither II nor the number of tokens matters here).

/// Order and timing of a tile, as sent to the hardware.
struct TileSchedule {
  std::vector<int> row_order;  ///< physical row r holds row row_order[r] of the tile
  int initiation_interval = 1;
  int launch_gap =
      1;  ///< cycles from the last launch of the previous tile to the first one of this, at least
  friend bool operator==(const TileSchedule&, const TileSchedule&) = default;
};

/// A tile as the schedule sees it.
struct TileRun {
  std::vector<bool> flagged;  ///< [R] rows that hold outliers
  int tokens = 1;
};

/// Order that spreads the flagged rows over the bands (counts differ by at most one, more in the first bands)
/// and puts them first in each band. Flagged and unflagged rows each stay in ascending order. `units` divides
/// the rows.
[[nodiscard]] std::vector<int> order_rows(const std::vector<bool>& flagged, int units);

/// `flagged` after the permutation: element r is flagged[order[r]].
[[nodiscard]] std::vector<bool> permute_flags(const std::vector<bool>& flagged, std::span<const int> order);

/// Smallest II >= 1 for which the flagged physical rows of every band are distinct modulo II; 1 for a single
/// token.
[[nodiscard]] int initiation_interval(const std::vector<bool>& flagged_physical, int units, int tokens);

/// Smallest gap between two tiles that follow each other directly: every gap at least this large is free of
/// collisions, and at least recon_latency + 1 if a row is plain in `previous` and flagged in `next` (the
/// activation of a flagged row is fed recon_latency cycles earlier). Both are flags of physical rows.
[[nodiscard]] int launch_gap(const std::vector<bool>& previous, const std::vector<bool>& next, int units,
                             int recon_latency);

/// Cycles from the first to the last launch of a tile if no input stalls.
[[nodiscard]] constexpr std::int64_t launch_cycles(std::int64_t tokens, int initiation_interval) {
  return (tokens - 1) * initiation_interval;
}

/// Gap before every tile of a sequence with physical-row flags and given IIs; 1 before the first. Pairs of
/// neighbours are not enough: between two tiles whose rows are flagged may be a short one that uses no unit,
/// so each gap is the smallest that keeps a tile clear of all tiles before it.
[[nodiscard]] std::vector<int> launch_gaps(std::span<const TileRun> physical, std::span<const int> intervals,
                                           int units, int recon_latency);

/// Row order, II and gap of every tile of a sequence; flags are those of the tiles' own rows.
[[nodiscard]] std::vector<TileSchedule> schedule_tiles(std::span<const TileRun> tiles, int units,
                                                       int recon_latency);

}  // namespace msq::golden
