// The cycle model against the counters of the hardware.

#include "model/timeline.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "gen/config/load.hpp"
#include "model/cycles.hpp"
#include "tb/host/array_sizes.hpp"
#include "tests/accelerator/fixture.hpp"
#include "tests/accelerator/random_job.hpp"

namespace msq::tests {
namespace {

constexpr const char* kConfigs[] = {"top-recon-4x4",
                                    "top-none-4x4",
                                    "top-recon-8x8",
                                    "top-recon-8x4-mode4",
                                    "top-recon-4x8-mode2",
                                    "top-recon-16x16-block-16",
                                    "top-recon-4x8-act4",
                                    "top-inline-4x4",
                                    "top-inline-8x8",
                                    "top-recon-8x8-row-shifts",
                                    "top-inline-16x16-row-shifts",
                                    "top-none-8x8-trees-of-2",
                                    "top-recon-8x8-full-range-one-outlier",
                                    "top-recon-4x8-full-range-mode2",
                                    "top-inline-8x8-full-range-one-outlier",
                                    "top-inline-8x8-two-rows",
                                    "top-inline-16x8-four-rows",
                                    "top-inline-16x4-eight-rows",
                                    "top-none-32x4-eight-rows",
                                    "top-recon-4x4-one-lane",
                                    "hx8k"};

struct Difference {
  long cases = 0, exact = 0;
  double worst = 0;
};

struct Shape {
  std::int64_t m, k, n;
};

void compare(Bench& bench, RandomJob& random, const Shape& shape, tb::OutputFormat format,
             int tokens_per_pass, bool full_rate, const std::string& label, Difference& total) {
  const Config& c = bench.config;
  const auto& [m, k, n] = shape;
  const auto parts = random.parts(k, n, golden::Axis::reduction);
  const auto x = random.activations(m, k, 64);
  const auto job = tb::make_job(c, parts, x, format, tokens_per_pass);
  ASSERT_TRUE(job) << job.error();
  tb::AcceleratorTraffic traffic;
  if (!full_rate) {
    traffic.weights.beats_per_cycle = random.between(10, 100) / 100.0;
    traffic.activations.beats_per_cycle = random.between(10, 100) / 100.0;
    traffic.outputs.beats_per_cycle = random.between(10, 100) / 100.0;
  }
  const auto result = bench.accelerator.run(*job, traffic);
  ASSERT_TRUE(result) << result.error();
  ASSERT_TRUE(result->done);
  const model::Timeline predicted =
      model::predict(bench.design.dimensions, model::gemm_plan(*job), job->tiles,
                     {traffic.weights.beats_per_cycle, traffic.activations.beats_per_cycle,
                      traffic.outputs.beats_per_cycle});
  const auto count = [&](const char* name) { return static_cast<std::int64_t>(result->counters.at(name)); };
  const std::string where =
      fmt::format("{} {}: M {} K {} N {}, {} tokens per pass, format {}, rates {} {} {}", c.name, label, m, k,
                  n, job->tokens_per_pass, static_cast<int>(format), traffic.weights.beats_per_cycle,
                  traffic.activations.beats_per_cycle, traffic.outputs.beats_per_cycle);
  EXPECT_EQ(predicted.tokens, count("tokens")) << where;
  EXPECT_EQ(predicted.tiles, count("tiles")) << where;
  EXPECT_EQ(predicted.recon_accesses, count("recon_accesses")) << where;
  const double off = std::abs(static_cast<double>(predicted.cycles - count("cycles"))) /
                     static_cast<double>(count("cycles"));
  if (full_rate) {
    // Ports that never stall leave nothing to guess: every counter is met.
    EXPECT_EQ(predicted.cycles, count("cycles")) << where;
    EXPECT_EQ(predicted.wait_weight, count("wait_weight")) << where;
    EXPECT_EQ(predicted.wait_activation, count("wait_activation")) << where;
    EXPECT_EQ(predicted.wait_output, count("wait_output")) << where;
    EXPECT_EQ(predicted.wait_schedule, count("wait_schedule")) << where;
    EXPECT_EQ(predicted.recon_waits, count("recon_waits")) << where;
    std::int64_t beats = 0;
    for (const tb::Packet& packet : job->weights) beats += static_cast<std::int64_t>(packet.beats());
    EXPECT_EQ(predicted.weight_beats, beats) << where;
    beats = 0;
    for (const tb::Packet& packet : job->activations) beats += static_cast<std::int64_t>(packet.beats());
    EXPECT_EQ(predicted.activation_beats, beats) << where;
    beats = 0;
    for (const tb::Packet& packet : result->outputs) beats += static_cast<std::int64_t>(packet.beats());
    EXPECT_EQ(predicted.output_beats, beats) << where;
  }
  EXPECT_LT(off, 0.01) << where << ": predicted " << predicted.cycles << ", counted " << count("cycles");
  if (std::getenv("MSQ_SHOW") != nullptr) {
    fmt::print("{}: cycles {} {} weight {} {} act {} {} out {} {} sched {} {} waits {} {}\n", where,
               predicted.cycles, count("cycles"), predicted.wait_weight, count("wait_weight"),
               predicted.wait_activation, count("wait_activation"), predicted.wait_output,
               count("wait_output"), predicted.wait_schedule, count("wait_schedule"), predicted.recon_waits,
               count("recon_waits"));
  }
  ++total.cases;
  total.exact += predicted.cycles == count("cycles") ? 1 : 0;
  total.worst = std::max(total.worst, off);
}

/// A random shape up to `most`.
void compare_random(Bench& bench, std::uint32_t seed, const Shape& most, bool full_rate, Difference& total) {
  RandomJob random(bench.config, seed);
  const Config& c = bench.config;
  const std::int64_t k = random.extent(most.k, c.rows);
  const std::int64_t n = random.extent(most.n, c.lanes());
  const std::int64_t m = random.extent(most.m, c.pass_tokens());
  const auto format = static_cast<tb::OutputFormat>(random.between(0, 3));
  const int fit = std::max(1, tb::tokens_that_fit(bench.design.dimensions, k, 2));
  const int tokens = random.chance(50) ? 0 : random.between(1, fit);
  compare(bench, random, {m, k, n}, format, tokens, full_rate, fmt::format("seed {}", seed), total);
}

class Timelines : public testing::TestWithParam<const char*> {};

TEST_P(Timelines, AgreesWithTheCounters) {
  Bench bench(GetParam());
  const Config& c = bench.config;
  const Shape most{std::int64_t{3} * c.pass_tokens(), std::int64_t{6} * c.rows + 64,
                   std::int64_t{8} * c.lanes()};
  Difference full;
  Difference limited;
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    ASSERT_NO_FATAL_FAILURE(compare_random(bench, seed, most, true, full));
    ASSERT_NO_FATAL_FAILURE(compare_random(bench, 100 + seed, most, false, limited));
  }
  fmt::print("{}: full rate {} of {} exact, worst {:.3f} %; limited {} of {} exact, worst {:.3f} %\n",
             bench.config.name, full.exact, full.cases, 100 * full.worst, limited.exact, limited.cases,
             100 * limited.worst);
  EXPECT_EQ(full.cases + limited.cases, 24);
}

// A tile or two along K and few tokens: outputs leave slower than they come, blocks end the one before the
// other, and between passes of different length the drain runs empty.
TEST_P(Timelines, AgreesWithTheCountersOnSmallJobs) {
  Bench bench(GetParam());
  const Config& c = bench.config;
  const Shape most{std::int64_t{2} * c.pass_tokens(), std::int64_t{2} * c.rows, std::int64_t{5} * c.lanes()};
  Difference full;
  Difference limited;
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    ASSERT_NO_FATAL_FAILURE(compare_random(bench, 1000 + seed, most, true, full));
    ASSERT_NO_FATAL_FAILURE(compare_random(bench, 2000 + seed, most, false, limited));
  }
  EXPECT_EQ(full.exact, full.cases);
  fmt::print("{}: full rate {} of {} exact; limited {} of {} exact, worst {:.3f} %\n", bench.config.name,
             full.exact, full.cases, limited.exact, limited.cases, 100 * limited.worst);
}

