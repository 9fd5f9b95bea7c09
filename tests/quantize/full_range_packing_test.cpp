// Packing of every layout of the second encoding and of two-level identifiers.

#include <gtest/gtest.h>

#include <random>

#include "golden/quantize/packing.hpp"
#include "golden/quantize/quantizer.hpp"
#include "golden/quantize/validate.hpp"

namespace msq::golden {
namespace {

QuantizedTensor random_tensor(const QuantizerOptions& options, unsigned seed) {
  std::mt19937 random(seed);
  std::student_t_distribution<float> heavy(2);
  const std::int64_t k = 1 + static_cast<std::int64_t>(random() % 70);
  const std::int64_t n = 1 + static_cast<std::int64_t>(random() % 150);
  std::vector<float> w(static_cast<std::size_t>(k * n));
  for (float& value : w) value = heavy(random);
  auto output = quantize(w, k, n, options);
  EXPECT_TRUE(output);
  return std::move(output->tensor);
}

TEST(Packing, EveryLayoutRoundTripsAndCountsItsBits) {
  unsigned seed = 0;
  std::size_t flagged = 0;
  for (const Encoding encoding : {Encoding::paper, Encoding::full_range}) {
    for (const int group : {1, 4, 8, 16}) {
      for (const int entries : {1, 2, 4}) {
        for (const int mantissa : {0, 1, 3}) {
          QuantizerOptions options;
          options.bits = seed % 2 == 0 ? 2 : 4;
          options.encoding = encoding;
          options.micro_block = 8 << (seed % 3 == 0 ? 1 : 0);
          options.macro_block = 32;
          options.identifier_group = group;
          options.outliers_per_block = entries;
          options.scale_mantissa_bits = mantissa;
          options.shift_bits = seed % 2 == 0 ? 4 : 8;
          const QuantizedTensor tensor = random_tensor(options, ++seed);
          ASSERT_TRUE(validate(tensor)) << validate(tensor).error();
          const PackedTensor packed = pack(tensor);
          const auto again = unpack(packed);
          ASSERT_TRUE(again) << again.error();
          ASSERT_EQ(*again, tensor) << "seed " << seed;

          std::size_t blocks = 0;
          for (const MicroBlock& block : tensor.blocks) blocks += block.has_outliers() ? 1 : 0;
          flagged += blocks;
          const auto bytes = [](std::size_t bits) { return (bits + 7) / 8; };
          const Format& format = tensor.format;
          EXPECT_EQ(packed.shifts.size(), bytes(blocks * static_cast<std::size_t>(format.shift_bits)));
          EXPECT_EQ(packed.lists.size(), bytes(blocks * static_cast<std::size_t>(list_bits(format))));
          EXPECT_EQ(packed.scale_mantissas.size(),
                    bytes(tensor.scales.size() * static_cast<std::size_t>(format.scale_mantissa_bits)));
          const double stored = effective_bits(tensor).stored * static_cast<double>(tensor.k * tensor.n);
          const std::size_t all = packed.codes.size() + packed.identifiers.size() +
                                  packed.identifier_masks.size() + packed.shifts.size() +
                                  packed.lists.size() + packed.scales.size() + packed.scale_mantissas.size();
          EXPECT_LE(stored, static_cast<double>(8 * all) + 1e-6);
          EXPECT_GT(stored, static_cast<double>(8 * all) - 7 * 8);
        }
      }
    }
  }
  EXPECT_GT(flagged, 1000U);
}

PackedTensor two_level() {
  QuantizerOptions options;
  options.bits = 2;
  options.identifier_group = 4;
  options.encoding = Encoding::full_range;
  options.outliers_per_block = 1;
  std::vector<float> w(64 * 24, 1.0F);  // three micro-blocks in a row: one group of three
  for (std::size_t i = 0; i < w.size(); i += 2) w[i] = -1.0F;
  w[0] = 100.0F;
  return pack(quantize(w, 64, 24, options)->tensor);
}

TEST(Packing, HostileIdentifiers) {
  const PackedTensor good = two_level();
  ASSERT_TRUE(unpack(good));
  ASSERT_EQ(good.identifier_masks, std::vector<std::uint8_t>{0b0001});
  PackedTensor bad = good;
  bad.identifier_masks[0] = 0b1000;
  EXPECT_EQ(unpack(bad).error(), "identifier_masks: group 0 names a micro-block beyond its row");
  bad.identifier_masks[0] = 0b10001;
  EXPECT_NE(unpack(bad).error().find("unused bits"), std::string::npos);
  bad.identifier_masks.clear();
  EXPECT_NE(unpack(bad).error().find("identifier_masks has 0 bytes"), std::string::npos);
  bad = good;
  bad.identifier_masks[0] = 0;
  bad.shifts.clear();
  bad.lists.clear();
  EXPECT_EQ(unpack(bad).error(), "identifier_masks: group 0 names no micro-block");
  bad = good;
  bad.scale_mantissas.pop_back();
  EXPECT_NE(unpack(bad).error().find("scale_mantissas"), std::string::npos);
  bad = good;
  bad.axis = Axis::output;
  EXPECT_FALSE(unpack(bad));
}

}  // namespace
}  // namespace msq::golden
