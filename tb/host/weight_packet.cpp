#include "tb/host/weight_packet.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "golden/exec/permutation.hpp"
#include "tb/host/bits.hpp"
#include "tb/host/metadata.hpp"
#include "tb/host/stream_format.hpp"

namespace msq::tb {
namespace {

using golden::QuantizedTensor;
using golden::Tile;

/// {negative, f} of the factor of the scale at (k, n).
int factor_code(const QuantizedTensor& tensor, std::int64_t k, std::int64_t n) {
  const int factor = tensor.factor(k, n);
  const int f = std::abs(factor) - (1 << tensor.format.scale_mantissa_bits);
  return f | (factor < 0 ? 8 : 0);
}

std::uint32_t header_of(const JobTile& tile, int bits, const TileParts& parts) {
  return header::kMarker.put(kMarkerValue) | header::kMode4.put(bits == 4) |
         header::kScales.put(parts.scales) | header::kOrder.put(parts.order) |
         header::kShifts.put(parts.shifts) | header::kMore.put(tile.plan.more) |
         header::kPairs.put(tile.pairs) |
         header::kInterval.put(static_cast<std::uint32_t>(tile.plan.part.initiation_interval)) |
         header::kGap.put(static_cast<std::uint32_t>(tile.plan.launch_gap));
}

template <class Values>
void put_part(PacketWriter& out, const TilePartFormat& format, const Values& values) {
  for (const std::uint32_t value : values) out.put(format.bits, value);
  out.align();
}

/// Codes of PE row `row`: for each column those of its places.
void put_codes(PacketWriter& out, const Dimensions& d, const Tile& tile, int row) {
  for (int column = 0; column < tile.columns; ++column) {
    for (int place = row; place < tile.rows; place += d.rows)
      out.put(tile.format.bits, tile.code(place, column));
  }
  out.align();
}

/// Writes {list, r} of micro-blocks, so many at a time.
class EntryWriter {
 public:
  EntryWriter(const Dimensions& d, const WeightStream& stream, const Tile& tile) : d_(d), stream_(stream) {
    for (int row = 0; row < d.rows; ++row) {
      for (const BlockMetadata& block : row_metadata(d, tile, row)) entries_.push_back(block);
    }
  }

  void put_load(PacketWriter& out) {
    for (int i = 0; i < stream_.entries_per_load() && next_ < entries_.size(); ++i)
      put(out, entries_[next_++]);
    out.align();
  }

 private:
  void put(PacketWriter& out, const BlockMetadata& entry) const {
    out.put(d_.entry_shift_bits, entry.shift);
    const int list_bits = d_.outliers->list_bits;
    out.put(std::min(list_bits, 32), static_cast<std::uint32_t>(entry.list));
    if (list_bits > 32) out.put(list_bits - 32, static_cast<std::uint32_t>(entry.list >> 32));
    for (int left = stream_.entry_bits() - d_.entry_shift_bits - list_bits; left > 0; left -= 32)
      out.put(std::min(left, 32), 0);
  }

