#include "flow/layer/fit.hpp"

#include <gtest/gtest.h>

#include "gen/configs/presets.hpp"
#include "golden/io/quantized_file.hpp"
#include "temporary_directory.hpp"

namespace msq::flow {
namespace {

using golden::testing::TemporaryDirectory;

/// 16 x 8 weights of 4 bits, all `code`, without outliers.
golden::QuantizedLayer plain_layer(std::uint8_t code) {
  golden::QuantizedTensor tensor;
  tensor.k = 16;
  tensor.n = 8;
  tensor.codes.assign(128, code);
  tensor.blocks.resize(16);
  tensor.scales.assign(8, 0);
  return {"plain", std::move(tensor), {}};
}

class Fit : public ::testing::Test {
 protected:
  std::string save(const golden::QuantizedLayer& layer) {
    const std::string file = (directory_ / "q.safetensors").string();
    EXPECT_TRUE(golden::save_quantized(file, {&layer, 1}));
    return file;
  }

  TemporaryDirectory directory_;
  const Config config_ = *find_config("8x8");
};

TEST_F(Fit, CountsWhatWeightsWithOutliersNeed) {
  golden::QuantizedLayer layer = plain_layer(1);
  layer.tensor.blocks[3] = {3, {{0, 1}}};
  layer.tensor.blocks[4] = {1, {{0, 1}, {2, 3}}};
  const auto findings = fit(config_, {save(layer)});
  ASSERT_TRUE(findings) << findings.error();
  const FitNeeds& needs = findings->needs;
  EXPECT_EQ(needs.layers, 1);
  EXPECT_EQ(needs.shift, 3);
  EXPECT_EQ(needs.outliers, 2);
  EXPECT_EQ(needs.shifts[1], 1);
  EXPECT_EQ(needs.shifts[3], 1);
  EXPECT_EQ(needs.counts[1], 1);
  EXPECT_EQ(needs.counts[2], 1);
  EXPECT_EQ(needs.tiles, 2);
  EXPECT_EQ(findings->fitted.outlier_shift_max, 3);
  EXPECT_EQ(findings->fitted.name, "8x8-fit");
}

TEST_F(Fit, SmallWeightsGetNarrowSums) {
  const auto findings = fit(config_, {save(plain_layer(1))});
  ASSERT_TRUE(findings) << findings.error();
  EXPECT_EQ(findings->needs.shift, 0);
  EXPECT_LT(findings->fitted.acc_width(), config_.acc_width());
  EXPECT_GE(findings->fitted.acc_width(), findings->needs.acc_bits);
}

TEST_F(Fit, WeightsOfAnotherShapeOfBlocksAreRefusedByName) {
  Config wide = config_;
  wide.micro_block = 4;
  const auto findings = fit(wide, {save(plain_layer(1))});
  ASSERT_FALSE(findings);
  EXPECT_NE(findings.error().find("q.safetensors: layer plain: "), std::string::npos) << findings.error();
}

TEST_F(Fit, NoFileIsNoLayer) {
  const auto findings = fit(config_, {});
  ASSERT_FALSE(findings);
  EXPECT_EQ(findings.error(), "found no quantized layer; allowed: files that `microscopiq quantize` wrote");
}

}  // namespace
}  // namespace msq::flow