// The blocks of the second pass, of one token, leave faster than sums come: each finds the drain with the
// last groups of the block before in it and nothing behind them, and waits with these.
TEST(CycleModel, DrainThatRunsEmpty) {
  Bench bench("top-none-4x4");
  Difference total;
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    for (const std::int64_t n : {12, 40}) {
      RandomJob random(bench.config, seed);
      ASSERT_NO_FATAL_FAILURE(compare(bench, random, {15, 1, n}, tb::OutputFormat::raw, 14, true,
                                      fmt::format("seed {}", seed), total));
    }
  }
  EXPECT_EQ(total.exact, 8);
}

TEST(CycleModel, ManyPassesAreLikeAFew) {
  // With the tiles of one pass given, most passes are not followed.
  Config config;
  config.outlier_path = OutlierPath::recon;
  const Dimensions d{config};
  model::GemmPlan plan;
  plan.n = 40;
  plan.k = 64;
  plan.tiles_k = 8;
  plan.tokens_per_pass = 32;
  plan.m = 32 * 11 + 5;
  tb::StreamTile tile;
  tile.fields = 2;
  tile.flagged.assign(8, false);
  tile.flagged[0] = tile.flagged[1] = true;
  tile.initiation_interval = 2;
  tile.columns = 8;
  plan.tiles_per_pass = 40;
  const std::vector<tb::StreamTile> pass(40, tile);
  const std::vector<tb::StreamTile> all(480, tile);
  const auto few = model::predict(d, plan, pass);
  const auto many = model::predict(d, plan, all);
  EXPECT_EQ(few.cycles, many.cycles);
  EXPECT_EQ(few.tokens, many.tokens);
  EXPECT_EQ(few.wait_schedule, many.wait_schedule);
  EXPECT_EQ(few.weight_beats, many.weight_beats);
  EXPECT_EQ(few.output_beats, many.output_beats);
  EXPECT_THROW(static_cast<void>(model::predict(d, plan, std::span(all).first(50))), std::logic_error);
}

