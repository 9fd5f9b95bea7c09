#include "golden/quantize/packing.hpp"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

#include "golden/quantize/quantizer.hpp"
#include "golden/quantize/validate.hpp"
#include "tests/quantize/random_weights.hpp"

namespace msq::golden {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Two rows of 11 columns at bb = 2: four micro-blocks, outliers in the first and the last.
QuantizedTensor example() {
  QuantizedTensor tensor;
  tensor.format = {2, 8, 128};
  tensor.k = 2;
  tensor.n = 11;
  tensor.codes = {1, 3, 0, 1, 3, 2, 1, 3, 1, 0, 3, 0, 0, 0, 0, 0,   // row 0
                  0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1};  // row 1
  tensor.blocks = {{0, {{1, 5}}}, {}, {}, {6, {{0, 7}, {1, 6}}}};
  tensor.scales = {0, 1, 2, 3, 4, 5, 6, 7, 8, -127, 127};
  return tensor;
}

TEST(Packing, DocumentedBitOrder) {
  ASSERT_TRUE(validate(example())) << validate(example()).error();
  const PackedTensor packed = pack(example());
  // First code in the lowest two bits: 1 3 0 1 -> 01 00 11 01 read from the top.
  EXPECT_EQ(packed.codes,
            (Bytes{0b01001101, 0b11011011, 0b00110001, 0, 0, 0b01000000, 0b00010101, 0b01000000}));
  EXPECT_EQ(packed.identifiers, (Bytes{0b1001}));
  EXPECT_EQ(packed.shifts, (Bytes{0, 6}));
  // Lists of 4 * 6 bits: entry {1,5} is 5 * 8 + 1 = 41; {0,7} is 56 and {1,6} is 49, at bit 6.
  EXPECT_EQ(packed.lists, (Bytes{41, 0, 0, 0b01111000, 0b1100, 0}));
  EXPECT_EQ(packed.scales, example().scales);
  EXPECT_EQ(packed.k, 2);
  EXPECT_EQ(packed.n, 11);
}

TEST(Packing, RoundTripOfTheExample) {
  const auto again = unpack(pack(example()));
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(*again, example());
}

TEST(Packing, EmptyEntriesMayStandAnywhere) {
  PackedTensor packed = pack(example());
  // {3,3}, {1,5}: an entry with equal locations is empty wherever it is.
  const unsigned list = 27U | (41U << 6U);
  packed.lists[0] = list & 255U;
  packed.lists[1] = static_cast<std::uint8_t>(list >> 8U);
  const auto again = unpack(packed);
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(*again, example());
}

TEST(Packing, InvalidTensorIsABug) {
  QuantizedTensor tensor = example();
  tensor.codes[2] = 2;
  EXPECT_THROW((void)pack(tensor), std::logic_error);
}

std::string problem(const PackedTensor& packed) {
  const auto result = unpack(packed);
  return result ? "valid" : result.error();
}

TEST(Packing, CorruptFieldsAreNamed) {
  const PackedTensor good = pack(example());
  PackedTensor packed = good;
  packed.codes.pop_back();
  EXPECT_EQ(problem(packed), "codes has 7 bytes; shape, format and identifiers need 8");
  packed = good;
  packed.identifiers.push_back(0);
  EXPECT_EQ(problem(packed), "identifiers has 2 bytes; shape, format and identifiers need 1");
  packed = good;
  packed.identifiers[0] = 0b11001;
  EXPECT_EQ(problem(packed), "identifiers: unused bits of the last byte (0x19) must be 0");
  packed = good;
  packed.identifiers[0] = 0b1011;
  EXPECT_EQ(problem(packed), "shifts has 2 bytes; shape, format and identifiers need 3");
  packed = good;
  packed.lists.clear();
  EXPECT_EQ(problem(packed), "lists has 0 bytes; shape, format and identifiers need 6");
  packed = good;
  packed.scales.pop_back();
  EXPECT_EQ(problem(packed), "scales has 10 bytes; shape, format and identifiers need 11");
  packed = good;
  packed.lists[0] = 0;
  EXPECT_EQ(problem(packed), "micro-block 0: its identifier is 1 but its list is empty");
  packed = good;
  packed.shifts[1] = 200;
  EXPECT_EQ(problem(packed), "micro-block [k=1][block=1]: outlier shift is 200; allowed are 0..7");
  packed = good;
  packed.codes[0] = 0b01001110;
  EXPECT_EQ(problem(packed), "code [k=0][n=0] is 2; an inlier has 2 bits and is not minus zero");
  packed = good;
  packed.format.bits = 8;
  EXPECT_EQ(problem(packed), "bits is 8; allowed are 2, 4");
}

TEST(Packing, HugeShapesAllocateNothing) {
  PackedTensor packed = pack(example());
  packed.k = kMaxDimension;
  packed.n = kMaxDimension;
  EXPECT_EQ(problem(packed), "codes has 8 bytes; shape, format and identifiers need 18014398509481984");
  packed.n = INT64_MAX;
  EXPECT_EQ(problem(packed), "n is 9223372036854775807; allowed are 1..268435456");
  packed.k = -1;
  EXPECT_EQ(problem(packed), "k is -1; allowed are 1..268435456");
}

QuantizedTensor random_tensor(int bits, int micro_block, Axis axis, std::int64_t k, std::int64_t n,
                              unsigned seed) {
  std::mt19937 random(seed);
  QuantizerOptions options;
  options.bits = bits;
  options.micro_block = micro_block;
  options.axis = axis;
  options.row_align_bits = 3;
  options.outlier_sigma = 1.2;
  auto output = quantize(random_weights(k, n, true, random), k, n, options);
  EXPECT_TRUE(output) << output.error();
  return output->tensor;
}

TEST(Packing, RandomRoundTrips) {
  unsigned seed = 0;
  for (const int bits : {2, 4}) {
    for (const int micro_block : {4, 8, 16}) {
      for (const Axis axis : {Axis::reduction, Axis::output}) {
        for (const std::int64_t n : {1, 7, 16, 53}) {
          const auto tensor = random_tensor(bits, micro_block, axis, 150, n, ++seed);
          const auto again = unpack(pack(tensor));
          ASSERT_TRUE(again) << "seed " << seed << ": " << again.error();
          ASSERT_EQ(*again, tensor) << "seed " << seed;
        }
      }
    }
  }
}

// Any single bit flipped: an error, or a valid tensor that differs from the original.
TEST(Packing, FlippedBitsNeverGetThroughUnnoticed) {
  const QuantizedTensor original = random_tensor(2, 8, Axis::reduction, 5, 27, 99);
  const PackedTensor good = pack(original);
  int errors = 0;
  int valid = 0;
  for (Bytes PackedTensor::*field :
       {&PackedTensor::codes, &PackedTensor::identifiers, &PackedTensor::shifts, &PackedTensor::lists}) {
    for (std::size_t bit = 0; bit < (good.*field).size() * 8; ++bit) {
      PackedTensor packed = good;
      auto& byte = (packed.*field)[bit / 8];
      byte = static_cast<std::uint8_t>(byte ^ (1U << (bit % 8)));
      const auto result = unpack(packed);
      if (!result) {
        EXPECT_FALSE(result.error().empty());
        ++errors;
        continue;
      }
      ASSERT_TRUE(validate(*result));
      ASSERT_FALSE(*result == original) << "bit " << bit;
      ++valid;
    }
  }
  EXPECT_GT(errors, 200);
  EXPECT_GT(valid, 100);
}

TEST(Packing, RandomBytesNeverCrash) {
  std::mt19937 random(7);
  int valid = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    PackedTensor packed = pack(example());
    packed.outlier_shift_max = static_cast<int>(random() % 20) - 2;
    packed.format.micro_block = (std::vector<int>{4, 8, 16, 0, -8})[random() % 5];
    packed.n = static_cast<std::int64_t>(random() % 20) - 1;
    packed.axis = static_cast<Axis>(random() % 3);
    for (auto* bytes : {&packed.codes, &packed.identifiers, &packed.shifts, &packed.lists}) {
      bytes->resize(random() % 12);
      for (auto& byte : *bytes) byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : 0);
    }
    packed.scales.resize(random() % 24);
    valid += unpack(packed) ? 1 : 0;
  }
  EXPECT_LT(valid, 20000);
}

