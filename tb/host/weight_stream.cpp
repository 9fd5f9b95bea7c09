#include "tb/host/weight_stream.hpp"

#include <bit>

#include "tb/host/stream_format.hpp"

namespace msq::tb {

WeightStream::WeightStream(const Dimensions& d)
    : rows_(d.rows),
      ways_(d.ways()),
      beat_bits_(d.weight_beat),
      outliers_(d.outliers.has_value()),
      factors_(d.factor_bits > 0),
      order_bits_(d.order_bits) {
  if (!outliers_) return;
  entry_bits_ =
      static_cast<int>(std::bit_ceil(static_cast<unsigned>(d.entry_shift_bits + d.outliers->list_bits)));
  identifier_rows_ = d.weight_beat / d.outliers->fields;
}

int WeightStream::header_beats(int columns, const TileParts& parts) const {
  int beats = 1;
  if (parts.references) beats += beats_of(part::kReferences.bits * columns);
  if (parts.scales) beats += beats_of(part::kScales.bits * columns);
  if (parts.scales && factors_) beats += beats_of(part::kFactors.bits * columns);
  if (parts.order) beats += beats_of(part::kOrder.bits * order_bits_);
  if (parts.shifts) beats += beats_of(part::kShifts.bits * ways_);
  return beats;
}

std::vector<RowBeats> WeightStream::rows(std::span<const int> entries) const {
  std::vector<RowBeats> rows(entries.size());
  if (!outliers_) return rows;
  int left = 0;  // entries of the last load
  for (std::size_t row = 0; row < rows.size(); ++row) {
    rows[row].identifiers = row % static_cast<std::size_t>(identifier_rows_) == 0;
    for (; left < entries[row]; left += entries_per_load()) ++rows[row].entry_loads;
    left -= entries[row];
  }
  return rows;
}

std::vector<int> entries_of(const golden::PlannedTile& planned, int rows) {
  const golden::OutlierLanes& lanes = planned.part.outliers;
  std::vector<int> entries(static_cast<std::size_t>(rows), 0);
  for (std::size_t place = 0; place < planned.part.order.size(); ++place) {
    const int row = planned.part.order[place];
    int& count = entries[place % entries.size()];
    for (int block = 0; block < lanes.blocks; ++block) count += lanes.at(row, block) != 0 ? 1 : 0;
  }
  return entries;
}

bool is_ordered(const golden::PlannedTile& planned) {
  return !std::is_sorted(planned.part.order.begin(), planned.part.order.end());
}

StreamTile stream_tile(const WeightStream& stream, const golden::PlannedTile& planned,
                       const golden::TilePlace& place, const TileParts& parts) {
  StreamTile tile;
  tile.header_beats = stream.header_beats(place.columns, parts);
  for (const RowBeats& row : stream.rows(entries_of(planned, stream.array_rows())))
    tile.row_beats.push_back(static_cast<std::uint8_t>(stream.beats(row)));
  tile.flagged = planned.part.flagged;
  tile.initiation_interval = planned.part.initiation_interval;
  tile.launch_gap = planned.launch_gap;
  tile.columns = place.columns;
  tile.words = place.rows.rows > stream.array_rows() ? 2 : 1;
  tile.edge = parts.order || parts.shifts;
  tile.more = planned.more;
  return tile;
}

}  // namespace msq::tb
