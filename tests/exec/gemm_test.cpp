#include "golden/exec/gemm.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "golden/exec/reference.hpp"
#include "tests/exec/random_tensor.hpp"

namespace msq::golden {
namespace {

using testing::Random;

/// The worked example of numerics.md: one micro-block, bb = 2, outlier -1.5 at n = 1 with its Lower half
/// at 5.
Tile worked_example(bool negative = true) {
  Tile tile = make_tile({.bits = 2}, 1, 8);
  tile.codes = {0b01, 0b11, 0b00, 0b01, 0b11, 0b10, 0b01, 0b11};
  if (!negative) {
    tile.codes[1] = 0b01;
    tile.codes[5] = 0b00;
  }
  tile.blocks[0] = {0, {{1, 5}}};
  return tile;
}

TEST(PartialSums, WorkedExample) {
  const std::vector<std::int8_t> x = {32};
  EXPECT_EQ(tile_partial_sums(worked_example(), x, 1),
            (std::vector<std::int64_t>{128, -192, 0, 128, -128, 0, 128, -128}));
  EXPECT_EQ(32 + tile_partial_sums(worked_example(), x, 1)[1], -160);
}

TEST(PartialSums, WorkedExamplePositiveTwin) {
  const std::vector<std::int8_t> x = {32};
  EXPECT_EQ(32 + tile_partial_sums(worked_example(false), x, 1)[1], 224);
  EXPECT_EQ(tile_partial_sums(worked_example(false), x, 1)[5], 0);
}

TEST(PartialSums, MinusZeroHalvesAreMinusOne) {
  Tile tile = worked_example();
  tile.codes[1] = 0b10;
  tile.codes[5] = 0b10;
  const std::vector<std::int8_t> x = {32};
  EXPECT_EQ(tile_partial_sums(tile, x, 1)[1], -128);
  EXPECT_EQ(integer_weights(tile)[1], -4);
}

TEST(PartialSums, EveryOutlierOfEveryShift) {
  for (const int bits : {2, 4}) {
    Tile tile = make_tile({.bits = bits}, 1, 8);
    const int half = bits / 2;
    for (int shift = 0; shift <= 15; ++shift) {
      for (int mantissa = 0; mantissa < 1 << bits; ++mantissa) {
        for (const int sign : {0, tile.format.sign_mask()}) {
          tile.codes[6] = static_cast<std::uint8_t>(sign | (mantissa >> half));
          tile.codes[2] = static_cast<std::uint8_t>(sign | (mantissa & ((1 << half) - 1)));
          tile.blocks[0] = {static_cast<std::uint8_t>(shift), {{6, 2}}};
          const std::int64_t weight =
              std::int64_t{sign == 0 ? 1 : -1} * ((1 << bits) + mantissa) * (1 << shift);
          ASSERT_EQ(integer_weights(tile)[6], weight);
          for (int x = -127; x <= 127; ++x) {
            const std::vector<std::int8_t> activation = {static_cast<std::int8_t>(x)};
            const auto sums = tile_partial_sums(tile, activation, 1);
            ASSERT_EQ(sums[6], weight * x)
                << "bits " << bits << " shift " << shift << " mantissa " << mantissa;
            ASSERT_EQ(sums[2], 0);
          }
        }
      }
    }
  }
}

TEST(PartialSums, EqualThe128BitReference) {
  std::int64_t compared = 0;
  for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
    Random random(seed);
    const Format format = testing::random_format(random);
    const int shift_max = random.pick({0, 7, 15});
    const Tile tile = testing::random_tile(random, format, random.between(1, 16),
                                           format.micro_block * random.between(1, 3), shift_max);
    ASSERT_TRUE(validate(tile).has_value()) << "seed " << seed << ": " << validate(tile).error();
    const int tokens = random.between(1, 3);
    const auto x = testing::random_activations(
        random, static_cast<std::size_t>(tokens) * static_cast<std::size_t>(tile.rows),
        random.pick({127, 7}));
    std::vector<int> shifts;
    if (random.chance(30)) {
      for (int row = 0; row < tile.rows; ++row) shifts.push_back(random.between(0, 7));
    }
    const auto fast = tile_partial_sums(tile, x, tokens, shifts);
    const auto exact = reference_partial_sums(tile, x, tokens, shifts);
    ASSERT_EQ(fast.size(), exact.size());
    for (std::size_t i = 0; i < fast.size(); ++i, ++compared) {
      ASSERT_TRUE(exact[i] == fast[i]) << "seed " << seed << " element " << i << " got " << fast[i]
                                       << " expected " << static_cast<std::int64_t>(exact[i]);
    }
  }
  EXPECT_GT(compared, 100'000);
}

TEST(PartialSums, IntegerWeightsGiveThem) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    const Tile tile = testing::random_tile(random, testing::random_format(random), 5, 16, 7);
    const auto x = testing::random_activations(random, 5, 127);
    const auto weights = integer_weights(tile);
    const auto sums = tile_partial_sums(tile, x, 1);
    for (int column = 0; column < 16; ++column) {
      std::int64_t sum = 0;
      for (int row = 0; row < 5; ++row)
        sum += weights[tile.code_index(row, column)] * x[static_cast<std::size_t>(row)];
      ASSERT_EQ(sums[static_cast<std::size_t>(column)], sum) << "seed " << seed << " column " << column;
    }
  }
}

