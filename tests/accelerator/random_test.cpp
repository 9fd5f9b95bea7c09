// Random GEMMs of any shape through the ports of the whole accelerator, bit-exact.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "golden/encoding/encoding.hpp"
#include "golden/exec/alignment.hpp"
#include "tb/host/operands.hpp"
#include "tests/accelerator/fixture.hpp"
#include "tests/accelerator/random_job.hpp"
#include "tests/coverage/coverage_run.hpp"

namespace msq::tests {
namespace {

class RandomJobs : public testing::TestWithParam<const char*> {};

TEST_P(RandomJobs, OutputsAreBitExact) {
  Bench bench(GetParam());
  // A job of a large array takes seconds, and finds little that one of a small array does not.
  const bool large = bench.config.rows * bench.config.cols >= 128;
  const int usual = large ? 12 : 40;
  const int jobs = coverage_directory() ? 20 : std::getenv("MSQ_FULL") != nullptr ? 10 * usual : usual;
  const Tally tally = run_random(bench, jobs, 1);
  EXPECT_EQ(tally.jobs, jobs);
  EXPECT_GT(tally.outputs, 0);
  RecordProperty("outputs", std::to_string(tally.outputs));
}

class RandomJobsOfBlocks : public testing::TestWithParam<const char*> {};

/// Designs with multiplier blocks and small memories for FPGAs: the same outputs in the same cycles.
TEST_P(RandomJobsOfBlocks, OutputsAreBitExact) {
  Bench bench(GetParam(), 1, tb::Flavour::dsp);
  const int jobs = std::getenv("MSQ_FULL") != nullptr ? 200 : 20;
  const Tally tally = run_random(bench, jobs, 1);
  EXPECT_EQ(tally.jobs, jobs);
  EXPECT_GT(tally.outputs, 0);
}

INSTANTIATE_TEST_SUITE_P(Accelerator, RandomJobsOfBlocks,
                         testing::Values("top-inline-8x8", "top-inline-4x4-row-shifts", "top-none-4x4"),
                         by_config);

/// A tensor whose every outlier is the largest there is and adds up in column 0, over as many tiles along K
/// as there may be, all except the first as far up as alignment goes.
golden::QuantizedTensor largest_weights(const Config& config, bool negative) {
  golden::QuantizedTensor t;
  t.format = tb::array_format(config, 4);
  t.outlier_shift_max = config.largest_shift();
  t.k = static_cast<std::int64_t>(config.rows) * golden::kMaxTilesAlongK;
  t.n = 1;
  // Every encoding has the negative one of the largest magnitude; `paper` also the positive one.
  const bool mirrored = t.format.encoding == golden::Encoding::paper && !negative;
  const int largest = golden::outlier_max(t.format);
  const golden::Halves halves = golden::outlier_halves(t.format, mirrored ? largest : -largest);
  t.codes.assign(static_cast<std::size_t>(t.k * t.n_padded()), 0);
  t.blocks.resize(static_cast<std::size_t>(t.k));
  for (std::int64_t k = 0; k < t.k; ++k) {
    t.codes[static_cast<std::size_t>(k * t.n_padded())] = halves.upper;
    t.codes[static_cast<std::size_t>(k * t.n_padded() + 1)] = halves.lower;
    t.blocks[static_cast<std::size_t>(k)] = {static_cast<std::uint8_t>(config.largest_shift()), {{0, 1}}};
  }
  t.scales.assign(static_cast<std::size_t>(t.groups()), golden::kWeightSpread);
  t.scales[0] = 0;
  if (golden::factor_bits(t.format) > 0) {
    const int factor = (2 << t.format.scale_mantissa_bits) - 1;
    t.factors.assign(t.scales.size(), static_cast<std::int8_t>(negative ? factor : -factor));
  }
  return t;
}

class LargestPasses : public testing::TestWithParam<const char*> {};

/// As many tokens as a pass may have, as many tiles along K as then fit the activation buffer, and more
/// columns than a block of outputs has.
TEST_P(LargestPasses, OutputsAreBitExact) {
  Bench bench(GetParam());
  const Config& c = bench.config;
  RandomJob random(c, 31);
  const std::int64_t k = std::int64_t{c.rows} * c.top.act_words / c.pass_tokens();
  const std::int64_t m = std::int64_t{2} * c.pass_tokens();
  Tally tally;
  for (const int bits : {2, 4}) {
    const std::vector parts = {random.tensor(k, bits == 2 ? 290 : 33, bits, golden::Axis::reduction)};
    const auto x = random.activations(m, k, 32);
    const auto job = tb::make_job(c, parts, x, tb::OutputFormat::mx8, c.pass_tokens());
    ASSERT_TRUE(job) << job.error();
    EXPECT_EQ(job->passes(), 2);
    run_and_compare(bench, parts, x, *job, {}, std::to_string(bits) + " bits", tally);
  }
  EXPECT_EQ(tally.jobs, 2);
}

INSTANTIATE_TEST_SUITE_P(Accelerator, LargestPasses,
                         testing::Values("top-recon-4x4", "top-none-4x4", "top-inline-4x4",
                                         "top-recon-4x4-full-range", "top-inline-8x8", "top-recon-8x8",
                                         "top-none-32x4"),
                         by_config);

class LargestDepths : public testing::TestWithParam<const char*> {};

/// As many tiles along K as there may be, and as fit the activation buffer with one token; and a block of
/// activations less.
TEST_P(LargestDepths, OutputsAreBitExact) {
  Bench bench(GetParam());
  const Config& c = bench.config;
  RandomJob random(c, 37);
  const std::int64_t most = std::int64_t{c.rows} * std::min<int>(golden::kMaxTilesAlongK, c.top.act_words);
  Tally tally;
  for (const int bits : {2, 4}) {
    for (const std::int64_t k : {most, most - 32}) {
      const std::vector parts = {random.tensor(k, 1, bits, golden::Axis::reduction)};
      const auto x = random.activations(1, k, 32);
      const auto job = tb::make_job(c, parts, x, tb::OutputFormat::raw);
      ASSERT_TRUE(job) << job.error();
      run_and_compare(bench, parts, x, *job, {}, fmt::format("{} bits, K {}", bits, k), tally);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_EQ(tally.jobs, 4);
}

INSTANTIATE_TEST_SUITE_P(Accelerator, LargestDepths,
                         testing::Values("top-recon-4x4", "top-none-4x4", "top-inline-4x4", "top-none-32x4",
                                         "top-inline-16x4-eight-rows"),
                         by_config);

/// A random tensor with outliers, both halves of each the sign alone: minus zero, or in two's complement the
/// least number.
golden::QuantizedTensor lone_signs(const Config& config, int bits) {
  for (std::uint32_t seed = 1;; ++seed) {
    golden::QuantizedTensor t = RandomJob(config, seed).tensor(40, 20, bits, golden::Axis::reduction);
    bool any = false;
    for (std::size_t block = 0; block < t.blocks.size(); ++block) {
      const std::size_t first = block * static_cast<std::size_t>(t.format.micro_block);
      for (const golden::OutlierPair& pair : t.blocks[block].pairs) {
        for (const int place : {pair.upper, pair.lower})
          t.codes[first + static_cast<std::size_t>(place)] = static_cast<std::uint8_t>(t.format.sign_mask());
        any = true;
      }
    }
    if (any) return t;
  }
}

class LoneSigns : public testing::TestWithParam<const char*> {};

TEST_P(LoneSigns, OutputsAreBitExact) {
  Bench bench(GetParam());
  Tally tally;
  for (const int bits : {2, 4}) {
    const std::vector parts = {lone_signs(bench.config, bits)};
    const auto x = RandomJob(bench.config, 41).activations(5, parts[0].k, 32);
    const auto job = tb::make_job(bench.config, parts, x, tb::OutputFormat::raw);
    ASSERT_TRUE(job) << job.error();
    run_and_compare(bench, parts, x, *job, {}, fmt::format("{} bits", bits), tally);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(tally.jobs, 2);
}

INSTANTIATE_TEST_SUITE_P(Accelerator, LoneSigns,
                         testing::Values("top-recon-4x4", "top-inline-4x4", "top-recon-4x4-full-range",
                                         "top-inline-8x8-full-range-one-outlier"),
                         by_config);

class OutputScales : public testing::TestWithParam<const char*> {};

/// Weights and activations of every magnitude: the shared exponents of MX outputs reach both ends of their
/// range and are clamped beyond.
TEST_P(OutputScales, OverTheirWholeRange) {
  Bench bench(GetParam());
  Tally tally;
  std::uint32_t seed = 1;
  for (const int weights : {-64, -40, -1, 30, 63}) {
    for (const int activations : {-127, -90, -60, -30, 0, 40, 80, 127}) {
      RandomJob random(bench.config, seed++);
      std::vector parts = {random.tensor(16, 20, seed % 2 == 0 ? 2 : 4, golden::Axis::reduction)};
      std::fill(parts[0].scales.begin(), parts[0].scales.end(), static_cast<std::int8_t>(weights));
      auto x = random.activations(3, 16, 32);
      std::fill(x.scales.begin(), x.scales.end(), static_cast<std::int8_t>(activations));
      for (const auto format : {tb::OutputFormat::mx8, tb::OutputFormat::mx4}) {
        const auto job = tb::make_job(bench.config, parts, x, format);
        ASSERT_TRUE(job) << job.error();
        run_and_compare(bench, parts, x, *job, {}, fmt::format("scales {} and {}", weights, activations),
                        tally);
        if (HasFatalFailure()) return;
      }
    }
  }
  EXPECT_EQ(tally.jobs, 80);
}

/// A packet for one column more than the job has, in the same groups of outputs: whatever its sums and scales
/// are, nothing of it is to be seen, neither in its own place nor in the scale of the others.
TEST_P(OutputScales, WhatLiesBeyondNDoesNotCount) {
  Bench bench(GetParam());
  Tally tally;
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    RandomJob random(bench.config, seed);
    std::vector wide = {random.tensor(16, 16, seed % 2 == 0 ? 2 : 4, golden::Axis::reduction)};
    const int most = golden::qmax(wide[0].format);
    for (std::uint8_t& code : wide[0].codes)
      code = golden::inlier_code(wide[0].format, random.between(-most, most));
    std::fill(wide[0].blocks.begin(), wide[0].blocks.end(), golden::MicroBlock{});
    std::fill(wide[0].scales.begin(), wide[0].scales.end(), std::int8_t{-40});
    wide[0].scales.back() = static_cast<std::int8_t>(random.between(-60, 60));
    std::vector narrow = wide;
    narrow[0].n = 15;
    narrow[0].scales.pop_back();
    for (std::size_t row = 0; row < 16; ++row) narrow[0].codes[16 * row + 15] = 0;
    const auto x = random.activations(6, 16, 32);
    for (const auto format :
         {tb::OutputFormat::raw, tb::OutputFormat::fp32, tb::OutputFormat::mx8, tb::OutputFormat::mx4}) {
      auto job = tb::make_job(bench.config, wide, x, format);
      ASSERT_TRUE(job) << job.error();
      job->n = 15;
      run_and_compare(bench, narrow, x, *job, {}, fmt::format("seed {}", seed), tally);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_EQ(tally.jobs, 24);
}

INSTANTIATE_TEST_SUITE_P(Accelerator, OutputScales, testing::Values("top-recon-8x8", "top-inline-4x4"),
                         by_config);

class LargestSums : public testing::TestWithParam<const char*> {};

TEST_P(LargestSums, FitTheAccumulators) {
  Bench bench(GetParam());
  for (const bool negative : {false, true}) {
    const std::vector parts = {largest_weights(bench.config, negative)};
    golden::QuantizedActivations x{8, 128, 1, parts[0].k, {}, {}};
    x.values.assign(static_cast<std::size_t>(x.k), 127);
    x.scales.assign(static_cast<std::size_t>(x.groups()), golden::kActivationSpread);
    x.scales[0] = 0;
    const auto result = tb::golden_result(bench.config, parts, x);
    ASSERT_TRUE(result) << result.error();
    // No more than half of the range is left unused: the width is no larger than needed.
    const std::int64_t most = std::int64_t{1} << (bench.design.dimensions.out_acc_bits - 1);
    EXPECT_GT(std::abs(result->at(0, 0)), most / 4);
    EXPECT_EQ(result->at(0, 0) < 0, negative);
    const auto job = tb::make_job(bench.config, parts, x, tb::OutputFormat::raw);
    ASSERT_TRUE(job) << job.error();
    Tally tally;
    run_and_compare(bench, parts, x, *job, {}, negative ? "negative" : "positive", tally);
    EXPECT_EQ(tally.jobs, 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Accelerator, LargestSums,
                         testing::Values("top-recon-8x8-many-words", "top-recon-8x8-full-range-many-words"),
                         by_config);

constexpr const char* kConfigs[] = {
    "top-recon-4x4",
    "top-none-4x4",
    "top-recon-8x8",
    "top-recon-4x64",
    "top-none-4x128",
    "top-recon-8x4-mode4",
    "top-recon-4x8-mode2",
    "top-recon-16x16-block-16",
    "top-recon-4x8-act4",
    "top-recon-4x4-full-range",
    "top-recon-8x8-full-range-one-outlier",
    "top-none-8x8-full-range",
    "top-recon-8x4-full-range-mode4",
    "top-recon-4x8-full-range-mode2",
    "top-recon-16x16-full-range",
    "top-recon-8x8-two-outliers",
    "top-recon-8x8-row-shifts",
    "top-inline-4x4",
    "top-inline-4x4-row-shifts",
    "top-inline-8x8",
    "top-inline-16x16-row-shifts",
    "top-inline-8x8-full-range-one-outlier",
    "top-none-8x8-trees-of-2",
    "top-none-32x4",
    "top-inline-8x8-two-rows",
    "top-inline-16x8-four-rows",
    "top-inline-16x4-eight-rows",
    "top-none-32x4-eight-rows",
    "top-recon-4x4-one-lane",
    "hx8k",
};

INSTANTIATE_TEST_SUITE_P(Accelerator, RandomJobs, testing::ValuesIn(kConfigs), by_config);

}  // namespace
}  // namespace msq::tests
