#include "golden/exec/tile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/exec/random_tensor.hpp"

namespace msq::golden {
namespace {

using testing::Random;

TEST(Tile, ExtractCopiesAndPads) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const Format format = testing::random_format(random);
    const QuantizedTensor tensor =
        testing::random_tensor(random, format, random.pick({Axis::reduction, Axis::output}),
                               random.between(1, 20), random.between(1, 40), -4, 4);
    const int rows = random.between(1, 16);
    const int columns = format.micro_block * random.between(1, 3);
    const std::int64_t k0 = random.between(0, 24);
    const std::int64_t n0 = std::int64_t{format.micro_block} * random.between(0, 4);
    const Tile tile = extract_tile(tensor, k0, n0, rows, columns);
    ASSERT_EQ(tile.rows, rows);
    ASSERT_EQ(tile.columns, columns);
    ASSERT_TRUE(validate(tile).has_value()) << validate(tile).error();
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const bool inside = k0 + row < tensor.k && n0 + column < tensor.n_padded();
        ASSERT_EQ(tile.code(row, column), inside ? tensor.code(k0 + row, n0 + column) : 0);
        const MicroBlock expected =
            inside ? tensor.block(k0 + row, (n0 + column) / format.micro_block) : MicroBlock{};
        ASSERT_EQ(tile.block(row, column / format.micro_block), expected);
      }
    }
  }
}

TEST(Tile, LowerHalfInThePaddingIsKept) {
  QuantizedTensor tensor;
  tensor.format = {.bits = 2, .micro_block = 4, .macro_block = 32};
  tensor.k = 1;
  tensor.n = 2;
  tensor.codes = {0b11, 0b01, 0b00, 0b10};
  tensor.blocks = {{3, {{0, 3}}}};
  tensor.scales = {0, 0};
  const Tile tile = extract_tile(tensor, 0, 0, 2, 8);
  EXPECT_EQ(tile.code(0, 3), 0b10);
  EXPECT_EQ(tile.block(0, 0), tensor.blocks[0]);
  EXPECT_EQ(flagged_rows(tile), (std::vector<bool>{true, false}));
}

TEST(Tile, RowsAreFlaggedByTheirPairsNotByTheirShift) {
  Tile tile = make_tile({.bits = 2}, 3, 16);
  tile.blocks[tile.block_index(0, 1)] = {0, {{2, 5}}};
  tile.blocks[tile.block_index(2, 0)].shift = 3;
  EXPECT_EQ(flagged_rows(tile), (std::vector<bool>{true, false, false}));
}

TEST(Tile, PadRowsAppendsZeros) {
  Random random(3);
  const Tile tile = testing::random_tile(random, {.bits = 4}, 3, 16, 7);
  const Tile padded = pad_rows(tile, 5);
  EXPECT_EQ(padded.rows, 5);
  EXPECT_TRUE(std::equal(tile.codes.begin(), tile.codes.end(), padded.codes.begin()));
  EXPECT_TRUE(std::equal(tile.blocks.begin(), tile.blocks.end(), padded.blocks.begin()));
  for (int column = 0; column < 16; ++column) EXPECT_EQ(padded.code(4, column), 0);
  EXPECT_FALSE(padded.block(3, 1).has_outliers());
  EXPECT_TRUE(validate(padded).has_value());
}

TEST(Tile, PermutationMovesWholeRowsWithTheirActivations) {
  Random random(4);
  const Tile tile = testing::random_tile(random, {.bits = 2}, 4, 8, 7);
  const std::array<int, 4> order = {2, 0, 3, 1};
  const Tile moved = permute_rows(tile, order);
  for (int row = 0; row < 4; ++row) {
    const int source = order[static_cast<std::size_t>(row)];
    for (int column = 0; column < 8; ++column) EXPECT_EQ(moved.code(row, column), tile.code(source, column));
    EXPECT_EQ(moved.block(row, 0), tile.block(source, 0));
  }
  const std::vector<std::int8_t> x = {10, 11, 12, 13, 20, 21, 22, 23};
  EXPECT_EQ(permute_activations(x, order), (std::vector<std::int8_t>{12, 10, 13, 11, 22, 20, 23, 21}));
  const std::array<int, 4> twice = {2, 0, 2, 1};
  EXPECT_THROW((void)permute_rows(tile, twice), std::logic_error);
}