TEST(PartialSums, DoNotDependOnTheOrderOfRows) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    Random random(seed);
    const Tile tile = testing::random_tile(random, {.bits = 2}, 8, 16, 7);
    const auto x = testing::random_activations(random, 16, 127);
    std::vector<int> order = {0, 1, 2, 3, 4, 5, 6, 7};
    std::shuffle(order.begin(), order.end(), random.engine());
    ASSERT_EQ(tile_partial_sums(permute_rows(tile, order), permute_activations(x, order), 2),
              tile_partial_sums(tile, x, 2))
        << "seed " << seed;
  }
}

TEST(PartialSums, WrongSizesAreBugs) {
  const Tile tile = worked_example();
  const std::vector<std::int8_t> x = {1, 2};
  EXPECT_THROW((void)tile_partial_sums(tile, x, 1), std::logic_error);
  const std::vector<int> shifts = {0, 0};
  EXPECT_THROW((void)tile_partial_sums(tile, x, 2, shifts), std::logic_error);
}

TEST(Accumulator, DerivedWidth) {
  constexpr std::array<int, 1> two = {2};
  constexpr std::array<int, 1> four = {4};
  constexpr std::array<int, 2> both = {2, 4};
  // 8 * 127 * 31 * 128 = 4,031,488 < 2^22; 8 * 127 * 7 * 128 = 910,336 < 2^20
  EXPECT_EQ(derived_acc_bits(8, both, 7, true, 127), 23);
  EXPECT_EQ(derived_acc_bits(8, two, 7, true, 127), 21);
  // inliers only: 8 * 127 * 28 = 28,448 < 2^15; 8 * 127 * 4 = 4,064 < 2^12
  EXPECT_EQ(derived_acc_bits(8, four, 7, false, 127), 16);
  EXPECT_EQ(derived_acc_bits(8, two, 7, false, 127), 13);
  // r_max = 0: Smax = 31 beats 4*7 = 28, and 7 beats 4
  EXPECT_EQ(derived_acc_bits(128, both, 0, true, 127), 1 + 19);
  EXPECT_EQ(derived_acc_bits(128, four, 15, true, 127), 1 + 34);
  EXPECT_EQ(derived_acc_bits(8, both, 7, true, 7), 1 + 18);
}

TEST(Accumulator, DerivedWidthAlwaysHoldsAndOneBitLessDoesNot) {
  for (const int bits : {2, 4}) {
    for (const int rows : {1, 4, 8, 64, 128}) {
      for (const int shift : {0, 7, 15}) {
        Tile tile = make_tile({.bits = bits}, rows, 8);
        const auto full = static_cast<std::uint8_t>((1 << (bits / 2)) - 1);
        for (int row = 0; row < rows; ++row) {
          tile.codes[tile.code_index(row, 3)] = full;
          tile.codes[tile.code_index(row, 0)] = full;
          tile.blocks[tile.block_index(row, 0)] = {static_cast<std::uint8_t>(shift), {{3, 0}}};
        }
        const std::array<int, 1> mode = {bits};
        const int width = derived_acc_bits(rows, mode, shift, true, 127);
        EXPECT_FALSE(prove_accumulator(tile, width, 127).has_value());
        const auto overflow = prove_accumulator(tile, width - 1, 127);
        ASSERT_TRUE(overflow.has_value());
        EXPECT_EQ(overflow->column, 3);
        EXPECT_EQ(overflow->needed_bits, width);
        EXPECT_EQ(overflow->bound, std::int64_t{rows} * 127 * ((2 << bits) - 1) * (1 << shift));
      }
    }
  }
}

