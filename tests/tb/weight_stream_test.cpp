#include "tb/host/weight_stream.hpp"

#include <gtest/gtest.h>

#include "gen/config/load.hpp"
#include "tb/host/metadata.hpp"

namespace msq::tb {
namespace {

Dimensions dimensions(const char* json) { return Dimensions(*parse_config(json, "test")); }

/// 8 columns: beats and words of 32 bits, two fields per row in mode 2; 16 lanes, 20 switches.
const char* const kRecon = R"({"rows": 8, "cols": 8, "outlier_path": "recon"})";
const char* const kFull =
    R"({"rows": 8, "cols": 8, "outlier_path": "recon", "encoding": "full_range", "outliers_per_block": 1})";
const char* const kInline = R"({"rows": 8, "cols": 8})";
const char* const kWide = R"({"rows": 64, "cols": 64, "encoding": "full_range", "outliers_per_block": 1})";

StreamTile tile_with(const TileParts& parts, int columns, std::vector<std::uint32_t> outliers = {}) {
  StreamTile tile;
  tile.parts = parts;
  tile.columns = columns;
  tile.fields = 2;
  tile.outliers = std::move(outliers);
  return tile;
}

TEST(WeightStream, PartsTakeWholeWords) {
  const WeightStream stream(dimensions(kRecon));
  EXPECT_EQ(stream.header_words(), 2);
  EXPECT_EQ(stream.part_words(tile_with({}, 16)), 0);
  EXPECT_EQ(stream.part_words(tile_with({.references = true}, 16)), 4);
  EXPECT_EQ(stream.part_words(tile_with({.references = true, .scales = true}, 8)), 2 + 2);
  EXPECT_EQ(stream.part_words(tile_with({.order = true}, 16)), 1);
  EXPECT_EQ(stream.part_words(tile_with({.shifts = true}, 16)), 1);
  const WeightStream full(dimensions(kFull));
  EXPECT_EQ(full.part_words(tile_with({.scales = true}, 16)), 4 + 2);
  const WeightStream wide(dimensions(kWide));
  EXPECT_EQ(wide.header_words(), 1);
  EXPECT_EQ(wide.part_words(tile_with({.scales = true}, 64)), 2 + 1);
  EXPECT_EQ(wide.part_words(tile_with({.order = true}, 64)), 1);  // three stages of 64 switches
}

TEST(WeightStream, TilesWithScalesAtEqualDistancesNeedNoDescriptions) {
  const WeightStream stream(dimensions(kInline));
  std::vector<StreamTile> tiles;
  for (int i = 0; i < 8; ++i) tiles.push_back(tile_with({.references = i == 0, .scales = i % 4 == 0}, 8));
  std::vector<StreamBlock> blocks = stream.blocks(tiles);
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_FALSE(blocks[0].described);
  EXPECT_TRUE(blocks[0].scales);
  EXPECT_EQ(blocks[0].period, 2);
  EXPECT_EQ(blocks[0].section_beats, 2 + 2 + 2 * 2);
  EXPECT_EQ(blocks[0].entry_beats, 0);
  EXPECT_EQ(stream.beats(blocks[0]), 8U + 8 * 8);
  // Anything else needs a byte a tile.
  for (const auto change : {0, 1, 2}) {
    std::vector<StreamTile> other = tiles;
    if (change == 0) other[3].parts.scales = true;
    if (change == 1) other[5].parts.order = true;
    if (change == 2) other[2].more = true;
    blocks = stream.blocks(other);
    ASSERT_EQ(blocks.size(), 1U);
    EXPECT_TRUE(blocks[0].described);
    EXPECT_EQ(blocks[0].section_beats, 2 + 2 + 2 * 2 + 2 + (change == 0 ? 2 : change == 1 ? 1 : 0));
  }
}

TEST(WeightStream, BlocksEndWhereTheModeChangesAndWhereBuffersAreFull) {
  const WeightStream stream(dimensions(kInline));
  std::vector<StreamTile> tiles(300, tile_with({}, 8));
  for (std::size_t i = 0; i < tiles.size(); i += 16) tiles[i].parts.scales = true;
  tiles[0].parts.references = true;
  std::vector<StreamBlock> blocks = stream.blocks(tiles);
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].tiles, 240U);  // 255 at most, and the next block begins with scales
  tiles[40].mode4 = true;
  blocks = stream.blocks(tiles);
  ASSERT_GE(blocks.size(), 3U);
  EXPECT_EQ(blocks[0].tiles, 40U);
  EXPECT_EQ(blocks[1].tiles, 1U);
  // 64 beats of scales, two per tile; header and descriptions, which are reckoned with, take 2 and 8.
  for (StreamTile& tile : tiles) tile.parts.scales = true;
  blocks = stream.blocks(tiles);
  for (const StreamBlock& block : blocks) EXPECT_LE(block.section_beats, 64);
  EXPECT_EQ(blocks[0].tiles, 30U);
}

TEST(WeightStream, EntriesSkipToTheirFields) {
  const WeightStream stream(dimensions(kInline));
  ASSERT_EQ(stream.skip_bits(), 6);
  // Fields 0, 3 and 3 of the first tile (16 fields), field 5 of the second, field 15 of the ninth.
  std::vector<StreamTile> tiles(9, tile_with({}, 8));
  tiles[0].outliers = {0, 3, 3};
  tiles[1].outliers = {5};
  tiles[8].outliers = {15};
  const std::vector<EntrySkip> entries = stream.entries(tiles);
  std::vector<int> skips;
  std::vector<bool> outliers;
  std::vector<std::size_t> rows;
  for (const EntrySkip& entry : entries) {
    skips.push_back(entry.skip);
    outliers.push_back(entry.outlier);
    rows.push_back(entry.row);
  }
  // From 21 to 143 are 122: 63 without an outlier, and 59.
  EXPECT_EQ(skips, (std::vector{0, 3, 0, 18, 63, 59}));
  EXPECT_EQ(outliers, (std::vector{true, true, true, true, false, true}));
  EXPECT_EQ(rows, (std::vector<std::size_t>{0, 1, 1, 10, 42, 71}));
  tiles[8].outliers.clear();
  EXPECT_EQ(stream.entries(tiles).size(), 4U);  // two in a beat
  tiles[1].outliers.clear();
  EXPECT_EQ(stream.entries(tiles).size(), 4U);
  EXPECT_FALSE(stream.entries(tiles)[3].outlier);
}

TEST(Metadata, Mode4UsesTheFirstFieldOfItsGroup) {
  const Dimensions d = dimensions(R"({"rows": 8, "cols": 8, "micro_block": 4, "outlier_path": "recon"})");
  golden::Tile tile = golden::make_tile({.bits = 4, .micro_block = 4}, 8, 8);
  tile.blocks[tile.block_index(2, 1)] = {5, {{0, 3}, {2, 1}}};
  EXPECT_TRUE(row_metadata(d, tile, 1).empty());
  const auto row = row_metadata(d, tile, 2);
  ASSERT_EQ(row.size(), 1U);
  EXPECT_EQ(row[0].field, 2);
  EXPECT_EQ(row[0].shift, 5U);
  EXPECT_EQ(row[0].pairs, 2);
  EXPECT_EQ(row[0].list, 0b10'01'00'11U);  // {upper, lower} of each pair, the first one lowest
  tile.format.bits = 2;
  EXPECT_EQ(row_metadata(d, tile, 2)[0].field, 1);
}

}  // namespace
}  // namespace msq::tb