TEST(Tile, ActivationsArePaddedWithZeros) {
  const QuantizedActivations x{8, 128, 2, 3, {1, 2, 3, 4, 5, 6}, {0, 0}};
  EXPECT_EQ(activation_tile(x, 1, 3, 0, 2), (std::vector<std::int8_t>{2, 3, 0, 5, 6, 0}));
  EXPECT_EQ(activation_tile(x, 0, 2, 1, 2), (std::vector<std::int8_t>{4, 5, 0, 0}));
  const QuantizedActivations shorter{8, 128, 1, 3, x.values, {0}};  // m decides, not the values behind
  EXPECT_EQ(activation_tile(shorter, 0, 2, 0, 2), (std::vector<std::int8_t>{1, 2, 0, 0}));
}

TEST(Tile, RowsAreSplitAtEveryScaleBoundary) {
  QuantizedTensor tensor;
  tensor.format = {.bits = 4, .micro_block = 8, .macro_block = 32};
  tensor.k = 70;
  tensor.n = 8;
  const std::vector<RowRange> whole = {{0, 32}, {32, 32}, {64, 6}};
  EXPECT_EQ(split_rows(tensor, 128, 128), whole);
  const std::vector<RowRange> uneven = {{0, 24}, {24, 8}, {32, 24}, {56, 8}, {64, 6}};
  EXPECT_EQ(split_rows(tensor, 128, 24), uneven);
  tensor.axis = Axis::output;  // now only the activation blocks cut
  const std::vector<RowRange> by_block = {{0, 64}, {64, 6}};
  EXPECT_EQ(split_rows(tensor, 64, 128), by_block);
}

class Validate : public ::testing::Test {
 protected:
  Validate() : tile_(make_tile({.bits = 4}, 2, 16)) {
    tile_.codes[tile_.code_index(1, 9)] = 0b1010;
    tile_.codes[tile_.code_index(1, 12)] = 0b1001;
    tile_.blocks[tile_.block_index(1, 1)] = {2, {{1, 4}}};
  }
  std::string error() const {
    const auto ok = validate(tile_);
    return ok ? "" : ok.error();
  }
  Tile tile_;
};

TEST_F(Validate, AcceptsALegalTile) { EXPECT_EQ(error(), ""); }

TEST_F(Validate, AcceptsMinusZeroInAHalf) {
  tile_.codes[tile_.code_index(1, 9)] = 0b1000;
  EXPECT_EQ(error(), "");
}

TEST_F(Validate, RejectsMinusZeroInlier) {
  tile_.codes[tile_.code_index(1, 10)] = 0b1000;
  EXPECT_EQ(error(), "row 1, micro-block 1: column 10: code 8 is no inlier");
}

TEST_F(Validate, RejectsDifferentSigns) {
  tile_.codes[tile_.code_index(1, 12)] = 0b0001;
  EXPECT_EQ(error(), "row 1, micro-block 1: columns 9 and 12: halves that do not belong together");
}

TEST_F(Validate, RejectsWideHalf) {
  tile_.codes[tile_.code_index(1, 12)] = 0b1100;
  EXPECT_EQ(error(), "row 1, micro-block 1: column 12: code 12 is no half of an outlier");
}

TEST_F(Validate, RejectsCodeOutOfRange) {
  tile_.codes[tile_.code_index(0, 3)] = 16;
  EXPECT_EQ(error(), "row 0, micro-block 0: column 3: code 16, allowed 0..15");
}

TEST_F(Validate, RejectsPositionsOutsideOrTwice) {
  tile_.blocks[tile_.block_index(1, 1)] = {2, {{1, 8}}};
  EXPECT_EQ(error(), "row 1, micro-block 1: position 8 in a permutation list, allowed 0..7");
  tile_.blocks[tile_.block_index(1, 1)] = {2, {{1, 4}, {4, 5}}};
  EXPECT_EQ(error(), "row 1, micro-block 1: position 4 is named twice in a permutation list");
}

TEST_F(Validate, RejectsShiftAndSizes) {
  tile_.blocks[tile_.block_index(1, 1)].shift = 16;
  EXPECT_EQ(error(), "row 1, micro-block 1: outlier shift 16, allowed 0..15");
  tile_.codes.pop_back();
  EXPECT_EQ(error(), "tile holds 31 codes and 4 micro-blocks, needs 32 and 4");
  tile_.columns = 12;
  EXPECT_EQ(error(), "tile of 2 rows and 12 columns, allowed: positive, columns a multiple of 8");
}

}  // namespace
}  // namespace msq::golden