TEST(Packing, MxScaleFields) {
  constexpr Format kTwo{2, 8, 128};
  constexpr Format kFour{4, 8, 128};
  EXPECT_EQ(mx_level1(kTwo, 0b1011), 0b101);
  EXPECT_EQ(mx_micro_exponent(kTwo, 0b1011), 1);
  EXPECT_EQ(mx_level1(kFour, 0b1011), 1);
  EXPECT_EQ(mx_micro_exponent(kFour, 0b1011), 0b011);
  EXPECT_EQ(mx_level1(kTwo, 255), 127);
  EXPECT_EQ(mx_level1(kFour, 255), 31);
  for (const Format& format : {kTwo, kFour}) {
    for (int r = 0; r < 256; ++r) {
      const auto byte = static_cast<std::uint8_t>(r);
      EXPECT_EQ(mx_scale_byte(format, mx_level1(format, byte), mx_micro_exponent(format, byte)), r);
    }
  }
}

TEST(EffectiveBits, ListSizes) {
  EXPECT_EQ(list_bits({2, 4, 128}), 8);
  EXPECT_EQ(list_bits({2, 8, 128}), 24);
  EXPECT_EQ(list_bits({4, 16, 128}), 64);
}

TEST(EffectiveBits, ByHand) {
  // Micro-blocks of 6, 2, 2 and 6 bits per weight by the paper's formula at bb = 2.
  EXPECT_EQ(effective_bits(example()).paper, 4.0);
  // 64 code bits, 4 identifiers, two times 8 + 24 bits, 11 scales of 8 bits; 22 weights.
  EXPECT_EQ(effective_bits(example()).stored, (64 + 4 + 64 + 88) / 22.0);
}

TEST(EffectiveBits, PaperFormulaWithAndWithoutOutliers) {
  QuantizedTensor tensor = example();
  tensor.blocks.assign(4, {0, {{1, 5}}});
  EXPECT_EQ(effective_bits(tensor).paper, 6.0);
  tensor.format.bits = 4;
  EXPECT_EQ(effective_bits(tensor).paper, 8.0);
  tensor.blocks.assign(4, {});
  EXPECT_EQ(effective_bits(tensor).paper, 4.0);
}

TEST(EffectiveBits, StoredBitsAreThoseOfThePackedTensor) {
  const auto tensor = random_tensor(4, 8, Axis::output, 64, 40, 3);
  const PackedTensor packed = pack(tensor);  // every stream is whole bytes at this shape
  const std::size_t bytes = packed.codes.size() + packed.identifiers.size() + packed.shifts.size() +
                            packed.lists.size() + packed.scales.size();
  EXPECT_EQ(effective_bits(tensor).stored, static_cast<double>(bytes * 8) / (64 * 40));
}

}  // namespace
}  // namespace msq::golden