// From where the outliers are alone, the model makes the tiles that the packer makes.
TEST(CycleModel, PlansTheTilesOfThePacker) {
  std::int64_t split = 0;
  for (const char* name : kConfigs) {
    model::Hardware hardware{test_config(name), {}, tb::OutputFormat::fp32};
    RandomJob random(hardware.config, 11);
    const Dimensions d(hardware.config);
    for (const int bits : hardware.config.modes) {
      const std::vector parts = {random.tensor(150, 70, bits, golden::Axis::reduction)};
      for (const std::int64_t m : {std::int64_t{1}, std::int64_t{40}}) {
        const auto x = random.activations(m, 150, 128);
        const auto job = tb::make_job(hardware.config, parts, x, tb::OutputFormat::fp32);
        ASSERT_TRUE(job) << job.error();
        const model::LayerShape shape{.m = m, .k = 150, .n = 70, .mode = bits};
        const auto patterns = model::layer_patterns(tb::array_sizes(d), parts[0], 1 << 20);
        const auto planned =
            model::plan_tiles(hardware, model::cut(hardware, shape), patterns, job->tokens(0));
        // Job and plan are of one pass and of all: tiles split for outlier units are as many in both.
        ASSERT_EQ(planned.size() * static_cast<std::size_t>(job->passes()), job->tiles.size())
            << hardware.config.name;
        split += std::count_if(planned.begin(), planned.end(), [](const auto& t) { return t.more; });
        for (std::size_t i = 0; i < planned.size(); ++i) {
          SCOPED_TRACE(fmt::format("{}, {} bits, tile {}", hardware.config.name, bits, i));
          EXPECT_EQ(planned[i].outliers, job->tiles[i].outliers);
          EXPECT_EQ(planned[i].flagged, job->tiles[i].flagged);
          EXPECT_EQ(planned[i].initiation_interval, job->tiles[i].initiation_interval);
          EXPECT_EQ(planned[i].columns, job->tiles[i].columns);
          EXPECT_EQ(planned[i].edge(), job->tiles[i].edge());
          EXPECT_EQ(planned[i].more, job->tiles[i].more);
          EXPECT_EQ(planned[i].parts.references, job->tiles[i].parts.references);
          EXPECT_EQ(planned[i].parts.scales, job->tiles[i].parts.scales);
          if (i > static_cast<std::size_t>(d.rows) + 4) {
            EXPECT_EQ(planned[i].launch_gap, job->tiles[i].launch_gap);
          }
        }
      }
    }
  }
  EXPECT_GT(split, 0);
}

