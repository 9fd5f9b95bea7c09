#include "flow/layer/few_tokens.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <span>

#include "flow/layer/quantize_layer.hpp"
#include "golden/io/npy.hpp"
#include "golden/quantize/dequantize.hpp"
#include "temporary_directory.hpp"

namespace msq::flow {
namespace {

constexpr std::int64_t kK = 64;

/// Normal numbers, those of a row times `common` the same number for every row.
golden::Matrix normal(std::int64_t rows, std::int64_t columns, double common, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> distribution;
  std::vector<double> direction(static_cast<std::size_t>(columns));
  for (double& value : direction) value = distribution(random);
  golden::Matrix matrix{rows, columns, {}};
  for (std::int64_t row = 0; row < rows; ++row) {
    const double along = common * distribution(random);
    for (const double value : direction)
      matrix.values.push_back(static_cast<float>(distribution(random) + along * value));
  }
  return matrix;
}

class FewTokens : public ::testing::Test {
 protected:
  golden::RowReader activations(const golden::Matrix& matrix) {
    EXPECT_TRUE(golden::write_npy(directory_ / "x.npy", matrix));
    return golden::RowReader::open(directory_ / "x.npy", "").value();
  }

  FinishedLayer quantize(const golden::Matrix& x) {
    EXPECT_TRUE(golden::write_npy(directory_ / "x.npy", x));
    const QuantizeRequest request{"", choices_, CalibrationSource(directory_ / "x.npy")};
    return quantize_layer(request, {"a", "a.weight", weights_}, [](double) {}).value();
  }

  static QuantizerChoices two_bits() {
    QuantizerChoices choices;
    choices.options.bits = 2;
    return choices;
  }

