#include "tb/host/weight_stream.hpp"

#include <bit>

#include "tb/host/stream_format.hpp"

namespace msq::tb {
namespace {

/// log2 of the distance of the tiles with scales, of which the first is one; -1 if it is not a power of two.
int scale_period(std::span<const StreamTile> tiles) {
  for (int period = 0; period < 8; ++period) {
    bool all = true;
    for (std::size_t i = 0; i < tiles.size(); ++i)
      all = all && tiles[i].parts.scales == (i % (std::size_t{1} << period) == 0);
    if (all) return period;
  }
  return -1;
}

bool one_mode(const StreamTile& a, const StreamTile& b) { return a.mode4 == b.mode4 && a.pairs == b.pairs; }

}  // namespace

WeightStream::WeightStream(const Dimensions& d)
    : rows_(d.rows),
      code_beats_(d.load_steps),
      ways_(d.ways()),
      beat_bits_(d.weight_beat),
      word_bits_(d.section_word),
      skip_bits_(d.outliers ? entry::kBits - entry::kShiftBits - 2 * d.outliers->locations : 1),
      factors_(d.factor_bits > 0),
      schedule_(d.recon.has_value()),
      order_bits_(d.order_bits),
      section_depth_(d.section_fifo),
      entry_depth_(d.entry_fifo) {}

int WeightStream::part_words(const StreamTile& tile) const {
  int words = 0;
  if (tile.parts.references) words += words_of(part::kReferences.bits * tile.columns);
  if (tile.parts.scales) words += words_of(part::kScales.bits * tile.columns);
  if (tile.parts.scales && factors_) words += words_of(part::kFactors.bits * tile.columns);
  if (tile.parts.order) words += words_of(part::kOrder.bits * order_bits_);
  if (tile.parts.shifts) words += words_of(part::kShifts.bits * ways_);
  return words;
}

std::vector<EntrySkip> WeightStream::entries(std::span<const StreamTile> tiles) const {
  std::vector<EntrySkip> entries;
  const std::int64_t most = (std::int64_t{1} << skip_bits_) - 1;  // stands for no outlier
  std::int64_t before = 0, base = 0;
  for (const StreamTile& tile : tiles) {
    for (const std::uint32_t place : tile.outliers) {
      const std::int64_t at = base + place;
      for (; at - before >= most; before += most)
        entries.push_back(
            {static_cast<int>(most), false, static_cast<std::size_t>((before + most) / tile.fields)});
      entries.push_back({static_cast<int>(at - before), true, static_cast<std::size_t>(at / tile.fields)});
      before = at;
    }
    base += std::int64_t{rows_} * tile.fields;
  }
  const auto per_beat = static_cast<std::size_t>(entries_per_beat());
  while (entries.size() % per_beat != 0) {
    before += most;
    entries.push_back({static_cast<int>(most), false, static_cast<std::size_t>(before / tiles[0].fields)});
  }
  return entries;
}

/// All of the tiles as one block.
StreamBlock WeightStream::block(std::span<const StreamTile> tiles) const {
  StreamBlock block;
  block.tiles = tiles.size();
  block.scales = std::any_of(tiles.begin(), tiles.end(), [](const StreamTile& t) { return t.parts.scales; });
  block.period = block.scales ? scale_period(tiles) : 0;
  block.described =
      schedule_ || block.period < 0 ||
      std::any_of(tiles.begin(), tiles.end(), [](const StreamTile& t) { return t.edge() || t.more; });
  std::size_t words = static_cast<std::size_t>(header_words());
  for (const StreamTile& tile : tiles) words += static_cast<std::size_t>(part_words(tile));
  if (block.described) {
    block.scales = false;
    block.period = 0;
    words += (tiles.size() + described_tiles() - 1) / described_tiles();
  }
  const auto per_beat = static_cast<std::size_t>(beat_bits_ / word_bits_);
  block.section_beats = static_cast<int>((words + per_beat - 1) / per_beat);
  block.entry_beats = static_cast<int>(entries(tiles).size()) / entries_per_beat();
  return block;
}

bool WeightStream::fits(const StreamBlock& block) const {
  return block.section_beats <= section_depth_ && block.entry_beats <= entry_depth_;
}

std::vector<StreamBlock> WeightStream::blocks(std::span<const StreamTile> tiles) const {
  std::vector<StreamBlock> blocks;
  for (std::size_t first = 0; first < tiles.size();) {
    std::size_t most = 1;
    while (most < kMostBlockTiles && first + most < tiles.size() &&
           one_mode(tiles[first], tiles[first + most]))
      ++most;
    // Both counts grow with the tiles: steps twice as long each time, then half as long.
    std::size_t count = 1;
    std::size_t step = 1;
    const auto grows = [&] {
      if (count + step > most || !fits(block(tiles.subspan(first, count + step)))) return false;
      count += step;
      return true;
    };
    while (grows()) step *= 2;
    while ((step /= 2) > 0) grows();
    if (first + count < tiles.size() && one_mode(tiles[first], tiles[first + count])) {
      std::size_t end = count;
      while (end > 1 && !tiles[first + end].parts.scales) --end;
      if (end > 1) count = end;
    }
    blocks.push_back(block(tiles.subspan(first, count)));
    blocks.back().first = first;
    first += count;
  }
  return blocks;
}

bool is_ordered(const golden::PlannedTile& planned) {
  return !std::is_sorted(planned.part.order.begin(), planned.part.order.end());
}

StreamTile stream_tile(const WeightStream& stream, const golden::PlannedTile& planned,
                       const golden::TilePlace& place, int bits, bool pairs, const TileParts& parts) {
  StreamTile tile;
  tile.parts = parts;
  tile.mode4 = bits == 4;
  tile.pairs = pairs;
  tile.more = planned.more;
  tile.flagged = planned.part.flagged;
  tile.initiation_interval = planned.part.initiation_interval;
  tile.launch_gap = planned.launch_gap;
  tile.columns = place.columns;
  tile.words = place.rows.rows > stream.array_rows() ? 2 : 1;
  const golden::OutlierLanes& lanes = planned.part.outliers;
  const auto& order = planned.part.order;
  const auto rows = static_cast<std::size_t>(stream.array_rows());
  const std::size_t places = order.size() / rows;
  tile.fields = lanes.blocks * static_cast<int>(places);
  std::uint32_t field = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    for (int block = 0; block < lanes.blocks; ++block) {
      for (std::size_t p = 0; p < places; ++p, ++field)
        tile.outliers.insert(tile.outliers.end(),
                             static_cast<std::size_t>(std::popcount(lanes.at(order[row + p * rows], block))),
                             field);
    }
  }
  return tile;
}

}  // namespace msq::tb
