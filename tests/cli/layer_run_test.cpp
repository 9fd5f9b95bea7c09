#include "tb/sim/layer_run.hpp"

#include <gtest/gtest.h>

#include <random>

#include "golden/exec/gemm.hpp"
#include "tb/host/operands.hpp"
#include "tb/sim/build_model.hpp"
#include "tests/support/configs.hpp"

namespace msq::tb {
namespace {

using golden::QuantizedActivations;
using golden::QuantizedTensor;

Design design() { return build_design(tests::test_config("recon-4x4")); }

std::filesystem::path library(const Design& design) {
  const auto model = build_model(design, Flavour::check, MSQ_MODELS);
  if (!model) throw std::runtime_error(model.error());
  return model->library;
}

/// Inliers and outliers at random, scales that differ, so that accumulation over tiles aligns.
QuantizedTensor random_weights(std::int64_t k, std::int64_t n, int bits, std::mt19937& random) {
  QuantizedTensor t;
  t.format = {bits, 4, 32};
  t.k = k;
  t.n = n;
  t.codes.resize(static_cast<std::size_t>(k * t.n_padded()));
  t.blocks.resize(static_cast<std::size_t>(k * t.blocks_per_row()));
  for (std::int64_t row = 0; row < k; ++row) {
    for (std::int64_t column = 0; column < n; ++column) {
      auto& code = t.codes[static_cast<std::size_t>(row * t.n_padded() + column)];
      code = static_cast<std::uint8_t>(random() % (1U << bits));
      if (code == t.format.sign_mask()) code = 0;  // minus zero is legal in halves only
    }
    for (std::int64_t b = 0; b + 1 < t.blocks_per_row(); ++b) {
      if (random() % 4 != 0) continue;
      auto& block = t.blocks[static_cast<std::size_t>(row * t.blocks_per_row() + b)];
      const auto upper = static_cast<std::uint8_t>(random() % 4);
      const auto lower = static_cast<std::uint8_t>(upper ^ (1 + random() % 3));
      block = {static_cast<std::uint8_t>(random() % 8), {{upper, lower}}};
      const bool negative = random() % 2 != 0;
      for (const int at : {upper, lower}) {
        const auto half = static_cast<std::uint8_t>(random() % (1U << (bits / 2)));
        t.codes[static_cast<std::size_t>(row * t.n_padded() + b * 4 + at)] =
            static_cast<std::uint8_t>(half | (negative ? t.format.sign_mask() : 0));
      }
    }
  }
  t.scales.resize(static_cast<std::size_t>(t.groups() * n));
  for (auto& scale : t.scales) scale = static_cast<std::int8_t>(-4 - static_cast<int>(random() % 9));
  return t;
}

QuantizedActivations random_activations(std::int64_t m, std::int64_t k, std::mt19937& random) {
  QuantizedActivations x{.bits = 8, .block = 32, .m = m, .k = k, .values = {}, .scales = {}};
  for (std::int64_t i = 0; i < m * k; ++i) {
    x.values.push_back(static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127));
  }
  for (std::int64_t i = 0; i < m * x.groups(); ++i) {
    x.scales.push_back(static_cast<std::int8_t>(-static_cast<int>(random() % 12)));
  }
  return x;
}

TEST(LayerRun, MatchesGoldenHoweverItIsCut) {
  const Design core = design();
  const auto model = models_of(library(core));
  std::mt19937 random(1);
  for (const int bits : {2, 4}) {
    const QuantizedTensor w = random_weights(71, 19, bits, random);
    const QuantizedActivations x = random_activations(11, 71, random);
    const auto expected = golden::gemm(w, x, core.config.rows);
    ASSERT_TRUE(expected) << expected.error();
    for (const int tokens : {1, 4, 128}) {
      for (const int chunk : {1, 7, 512}) {
        for (const double stalls : {0.0, 0.3}) {
          SCOPED_TRACE(testing::Message() << bits << " bits, " << tokens << " tokens per pass, " << chunk
                                          << " tiles a chunk, stalls " << stalls);
          LayerRunOptions options;
          options.tokens_per_pass = tokens;
          options.tiles_per_chunk = chunk;
          options.stalls = {stalls, stalls};
          const auto result = run_layer(core, model, w, x, options);
          ASSERT_TRUE(result) << result.error();
          EXPECT_TRUE(result->ok());
          const int columns = bits == 2 ? 8 : 4;
          const std::int64_t tiles =
              std::int64_t{18} * ((11 + tokens - 1) / tokens) * ((19 + columns - 1) / columns);
          EXPECT_EQ(result->tiles, tiles);
          EXPECT_EQ(layer_tiles(core.config, w, x, options), tiles);
          EXPECT_EQ(result->outputs_compared, 11 * 19);
          EXPECT_EQ(result->outputs_mismatched, 0);
          EXPECT_EQ(result->partial_sums_compared, 11 * ((19 + columns - 1) / columns) * columns * 18);
          EXPECT_EQ(result->outputs, *expected);
          EXPECT_GT(result->recon_accesses, 0U);
          EXPECT_GT(result->mean_initiation_interval, tokens == 1 ? 0.99 : 1.0);
        }
      }
    }
  }
}

TEST(LayerRun, ACutRunComparesSumsOnly) {
  const Design core = design();
  std::mt19937 random(2);
  const QuantizedTensor w = random_weights(40, 8, 4, random);
  const QuantizedActivations x = random_activations(3, 40, random);
  LayerRunOptions options;
  options.first_tile = 5;
  options.tile_limit = 4;
  std::int64_t done = 0;
  options.progress = [&](std::int64_t now, std::int64_t total) {
    done = now;
    EXPECT_EQ(total, 4);
  };
  const auto result = run_layer(core, models_of(library(core)), w, x, options);
  ASSERT_TRUE(result) << result.error();
  EXPECT_TRUE(result->ok());
  EXPECT_EQ(done, 4);
  EXPECT_EQ(result->tiles, 4);
  EXPECT_EQ(result->partial_sums_compared, 4 * 3 * 4);
  EXPECT_EQ(result->outputs_compared, 0);
  EXPECT_FALSE(result->outputs.has_value());
  options.first_tile = 20;
  EXPECT_FALSE(run_layer(core, models_of(library(core)), w, x, options));
}

/// Multiplications of the layer over what the array could do: one tile, counted by hand.
TEST(LayerRun, Utilization) {
  const Design core = design();
  std::mt19937 random(3);
  const QuantizedTensor w = random_weights(4, 4, 4, random);
  const QuantizedActivations x = random_activations(2, 4, random);
  const auto result = run_layer(core, models_of(library(core)), w, x, {});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->tiles, 1);
  EXPECT_DOUBLE_EQ(result->utilization, 2.0 * 4 * 4 / (static_cast<double>(result->cycles) * 16));
}

TEST(LayerRun, RefusesOperandsThatDoNotFit) {
  const Design core = design();
  std::mt19937 random(4);
  const QuantizedTensor w = random_weights(8, 8, 4, random);
  const QuantizedActivations x = random_activations(2, 8, random);
  EXPECT_TRUE(check_operands(core.config, w, x));
  QuantizedActivations narrow = x;
  narrow.bits = 4;
  EXPECT_NE(check_operands(core.config, w, narrow).error().find("act_bits 8"), std::string::npos);
  const QuantizedActivations longer = random_activations(2, 9, random);
  EXPECT_NE(check_operands(core.config, w, longer).error().find("[2][9]"), std::string::npos);
}

}  // namespace
}  // namespace msq::tb