  const QuantizerChoices choices_ = two_bits();
  const LabelledMatrix weights_{normal(kK, 32, 0, 1), "w", true};
  const Quantization rounded_ = quantize_weights(weights_, choices_).value();
  golden::testing::TemporaryDirectory directory_;
};

TEST_F(FewTokens, UnrelatedTokensDoWorseThanRounding) {
  const auto errors = held_out_errors(weights_, choices_, activations(normal(33, kK, 0, 2)));
  ASSERT_TRUE(errors) << errors.error();
  EXPECT_EQ(errors->compensated.size(), 33U);
  EXPECT_FALSE(errors->show_a_gain());
}

TEST_F(FewTokens, TokensAlongOneDirectionDoBetter) {
  const auto errors = held_out_errors(weights_, choices_, activations(normal(20, kK, 10, 2)));
  ASSERT_TRUE(errors) << errors.error();
  EXPECT_TRUE(errors->show_a_gain());
}

/// Each token's error is that of weights calibrated with the tokens of the other half.
TEST_F(FewTokens, ErrorsStandInTheOrderOfTheTokens) {
  golden::Matrix x = normal(9, kK, 1, 2);
  x.values[5 * kK] = 1000;  // of the odd ones, and counted three times
  QuantizerChoices choices = choices_;
  choices.massive_weight = 3;
  const auto errors = held_out_errors(weights_, choices, activations(x));
  ASSERT_TRUE(errors) << errors.error();
  golden::Calibration odd(kK);
  for (std::size_t token = 1; token < 9; token += 2) {
    const std::vector<double> count{token == 5 ? 3.0 : 1.0};
    ASSERT_TRUE(odd.add(std::span(x.values).subspan(token * kK, kK), count));
  }
  const auto values = golden::dequantize(quantize_weights(weights_, choices_, std::move(odd))->tensor);
  double error = 0;
  for (std::size_t n = 0; n < 32; ++n) {
    double difference = 0;
    for (std::size_t k = 0; k < kK; ++k)
      difference += x.values[4 * kK + k] * (weights_.matrix.values[k * 32 + n] - values[k * 32 + n]);
    error += difference * difference;
  }
  EXPECT_NEAR(errors->compensated[4], error, 1e-9 * error);
}

TEST(HeldOutErrors, ShowAGainOnlyIfItIsMoreThanChance) {
  const std::vector<double> eight(8, 1.0);
  EXPECT_TRUE((HeldOutErrors{std::vector<double>(8, 0.5), eight}.show_a_gain()));
  EXPECT_FALSE((HeldOutErrors{eight, eight}.show_a_gain()));
  EXPECT_FALSE((HeldOutErrors{std::vector<double>(8, 2.0), eight}.show_a_gain()));
  EXPECT_FALSE((HeldOutErrors{std::vector<double>(7, 0.5), std::vector<double>(7, 1.0)}.show_a_gain()))
      << "too few";
  EXPECT_FALSE((HeldOutErrors{{0.1, 1.5, 0.1, 1.5, 0.1, 1.5, 0.1, 1.5}, eight}.show_a_gain()))
      << "half of them lose";
  EXPECT_FALSE((HeldOutErrors{{0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 9}, eight}.show_a_gain()))
      << "the sum is greater";
  EXPECT_FALSE((HeldOutErrors{std::vector<double>(8, 0), std::vector<double>(8, 0)}.show_a_gain()));
}

TEST_F(FewTokens, ALayerIsRoundedIfTheyDoNotHelp) {
  for (const std::int64_t tokens : {1, 3, 33}) {
    const FinishedLayer layer = quantize(normal(tokens, kK, 0, 2));
    EXPECT_EQ(layer.layer.tensor, rounded_.tensor);
    EXPECT_EQ(layer.findings.calibration_tokens, 0);
    ASSERT_EQ(layer.findings.warnings.size(), 1U);
    EXPECT_NE(
        layer.findings.warnings[0].find("tokens, fewer than K = 64: rounded to the nearest, since they do "
                                        "not show that calibration helps"),
        std::string::npos)
        << layer.findings.warnings[0];
  }
}

TEST_F(FewTokens, ALayerIsCompensatedWithAWarningIfTheyDo) {
  const golden::Matrix x = normal(20, kK, 10, 2);
  const FinishedLayer layer = quantize(x);
  golden::Calibration calibration(kK);
  ASSERT_TRUE(calibration.add(x.values));
  EXPECT_EQ(layer.layer.tensor, quantize_weights(weights_, choices_, std::move(calibration))->tensor);
  EXPECT_EQ(layer.findings.calibration_tokens, 20);
  ASSERT_EQ(layer.findings.warnings.size(), 1U);
  EXPECT_TRUE(
      layer.findings.warnings[0].ends_with("x.npy holds 20 tokens, fewer than K = 64: used, since tokens "
                                           "left out of the calibration gain from it"))
      << layer.findings.warnings[0];
}

TEST_F(FewTokens, AsManyAsInputsAreUsedWithoutAWarning) {
  const FinishedLayer layer = quantize(normal(kK, kK, 0, 2));
  EXPECT_EQ(layer.findings.calibration_tokens, kK);
  EXPECT_TRUE(layer.findings.warnings.empty());
}

TEST_F(FewTokens, NoTokensAtAllRoundTheLayerWithAWarning) {
  const FinishedLayer layer = quantize({0, kK, {}});
  EXPECT_EQ(layer.layer.tensor, rounded_.tensor);
  EXPECT_EQ(layer.findings.calibration_tokens, 0);
  ASSERT_EQ(layer.findings.warnings.size(), 1U);
  EXPECT_TRUE(layer.findings.warnings[0].ends_with("x.npy holds no tokens: rounded to the nearest"))
      << layer.findings.warnings[0];
}

TEST_F(FewTokens, ANanInThemNamesItsPlace) {
  golden::Matrix x = normal(3, kK, 0, 2);
  x.values[70] = NAN;
  ASSERT_TRUE(golden::write_npy(directory_ / "x.npy", x));
  const QuantizeRequest request{"", choices_, CalibrationSource(directory_ / "x.npy")};
  const auto layer = quantize_layer(request, {"a", "a.weight", weights_}, [](double) {});
  ASSERT_FALSE(layer);
  EXPECT_NE(layer.error().find("[token=1][k=6]"), std::string::npos) << layer.error();
}

}  // namespace
}  // namespace msq::flow
