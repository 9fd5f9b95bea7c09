#include "model/cycles.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "tests/support/configs.hpp"

namespace msq::model {
namespace {

Hardware hardware(const std::string& config) {
  return {tests::test_config(config), {}, tb::OutputFormat::fp32};
}

Hardware plain8() { return hardware("none-8x8"); }

void expect_sum(const CyclePrediction& p) {
  EXPECT_EQ(p.launches + p.stall_weights + p.stall_activations + p.stall_schedule + p.stall_output + p.drain,
            p.cycles);
}

TEST(Cycles, Cut) {
  Hardware h = plain8();
  h.config.top.tokens = 16;
  h.config.top.act_words = 16;
  const Cut c = cut(h, {.m = 50, .k = 30, .n = 40, .mode = 2});
  EXPECT_EQ(c.rows, 16);
  EXPECT_EQ(c.k_tiles, 2);
  EXPECT_EQ(c.columns, 8);
  EXPECT_EQ(c.column_tiles, 5);
  EXPECT_EQ(c.tokens, 4);  // 16 words / 4
  EXPECT_EQ(c.passes, 13);
  EXPECT_EQ(c.last_tokens, 2);
  EXPECT_THROW(static_cast<void>(cut(h, {.m = 1, .k = 8 * 17, .n = 1, .mode = 2})), std::logic_error);
}

TEST(Cycles, Refusals) {
  Hardware h = plain8();
  const auto error = [&](LayerShape shape) { return validate(h, shape) ? "" : validate(h, shape).error(); };
  EXPECT_EQ(error({.m = 1, .k = 8, .n = 8, .mode = 4}), "");
  EXPECT_EQ(error({.m = 0, .k = 8, .n = 8, .mode = 4}), "tokens: found 0; allowed: 1 or more");
  EXPECT_EQ(error({.m = 1, .k = 0, .n = 8, .mode = 4}), "k: found 0; allowed: 1 or more");
  EXPECT_EQ(error({.m = 1, .k = 8, .n = 0, .mode = 4}), "n: found 0; allowed: 1 or more");
  EXPECT_NE(error({.m = 1, .k = 8, .n = 8, .mode = 3}).find("mode: found 3; allowed: 2, 4"),
            std::string::npos);
  EXPECT_NE(error({.m = 1, .k = 8193, .n = 8, .mode = 4}).find("1 to 8192"), std::string::npos);
  h.rates.outputs = 0;
  EXPECT_NE(error({.m = 1, .k = 8, .n = 8, .mode = 4}).find("beats per cycle: found 0"), std::string::npos);
}

/// One tile, one token, 8x8 plain, mode 4. Weights: header, references and scales (8 columns of 8 bits in
/// beats of 32) 2 beats each, then 8 rows. The sums come 8 + 2 + 1 = 11 cycles after the launch, 2 more to
/// the drain, 3 through it, 1 to the port; 8 outputs are four groups of two.
TEST(Cycles, OneTile) {
  const Hardware h = plain8();
  const LayerShape shape{.m = 1, .k = 8, .n = 8, .mode = 4};
  const auto p = predict(h, shape, random_patterns(1, 8, 1, 0, 1));
  EXPECT_EQ(p.weight_beats, 2 + 2 + 2 + 8);
  EXPECT_EQ(p.activation_beats, 2);
  EXPECT_EQ(p.output_beats, 4);
  EXPECT_EQ(p.weight_bytes, 14 * 4);
  EXPECT_EQ(p.activation_bytes, 2 * 8);
  EXPECT_EQ(p.output_bytes, 4 * 8);
  EXPECT_EQ(p.launches, 1);
  EXPECT_EQ(p.drain, 11 + 3 + 6 + 1 + 3);
  EXPECT_TRUE(p.exact);
  expect_sum(p);
}

/// Two K tiles of one token: a tile of one token takes ROWS cycles.
TEST(Cycles, SecondTileFollowsTheFirst) {
  const Hardware h = plain8();
  const auto one = predict(h, {.m = 1, .k = 8, .n = 8, .mode = 4}, random_patterns(1, 8, 1, 0, 1));
  const auto two = predict(h, {.m = 1, .k = 16, .n = 8, .mode = 4}, random_patterns(2, 8, 1, 0, 1));
  EXPECT_EQ(two.cycles - one.cycles, 8);
  expect_sum(two);
}

TEST(Cycles, LongPassesAreLaunchBound) {
  const Hardware h = plain8();
  const LayerShape shape{.m = 128, .k = 64, .n = 128, .mode = 4};
  const auto p = predict(h, shape, random_patterns(8 * 16, 8, 1, 0, 1));
  EXPECT_EQ(p.launches, 128 * 128);
  EXPECT_STREQ(p.binds(), "array");
  // The scales, a byte a cycle, and the first word, less what the first tile's sections take.
  EXPECT_EQ(p.stall_activations, 28);
  EXPECT_GT(p.utilization(h, shape), 0.93);
  expect_sum(p);
}

TEST(Cycles, IntervalsStall) {
  Hardware h = hardware("recon-8x8");
  h.config.top.tokens = 128;  // one pass
  const LayerShape shape{.m = 100, .k = 16, .n = 16, .mode = 2};
  auto patterns = random_patterns(2, 8, 2, 0, 1);
  for (int row = 0; row < 3; ++row) patterns[0].set(row, 1, true);
  const auto p = predict(h, shape, patterns);
  EXPECT_EQ(p.recon_accesses, 300);
  EXPECT_GE(p.stall_schedule, 99 * 2);
  EXPECT_EQ(p.recon_waits, 3 * 99);
  expect_sum(p);
  // Header, two descriptions, references, scales, three entries of 16 bits, codes.
  EXPECT_EQ(p.weight_beats, 2 + 2 + 4 + 4 + 2 + 2 * 8);
}

TEST(Cycles, SlowPortsBind) {
  Hardware h = plain8();
  const LayerShape shape{.m = 4, .k = 64, .n = 64, .mode = 2};
  const auto patterns = random_patterns(8 * 4, 8, 2, 0, 1);
  const auto quick = predict(h, shape, patterns);
  h.rates.weights = 0.25;
  const auto slow = predict(h, shape, patterns);
  EXPECT_STREQ(slow.binds(), "weights");
  EXPECT_GT(slow.cycles, 2 * quick.cycles);
  EXPECT_EQ(slow.weight_beats, quick.weight_beats);
}

TEST(Cycles, LargeLayersAreExtrapolated) {
  const Hardware h = hardware("recon-8x8");
  const auto small = predict_random(h, {.m = 1, .k = 2048, .n = 2048, .mode = 2}, 0.1, 3);
  EXPECT_TRUE(small.exact);
  const auto large = predict_random(h, {.m = 1, .k = 2048, .n = 2048 * 8, .mode = 2}, 0.1, 3);
  EXPECT_FALSE(large.exact);
  EXPECT_EQ(large.tiles, 8 * small.tiles);
  EXPECT_NEAR(static_cast<double>(large.cycles), 8.0 * static_cast<double>(small.cycles),
              0.01 * 8.0 * static_cast<double>(small.cycles));
  expect_sum(large);
}

}  // namespace
}  // namespace msq::model
