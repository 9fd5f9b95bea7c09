#include "model/cycles.hpp"

#include <gtest/gtest.h>

#include <string>

#include "gen/config/load.hpp"

namespace msq::model {
namespace {

Hardware hardware(const std::string& config) {
  Hardware h;
  h.config = *parse_config(config, "test");
  return h;
}

Hardware plain8() { return hardware(R"({"rows": 8, "cols": 8, "outlier_path": "none"})"); }

void expect_sum(const CyclePrediction& p) {
  EXPECT_EQ(p.launches + p.stall_weights + p.stall_activations + p.stall_schedule + p.stall_output + p.drain,
            p.cycles);
}

TEST(Cycles, Cut) {
  Hardware h = plain8();
  h.activation_words = 20;
  const Cut c = cut(h, {.m = 50, .k = 30, .n = 40, .mode = 2});
  EXPECT_EQ(c.k_tiles, 4);
  EXPECT_EQ(c.columns, 16);
  EXPECT_EQ(c.column_tiles, 3);
  EXPECT_EQ(c.tokens, 5);  // 20 words / 4
  EXPECT_EQ(c.passes, 10);
  EXPECT_EQ(c.last_tokens, 5);
}

/// One tile, one token, 8x8 plain, mode 4. Weights: header, scales (8 columns x 8 bits in 32-bit beats) 2,
/// references 2, then rows in cycles 5..12; loaded and launched in 13. The activation's scale and word are
/// there long before. Latency 8 + 0 + 2 + 1 = 11, accumulation 2, then 128 / 16 = 8 beats of outputs.
TEST(Cycles, OneTile) {
  const Hardware h = plain8();
  const LayerShape shape{.m = 1, .k = 8, .n = 8, .mode = 4};
  const auto p = predict(h, shape, random_patterns(1, 8, 1, 0, 1));
  EXPECT_EQ(p.weight_beats, 1 + 2 + 2 + 8);
  EXPECT_EQ(p.stall_weights, 13);
  EXPECT_EQ(p.launches, 1);
  EXPECT_EQ(p.drain, 11 + 2 + 8);
  EXPECT_EQ(p.cycles, 13 + 1 + 21);
  EXPECT_EQ(p.activation_beats, 2);
  EXPECT_EQ(p.activation_bytes, 1 + 8);
  EXPECT_EQ(p.output_bytes, 4 * 128);
  EXPECT_STREQ(p.binds(), "drain");
  expect_sum(p);
}

/// Two K tiles of one token: the second has a header and 8 rows. Its row 0 is free 2 cycles after the launch
/// of the first (13 -> 15), as the header is past then; loaded and launched 8 cycles later.
TEST(Cycles, SecondTileFollowsTheFirst) {
  const Hardware h = plain8();
  const auto p = predict(h, {.m = 1, .k = 16, .n = 8, .mode = 4}, random_patterns(2, 8, 1, 0, 1));
  EXPECT_EQ(p.stall_weights, 13 + (23 - 13 - 1));
  EXPECT_EQ(p.cycles, 23 + 1 + 21);
  expect_sum(p);
}

/// With few outliers a layer costs what the core alone costs, once streams are not the limit.
TEST(Cycles, LongPassesAreLaunchBound) {
  const Hardware h = plain8();
  const LayerShape shape{.m = 128, .k = 64, .n = 128, .mode = 4};
  const auto p = predict(h, shape, random_patterns(8 * 16, 8, 1, 0, 1));
  EXPECT_EQ(p.launches, 128 * 128);
  EXPECT_STREQ(p.binds(), "array");
  // Scales come first (128 bytes), later nothing stalls; one block of 128 columns, drained at the end.
  EXPECT_EQ(p.stall_activations, p.cycles - p.launches - p.drain - p.stall_weights);
  EXPECT_GT(p.utilization(h, shape), 0.85);
  expect_sum(p);
}

TEST(Cycles, IntervalsStall) {
  const Hardware h = hardware(R"({"rows": 8, "cols": 8})");
  const LayerShape shape{.m = 100, .k = 8, .n = 8, .mode = 4};
  const auto p = predict(h, shape, random_patterns(1, 8, 1, 1, 1));  // all 8 rows flagged: II = 8
  EXPECT_EQ(p.stall_schedule, 99 * 7);
  EXPECT_EQ(p.recon_accesses, 800);
  EXPECT_EQ(p.recon_waits, 99 * 8);
  // Order beats: (2 * 3 - 1) * 8 / 2 = 20 bits; metadata: 2 fields * 8 + 8 entries * 32 bits (8 + 24).
  EXPECT_EQ(p.weight_beats, 1 + 1 + 2 + 2 + 8 + (16 + 256 + 31) / 32);
  expect_sum(p);
}

TEST(Cycles, SlowStreamsStall) {
  Hardware h = plain8();
  const LayerShape shape{.m = 32, .k = 64, .n = 256, .mode = 4};
  const auto patterns = random_patterns(8 * 32, 8, 1, 0, 1);
  const auto fast = predict(h, shape, patterns);
  h.weight_rate = 0.1;
  const auto weights = predict(h, shape, patterns);
  EXPECT_STREQ(weights.binds(), "weights");
  EXPECT_GE(weights.cycles, weights.weight_beats * 10);
  h.weight_rate = 1;
  h.activation_rate = 0.01;
  const auto activations = predict(h, shape, patterns);
  EXPECT_GT(activations.stall_activations, activations.activation_beats * 90);
  h.activation_rate = 1;
  h.output_rate = 0.05;
  const auto outputs = predict(h, shape, patterns);
  EXPECT_GT(outputs.cycles, fast.cycles);
  EXPECT_GE(outputs.cycles, outputs.output_beats * 20);
  for (const auto& p : {fast, weights, activations, outputs}) expect_sum(p);
}

/// A third block may start only when the first has left.
TEST(Cycles, OutputsHoldBlocksBack) {
  Hardware h = plain8();
  h.output_rate = 0.01;
  const LayerShape shape{.m = 8, .k = 8, .n = 384, .mode = 4};
  const auto p = predict(h, shape, random_patterns(48, 8, 1, 0, 1));
  EXPECT_GT(p.stall_output, 5000);
  expect_sum(p);
}

TEST(Cycles, ExtrapolationIsNearTheWhole) {
  Hardware h = hardware(R"({"rows": 8, "cols": 8})");
  h.tokens_max = 4;
  const LayerShape shape{.m = 50, .k = 512, .n = 128 * 80, .mode = 4};
  const Cut c = cut(h, shape);
  const auto whole = predict(h, shape, random_patterns(static_cast<int>(c.tiles()), 8, 1, 0.05, 7));
  const auto part = predict_random(h, shape, 0.05, 7);
  EXPECT_TRUE(whole.exact);
  EXPECT_FALSE(part.exact);
  EXPECT_EQ(part.tiles, whole.tiles);
  EXPECT_EQ(part.launches, whole.launches);
  EXPECT_NEAR(static_cast<double>(part.cycles) / static_cast<double>(whole.cycles), 1, 0.005);
  EXPECT_NEAR(static_cast<double>(part.weight_bytes) / static_cast<double>(whole.weight_bytes), 1, 0.005);
}

TEST(Cycles, Validate) {
  Hardware h = plain8();
  const LayerShape good{.m = 1, .k = 8, .n = 8, .mode = 4};
  EXPECT_TRUE(validate(h, good));
  EXPECT_FALSE(validate(h, {.m = 0, .k = 8, .n = 8, .mode = 4}));
  EXPECT_FALSE(validate(h, {.m = 1, .k = 8, .n = 8, .mode = 3}));
  h.activation_words = 4;
  const auto large = validate(h, {.m = 1, .k = 33, .n = 8, .mode = 4});
  ASSERT_FALSE(large);
  EXPECT_NE(large.error().find("found 33; allowed: 1 to 32"), std::string::npos) << large.error();
  h.weight_rate = 0;
  EXPECT_FALSE(validate(h, good));
}

}  // namespace
}  // namespace msq::model
