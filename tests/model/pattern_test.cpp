#include "model/pattern.hpp"

#include <gtest/gtest.h>

namespace msq::model {
namespace {

TEST(Pattern, RowsColumnsAndEntries) {
  TilePattern pattern(4, 2);
  pattern.set(1, 0, true);
  pattern.set(1, 1, true);
  pattern.set(3, 1, true);
  EXPECT_EQ(pattern.flagged_rows(), (std::vector<bool>{false, true, false, true}));
  EXPECT_EQ(pattern.column(0), (std::vector<bool>{false, true, false, false}));
  EXPECT_EQ(pattern.column(1), (std::vector<bool>{false, true, false, true}));
  EXPECT_EQ(pattern.entries(), 3);
}

TEST(Pattern, RandomRates) {
  const auto none = random_patterns(3, 16, 8, 0.0, 7);
  const auto few = random_patterns(3, 16, 8, 0.1, 7);
  const auto more = random_patterns(3, 16, 8, 0.4, 7);
  const auto all = random_patterns(3, 16, 8, 1.0, 7);
  for (std::size_t t = 0; t < 3; ++t) {
    EXPECT_EQ(none[t].entries(), 0);
    EXPECT_EQ(all[t].entries(), 16 * 8);
    EXPECT_LT(few[t].entries(), more[t].entries());
    for (int row = 0; row < 16; ++row) {
      for (int block = 0; block < 8; ++block) EXPECT_LE(few[t].at(row, block), more[t].at(row, block));
    }
  }
}

/// K = 10 in tiles of 4 rows and N = 12 in tiles of 8 columns: 3 x 2 tiles, the last ones partly padding.
TEST(Pattern, TilesOfALayer) {
  golden::QuantizedTensor tensor;
  tensor.format = {.bits = 4, .micro_block = 4, .macro_block = 32};
  tensor.k = 10;
  tensor.n = 12;
  tensor.blocks.resize(30);
  tensor.blocks[3 * 3 + 1].pairs.push_back({0, 1});  // row 3, columns 4..7
  tensor.blocks[9 * 3 + 2].pairs.push_back({0, 1});  // row 9, columns 8..11
  const golden::ArraySizes array{4, 8, 1, {}, {}};
  const auto tiles = layer_patterns(array, tensor, 100);
  ASSERT_EQ(tiles.size(), 6U);
  for (std::size_t t = 0; t < 6; ++t) EXPECT_EQ(tiles[t].entries(), t == 0 || t == 5 ? 1 : 0) << t;
  EXPECT_TRUE(tiles[0].at(3, 1));
  EXPECT_TRUE(tiles[5].at(1, 0));
  EXPECT_EQ(layer_patterns(array, tensor, 2).size(), 2U);
}

}  // namespace
}  // namespace msq::model