TEST(Accumulator, CertificateIsTight) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const Format format = testing::random_format(random);
    const Tile tile = testing::random_tile(random, format, random.between(1, 8), 16, 7);
    const auto weights = integer_weights(tile);
    const int limit = random.pick({127, 7});
    const int width = random.between(4, 22);
    // The worst activations of a column give +-127 the sign of its weight.
    std::int64_t failing = -1;
    for (int column = 0; column < 16 && failing < 0; ++column) {
      std::vector<std::int8_t> x(static_cast<std::size_t>(tile.rows));
      for (int row = 0; row < tile.rows; ++row) {
        const bool negative = weights[tile.code_index(row, column)] < 0;
        x[static_cast<std::size_t>(row)] = static_cast<std::int8_t>(negative ? -limit : limit);
      }
      const std::int64_t worst = tile_partial_sums(tile, x, 1)[static_cast<std::size_t>(column)];
      if (worst > (std::int64_t{1} << (width - 1)) - 1) failing = column;
    }
    const auto overflow = prove_accumulator(tile, width, limit);
    ASSERT_EQ(overflow ? overflow->column : -1, failing) << "seed " << seed;
  }
}

TEST(Accumulator, TensorProofNamesColumnAndTile) {
  QuantizedTensor tensor;
  tensor.format = {.bits = 4, .micro_block = 8, .macro_block = 32};
  tensor.k = 40;
  tensor.n = 50;
  tensor.codes.assign(static_cast<std::size_t>(40 * tensor.n_padded()), 1);
  tensor.blocks.resize(static_cast<std::size_t>(40 * tensor.blocks_per_row()));
  tensor.scales.assign(static_cast<std::size_t>(2 * 50), 0);
  // sixteen rows of 4 * 1 * 127 = 8,128 < 2^13
  EXPECT_FALSE(prove_accumulator(tensor, 128, 16, 14, 127).has_value());
  const auto first = prove_accumulator(tensor, 128, 16, 13, 127);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->column, 0);
  EXPECT_EQ(first->k0, 0);

  for (int row = 32; row < 40; ++row)
    tensor.codes[static_cast<std::size_t>(row * tensor.n_padded() + 45)] = 7;
  const auto overflow = prove_accumulator(tensor, 128, 16, 14, 127);
  ASSERT_TRUE(overflow.has_value());
  EXPECT_EQ(overflow->column, 45);
  EXPECT_EQ(overflow->k0, 32);
  EXPECT_EQ(overflow->bound, 8 * 28 * 127);
  EXPECT_EQ(overflow->message(14),
            "column 45: partial sums of the tile at row 32 reach +-28448 and need 16 accumulator bits, 14 "
            "asked for");
}

TEST(Accumulator, TensorProofCountsAlignmentShifts) {
  QuantizedTensor tensor;
  tensor.format = {.bits = 4, .micro_block = 8, .macro_block = 32};
  tensor.axis = Axis::output;
  tensor.k = 2;
  tensor.n = 40;
  tensor.codes.assign(static_cast<std::size_t>(2 * 40), 1);
  tensor.blocks.resize(10);
  tensor.scales = {0, 0, 3, 1};  // row 1 is shifted by 3 in the first macro-block and by 1 in the second
  const auto overflow = prove_accumulator(tensor, 128, 8, 12, 127);
  ASSERT_TRUE(overflow.has_value());
  EXPECT_EQ(overflow->bound, 127 * (4 + 32));
  EXPECT_EQ(overflow->column, 0);
  tensor.scales = {0, 0, 0, 2};
  EXPECT_EQ(prove_accumulator(tensor, 128, 8, 12, 127)->column, 32);
}

}  // namespace
}  // namespace msq::golden