// Prefill of a square layer: the multipliers are busy, weights load behind the tokens.
TEST(Schedule, PlainPrefillIsNearPeak) {
  Bench bench("top-none-16x16");
  const std::int64_t size = 384;  // the hidden size of MiniLM
  const std::int64_t m = 256;
  RandomJob random(bench.config, 4);
  const auto x = random.activations(m, size, 128);
  for (const int bits : {2, 4}) {
    const std::vector parts = {random.tensor(size, size, bits, golden::Axis::reduction)};
    const auto job = tb::make_job(bench.config, parts, x, tb::OutputFormat::fp32);
    ASSERT_TRUE(job) << job.error();
    const auto result = bench.accelerator.run(*job);
    ASSERT_TRUE(result) << result.error();
    const auto cycles = static_cast<double>(result->counters.at("cycles"));
    const double peak = static_cast<double>(m * size * size) / (16.0 * bench.config.logical_columns(bits));
    const double utilization = peak / cycles;
    fmt::print("mode {}: {} of {} cycles, utilization {:.4f}, waits: weight {}, activation {}, output {}\n",
               bits, cycles, peak, utilization, result->counters.at("wait_weight"),
               result->counters.at("wait_activation"), result->counters.at("wait_output"));
    EXPECT_GE(utilization, 0.95) << bits;
    // Only the first tile is waited for.
    EXPECT_LE(result->counters.at("wait_weight"), 16U + 16U);
    EXPECT_EQ(result->counters.at("wait_schedule"), 0U);
  }
}

// With ReCoN the cycles are those that the schedule predicts, whatever the number of units.
TEST(Schedule, ReconIsAsPredicted) {
  for (const int units : {1, 2, 8}) {
    Config config = test_config("top-recon-8x8");
    config.name = fmt::format("top-recon-8x8-units-{}", units);
    config.recon.units = units;
    config.top.tokens = 64;
    config.top.act_words = 1024;
    Bench bench(config);
    RandomJob random(bench.config, 6);
    const auto x = random.activations(64, 64, 64);
    std::vector<golden::QuantizedTensor> parts;
    // A tensor with some outliers, not with none and not with all.
    do {
      parts = {random.tensor(64, 64, 2, golden::Axis::reduction)};
    } while (std::count_if(parts[0].blocks.begin(), parts[0].blocks.end(),
                           [](const auto& b) { return b.has_outliers(); }) < 8 ||
             std::all_of(parts[0].blocks.begin(), parts[0].blocks.end(),
                         [](const auto& b) { return b.has_outliers(); }));
    const auto job = tb::make_job(bench.config, parts, x, tb::OutputFormat::raw);
    ASSERT_TRUE(job) << job.error();
    const auto result = bench.accelerator.run(*job);
    ASSERT_TRUE(result) << result.error();
    const auto predicted = model::predict(bench.design.dimensions, model::gemm_plan(*job), job->tiles);
    EXPECT_EQ(predicted.cycles, result->counters.at("cycles")) << units;
    EXPECT_EQ(predicted.recon_waits, result->counters.at("recon_waits")) << units;
    EXPECT_EQ(predicted.recon_accesses, result->counters.at("recon_accesses")) << units;
    for (const tb::StreamTile& t : job->tiles)
      EXPECT_EQ(t.initiation_interval, std::max(1, (t.flagged_rows() + units - 1) / units));
    if (units == 8) {
      // A unit for every row: only a row that turns from plain to flagged between two tiles is waited for.
      EXPECT_LE(result->counters.at("wait_schedule"),
                job->tiles.size() * static_cast<std::size_t>(bench.design.dimensions.lead));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Accelerator, Timelines, testing::ValuesIn(kConfigs), by_config);

}  // namespace
}  // namespace msq::tests
