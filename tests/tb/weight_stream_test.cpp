#include "tb/host/weight_stream.hpp"

#include <gtest/gtest.h>

#include "gen/config/load.hpp"
#include "tb/host/metadata.hpp"

namespace msq::tb {
namespace {

Dimensions dimensions(const char* json) { return Dimensions(*parse_config(json, "test")); }

/// 8 columns: beats of 32 bits; two fields per row in mode 2, entries of 8 + 24 bits.
const char* const kRecon = R"({"rows": 8, "cols": 8, "outlier_path": "recon"})";
/// Entries of 4 + 6 bits in 16, two in a beat.
const char* const kFull =
    R"({"rows": 8, "cols": 8, "outlier_path": "recon", "encoding": "full_range", "outliers_per_block": 1})";
/// Beats of 32 bits, entries of 8 + 64 bits in 128.
const char* const kLong =
    R"({"rows": 8, "cols": 8, "modes": [2], "micro_block": 16, "outlier_path": "recon"})";

TEST(WeightStream, HeaderGrowsByWholeBeatsOfItsParts) {
  const WeightStream stream(dimensions(kRecon));
  EXPECT_EQ(stream.header_beats(16, {}), 1);
  EXPECT_EQ(stream.header_beats(16, {.references = true}), 1 + 4);
  EXPECT_EQ(stream.header_beats(8, {.references = true, .scales = true}), 1 + 2 + 2);
  EXPECT_EQ(stream.header_beats(16, {.order = true}), 1 + 1);  // 20 switches
  EXPECT_EQ(stream.header_beats(16, {.shifts = true}), 1 + 1);
  const WeightStream full(dimensions(kFull));
  EXPECT_EQ(full.header_beats(16, {.scales = true}), 1 + 4 + 2);
}

TEST(WeightStream, RowsBringIdentifiersAndEntriesAsTheyAreNeeded) {
  const WeightStream stream(dimensions(kFull));
  EXPECT_EQ(stream.entries_per_load(), 2);
  EXPECT_EQ(stream.identifier_rows(), 16);
  const auto rows = stream.rows(std::vector<int>{1, 1, 2, 0, 1, 2, 0, 0});
  std::vector<int> loads;
  for (const RowBeats& row : rows) loads.push_back(row.entry_loads);
  EXPECT_EQ(loads, (std::vector<int>{1, 0, 1, 0, 1, 1, 0, 0}));
  EXPECT_TRUE(rows[0].identifiers);
  for (std::size_t row = 1; row < rows.size(); ++row) EXPECT_FALSE(rows[row].identifiers);
  EXPECT_EQ(stream.beats(rows[0]), 1 + 1 + 1);
  EXPECT_EQ(stream.beats(rows[2]), 1 + 1);
  EXPECT_EQ(stream.beats(rows[3]), 1);
}

TEST(WeightStream, AnEntryMayTakeSeveralBeats) {
  const WeightStream stream(dimensions(kLong));
  EXPECT_EQ(stream.entry_bits(), 128);
  EXPECT_EQ(stream.entries_per_load(), 1);
  const auto rows = stream.rows(std::vector<int>{0, 1, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(stream.beats(rows[0]), 1 + 1);
  EXPECT_EQ(stream.beats(rows[1]), 4 + 1);
}

TEST(WeightStream, RowsWithoutOutlierPathAreCodes) {
  const WeightStream stream(dimensions(R"({"rows": 8, "cols": 8, "outlier_path": "none"})"));
  for (const RowBeats& row : stream.rows(std::vector<int>(8, 0))) EXPECT_EQ(stream.beats(row), 1);
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
  EXPECT_EQ(row[0].list, 0b10'01'00'11U);  // {upper, lower} of each pair, the first one lowest
  tile.format.bits = 2;
  EXPECT_EQ(row_metadata(d, tile, 2)[0].field, 1);
}

}  // namespace
}  // namespace msq::tb