  const Dimensions& d_;
  const WeightStream& stream_;
  std::vector<BlockMetadata> entries_;
  std::size_t next_ = 0;
};

}  // namespace

WeightPacker::WeightPacker(const Dimensions& d, const golden::ArraySizes& array,
                           std::span<const QuantizedTensor> parts,
                           std::vector<golden::WeightAlignment> alignments)
    : d_(d), array_(array), parts_(parts), alignments_(std::move(alignments)), stream_(d) {}

StreamTile WeightPacker::add(PacketWriter& out, const JobTile& tile) {
  Values scales = this->scales(tile);
  Values factors = this->factors(tile);
  const Values shifts = this->shifts(tile);
  const TileParts parts{.references = tile.first_k(),
                        .scales = tile.first_k() || scales != scales_ || factors != factors_,
                        .order = is_ordered(tile.plan),
                        .shifts = std::any_of(shifts.begin(), shifts.end(), [](auto s) { return s != 0; })};
  out.put(32, header_of(tile, parts_[tile.part].format.bits, parts));
  out.align();
  if (parts.references) put_part(out, part::kReferences, references(tile));
  if (parts.scales) put_part(out, part::kScales, scales);
  if (parts.scales) put_part(out, part::kFactors, factors);
  if (parts.order) put_part(out, part::kOrder, golden::permuter_settings(places_of(tile)));
  if (parts.shifts) put_part(out, part::kShifts, shifts);
  put_rows(out, tile);
  scales_ = std::move(scales);
  factors_ = std::move(factors);
  return stream_tile(stream_, tile.plan, tile.place, parts);
}

/// A value for every column of the tile; 0 beyond N.
template <class Value>
WeightPacker::Values WeightPacker::section(const JobTile& tile, const Value& value) const {
  Values values(static_cast<std::size_t>(tile.place.columns), 0);
  const std::int64_t columns =
      std::min<std::int64_t>(tile.place.columns, parts_[tile.part].n - tile.place.n0);
  for (std::int64_t c = 0; c < columns; ++c)
    values[static_cast<std::size_t>(c)] = low_bits(value(tile.place.n0 + c), 8);
  return values;
}

WeightPacker::Values WeightPacker::references(const JobTile& tile) const {
  const std::vector<int>& reference = alignments_[tile.part].reference();
  return section(tile, [&](std::int64_t n) { return reference[static_cast<std::size_t>(n)]; });
}

WeightPacker::Values WeightPacker::scales(const JobTile& tile) const {
  const QuantizedTensor& tensor = parts_[tile.part];
  const golden::WeightAlignment& alignment = alignments_[tile.part];
  return section(tile, [&](std::int64_t n) -> int {
    const int reference = alignment.reference()[static_cast<std::size_t>(n)];
    if (tensor.axis == golden::Axis::reduction) {
      return std::clamp(tensor.scale(tile.place.rows.k0, n) - reference, kLeastRelativeScale,
                        kMostRelativeScale);
    }
    const auto exponent = alignment.exponent(tile.place.range, n);
    if (exponent) return std::max(*exponent - reference, kLeastRelativeScale);
    // A column of zeros takes any scale: that of the tile before, which saves a section.
    return tile.first_k() ? 0 : static_cast<int>(scales_[static_cast<std::size_t>(n - tile.place.n0)]);
  });
}

WeightPacker::Values WeightPacker::factors(const JobTile& tile) const {
  if (d_.factor_bits == 0) return {};
  const QuantizedTensor& tensor = parts_[tile.part];
  return section(tile, [&](std::int64_t n) { return factor_code(tensor, tile.place.rows.k0, n); });
}

WeightPacker::Values WeightPacker::shifts(const JobTile& tile) const {
  std::vector<int> own = alignments_[tile.part].row_shifts(tile.place.range, tile.place.n0);
  own.resize(static_cast<std::size_t>(d_.ways()), 0);
  Values physical;
  for (const int row : places_of(tile))
    physical.push_back(static_cast<std::uint32_t>(own[static_cast<std::size_t>(row)]));
  return physical;
}

/// The order of a tile's places; those that its mode does not have stay.
std::vector<int> WeightPacker::places_of(const JobTile& tile) const {
  std::vector<int> order = tile.plan.part.order;
  while (std::cmp_less(order.size(), d_.ways())) order.push_back(static_cast<int>(order.size()));
  return order;
}

void WeightPacker::put_rows(PacketWriter& out, const JobTile& tile) const {
  const Tile own = golden::tile_at(array_, parts_[tile.part], tile.place);
  const Tile weights = golden::permute_rows(golden::weights_of(own, tile.plan), tile.plan.part.order);
  EntryWriter entries(d_, stream_, weights);
  const std::vector<RowBeats> rows = stream_.rows(entries_of(tile.plan, d_.rows));
  for (int row = 0; row < d_.rows; ++row) {
    const RowBeats& beats = rows[static_cast<std::size_t>(row)];
    if (beats.identifiers) put_identifiers(out, weights, row);
    for (int load = 0; load < beats.entry_loads; ++load) entries.put_load(out);
    put_codes(out, d_, weights, row);
  }
}

void WeightPacker::put_identifiers(PacketWriter& out, const Tile& tile, int first_row) const {
  const int end = std::min(first_row + stream_.identifier_rows(), d_.rows);
  for (int row = first_row; row < end; ++row) {
    std::vector<std::uint32_t> identifiers(static_cast<std::size_t>(d_.outliers->fields), 0);
    for (const BlockMetadata& block : row_metadata(d_, tile, row))
      identifiers[static_cast<std::size_t>(block.field)] = 1;
    for (const std::uint32_t identifier : identifiers) out.put(1, identifier);
  }
  out.align();
}

}  // namespace msq::tb
