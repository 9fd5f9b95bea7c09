#include "tb/host/weight_packet.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
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

std::uint32_t description_of(const StreamTile& tile, bool schedule) {
  const std::uint32_t flags = description::kScales.put(tile.parts.scales) |
                              description::kOrder.put(tile.parts.order) |
                              description::kShifts.put(tile.parts.shifts) | description::kMore.put(tile.more);
  if (!schedule) return flags;
  return flags | description::kInterval.put(static_cast<std::uint32_t>(tile.initiation_interval)) |
         description::kGap.put(static_cast<std::uint32_t>(tile.launch_gap));
}

/// Codes of the PE rows of a beat: of each row for each column those of its places.
void put_codes(PacketWriter& out, const Dimensions& d, const Tile& tile, int step) {
  for (int row = step * d.load_rows; row < (step + 1) * d.load_rows; ++row) {
    for (int column = 0; column < tile.columns; ++column) {
      for (int place = row; place < tile.rows; place += d.rows)
        out.put(tile.format.bits, tile.code(place, column));
    }
  }
  out.align();
}

golden::Permuter permuter_of(const Dimensions& d) {
  return {.ways = d.ways(), .first = d.permuter_first, .bits = d.permuter_bits, .benes = d.benes};
}

/// {r, Upper_loc, Lower_loc} of every outlier of a tile, in the order of rows and fields.
void append_outliers(std::vector<std::uint32_t>& all, const Dimensions& d, const Tile& tile) {
  const int pair_bits = 2 * d.outliers->locations;
  const std::uint32_t mask = (1U << pair_bits) - 1;
  for (int row = 0; row < d.rows; ++row) {
    for (const BlockMetadata& block : row_metadata(d, tile, row)) {
      for (int e = 0; e < block.pairs; ++e) {
        const auto pair = static_cast<std::uint32_t>(block.list >> (e * pair_bits)) & mask;
        all.push_back(block.shift << pair_bits | pair);
      }
    }
  }
}

void put_entries(PacketWriter& out, const WeightStream& stream, std::span<const EntrySkip> entries,
                 std::span<const std::uint32_t> outliers) {
  std::size_t next = 0;
  for (const EntrySkip& entry : entries) {
    out.put(entry::kBits - stream.skip_bits(), entry.outlier ? outliers[next++] : 0);
    out.put(stream.skip_bits(), static_cast<std::uint32_t>(entry.skip));
  }
  if (next != outliers.size()) throw std::logic_error("weight packet: outliers of plan and tiles differ");
}

}  // namespace

WeightPacker::WeightPacker(const Dimensions& d, const golden::ArraySizes& array,
                           std::span<const QuantizedTensor> parts,
                           std::vector<golden::WeightAlignment> alignments, std::uint32_t hash)
    : d_(d), array_(array), parts_(parts), alignments_(std::move(alignments)), hash_(hash), stream_(d) {}

