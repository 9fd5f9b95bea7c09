#include "golden/io/mxfp4.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "checkpoint_writer.hpp"
#include "golden/io/model_file.hpp"

namespace msq::golden {
namespace {

using testing::contains;
using testing::raw_safetensors;
using testing::RawTensor;
using testing::write_text;

/// E2M1 from its definition.
double e2m1(unsigned code) {
  const unsigned exponent = (code >> 1U) & 3U;
  const double fraction = (code & 1U) / 2.0;
  const double size = exponent == 0 ? fraction : (1 + fraction) * std::exp2(static_cast<int>(exponent) - 1);
  return (code & 8U) != 0 ? -size : size;
}

TEST(Mxfp4, EveryPairOfCodesAndScales) {
  std::vector<std::byte> codes(256);
  for (std::size_t i = 0; i < 256; ++i) codes[i] = static_cast<std::byte>(i);
  std::vector<std::byte> scales(16);
  for (std::size_t i = 0; i < 16; ++i) scales[i] = static_cast<std::byte>(i * 16 + 1);
  const std::vector<float> values = decode_mxfp4(codes, scales);
  ASSERT_EQ(values.size(), 512U);
  for (unsigned i = 0; i < 256; ++i) {
    const double scale = std::exp2(static_cast<int>(i / 16 * 16 + 1) - 127);
    EXPECT_EQ(values[std::size_t{2} * i], e2m1(i & 15U) * scale) << i << ": the lower half comes first";
    EXPECT_EQ(values[std::size_t{2} * i + 1], e2m1(i >> 4U) * scale) << i;
  }
  scales.assign(16, std::byte{255});
  EXPECT_TRUE(std::isnan(decode_mxfp4(codes, scales)[3]));
}

/// Experts of gpt-oss: two of [1 row][2 blocks].
std::vector<RawTensor> experts(std::vector<std::int64_t> scales) {
  std::string codes(64, '\x22');  // ones
  codes[48] = '\x24';             // 2, 1: expert 1, block 1
  RawTensor of{"l.mlp.experts.down_proj_scales", "U8", std::move(scales), ""};
  of.bytes = std::string(static_cast<std::size_t>(testing::elements_of(of.shape)), '\x7F');
  if (of.bytes.size() == 4) of.bytes[3] = '\x80';
  return {{"l.mlp.experts.down_proj_blocks", "U8", {2, 1, 2, 16}, codes},
          std::move(of),
          testing::counting("l.mlp.experts.down_proj_bias", {2, 1})};
}

class Mxfp4Files : public ::testing::Test {
 protected:
  ModelFile open(const std::vector<RawTensor>& tensors) {
    write_text(directory_ / "config.json", R"({"model_type": "gpt_oss", "hidden_size": 64})");
    write_text(directory_ / "m.safetensors", raw_safetensors(tensors));
    return ModelFile::open(directory_ / "m.safetensors").value();
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(Mxfp4Files, ExpertsAreLayersStoredNByK) {
  const ModelFile file = open(experts({2, 1, 2}));
  const auto& tensors = file.tensors();
  ASSERT_EQ(tensors.size(), 4U);
  EXPECT_EQ(tensors[0].belongs_to, "l.mlp.experts.down_proj");
  const StoredTensor& second = tensors[2];
  EXPECT_EQ(second.name, "l.mlp.experts.down_proj.1");
  EXPECT_EQ(second.tensor, "l.mlp.experts.down_proj_blocks");
  EXPECT_EQ(second.type, "MXFP4");
  EXPECT_EQ(second.shape, (std::vector<std::int64_t>{1, 64}));
  EXPECT_EQ(second.layout, Layout::n_by_k) << "the family's own tensors are [K][N]";
  EXPECT_TRUE(second.linear && second.loadable && second.layout_proven && second.doubt.empty());
  EXPECT_EQ(second.input, "l.mlp.experts.down_proj.1");
  EXPECT_EQ(tensors[3].belongs_to, "l.mlp.experts.down_proj_blocks");
  const Matrix matrix = file.load(second.name, std::nullopt).value();
  EXPECT_EQ(matrix.rows, 64);
  EXPECT_EQ(matrix.columns, 1);
  std::vector<float> expected(64, 1);
  for (std::size_t i = 32; i < 64; ++i) expected[i] = i == 32 ? 4 : 2;
  EXPECT_EQ(matrix.values, expected);
}

TEST_F(Mxfp4Files, ScalesThatAreMissingOrDoNotFit) {
  std::vector<RawTensor> tensors = experts({2, 2, 1});
  EXPECT_TRUE(
      contains(open(tensors).tensors()[1].doubt,
               {"its scales 'l.mlp.experts.down_proj_scales' are U8 [2, 2, 1]; allowed: U8 [2, 1, 2]"}));
  EXPECT_TRUE(
      contains(open(tensors).load("l.mlp.experts.down_proj.0", std::nullopt).error(), {"allowed: U8"}));
  tensors.erase(tensors.begin() + 1);
  EXPECT_TRUE(contains(open(tensors).tensors()[1].doubt,
                       {"MXFP4 without its scales; allowed: a tensor 'l.mlp.experts.down_proj_scales'"}));
}

TEST_F(Mxfp4Files, OtherBytesAreNone) {
  EXPECT_EQ(open({{"l.experts.x_blocks", "U8", {1, 1, 1, 8}, "12345678"}}).tensors()[0].type, "U8");
  EXPECT_EQ(open({{"x_blocks", "U8", {1, 1, 1, 16}, "1234567812345678"}}).tensors()[0].type, "U8");
}

}  // namespace
}  // namespace msq::golden