Packet WeightPacker::pass(std::span<const JobTile> pass, std::vector<StreamTile>& tiles) const {
  std::vector<Sections> sections;
  const std::size_t base = tiles.size();
  for (const JobTile& tile : pass) {
    const Sections before = sections.empty() ? Sections{} : sections.back();
    sections.push_back({scales(tile, before.scales), factors(tile), shifts(tile)});
    const Sections& own = sections.back();
    const TileParts parts{
        .references = tile.first_k(),
        .scales = has_scales(tile, own, before),
        .order = is_ordered(tile.plan),
        .shifts = std::any_of(own.shifts.begin(), own.shifts.end(), [](auto s) { return s != 0; })};
    tiles.push_back(
        stream_tile(stream_, tile.plan, tile.place, parts_[tile.part].format.bits, tile.pairs, parts));
  }
  const std::span<const StreamTile> own = std::span(tiles).subspan(base);
  PacketWriter out(d_.weight_beat);
  const std::vector<StreamBlock> blocks = stream_.blocks(own);
  for (const StreamBlock& block : blocks) {
    const auto of_block = own.subspan(block.first, block.tiles);
    put_header(out, block, of_block[0], &block == &blocks.back());
    for (std::size_t i = 0; i < block.tiles; ++i) {
      if (block.described && i % stream_.described_tiles() == 0) {
        for (const StreamTile& tile :
             of_block.subspan(i, std::min(stream_.described_tiles(), block.tiles - i)))
          out.put(stream_.description_bits(), description_of(tile, d_.recon.has_value()));
        out.align(d_.section_word);
      }
      put_tile(out, pass[block.first + i], of_block[i], sections[block.first + i]);
    }
    out.align();
    std::vector<std::uint32_t> outliers;
    std::vector<Tile> weights;
    for (const JobTile& tile : pass.subspan(block.first, block.tiles)) {
      weights.push_back(weights_of(tile));
      if (d_.outliers) append_outliers(outliers, d_, weights.back());
    }
    if (block.entry_beats > 0) put_entries(out, stream_, stream_.entries(of_block), outliers);
    for (const Tile& tile : weights) {
      for (int step = 0; step < d_.load_steps; ++step) put_codes(out, d_, tile, step);
    }
  }
  return out.take();
}

void WeightPacker::put_header(PacketWriter& out, const StreamBlock& block, const StreamTile& first,
                              bool last) const {
  out.put(32, header::put_hash(hash_) | header::kTiles.put(static_cast<std::uint32_t>(block.tiles)) |
                  header::kMode4.put(first.mode4) | header::kPairs.put(first.pairs) |
                  header::kDescribed.put(block.described) | header::kLast.put(last) |
                  header::kPeriod.put(static_cast<std::uint32_t>(block.period)) |
                  header::kScales.put(block.scales));
  out.put(32, counts::kSections.put(static_cast<std::uint32_t>(block.section_beats)) |
                  counts::kEntries.put(static_cast<std::uint32_t>(block.entry_beats)));
  out.align(d_.section_word);
}

template <class Values_>
void WeightPacker::put_part(PacketWriter& out, const TilePartFormat& format, const Values_& values) const {
  for (const std::uint32_t value : values) out.put(format.bits, value);
  out.align(d_.section_word);
}

void WeightPacker::put_tile(PacketWriter& out, const JobTile& tile, const StreamTile& stream,
                            const Sections& sections) const {
  if (stream.parts.references) put_part(out, part::kReferences, references(tile));
  if (stream.parts.scales) put_part(out, part::kScales, sections.scales);
  if (stream.parts.scales) put_part(out, part::kFactors, sections.factors);
  if (stream.parts.order)
    put_part(out, part::kOrder, golden::permuter_settings(places_of(tile), permuter_of(d_)));
  if (stream.parts.shifts) put_part(out, part::kShifts, sections.shifts);
}

/// Scales come with every macro-block; on axis output, where they are those of rows, where they change.
bool WeightPacker::has_scales(const JobTile& tile, const Sections& own, const Sections& before) const {
  if (tile.first_k()) return true;
  const QuantizedTensor& tensor = parts_[tile.part];
  if (tensor.axis == golden::Axis::reduction)
    return tile.plan.first && tile.place.rows.k0 % tensor.format.macro_block == 0;
  return own.scales != before.scales || own.factors != before.factors;
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

WeightPacker::Values WeightPacker::scales(const JobTile& tile, const Values& before) const {
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
    return tile.first_k() ? 0 : static_cast<int>(before[static_cast<std::size_t>(n - tile.place.n0)]);
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

/// Weights of a tile as the rows of the array have them.
Tile WeightPacker::weights_of(const JobTile& tile) const {
  const Tile own = golden::tile_at(array_, parts_[tile.part], tile.place);
  return golden::permute_rows(golden::weights_of(own, tile.plan), tile.plan.part.order);
}

}  // namespace msq::tb
