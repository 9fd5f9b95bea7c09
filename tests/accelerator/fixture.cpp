#include "tests/accelerator/fixture.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

#include "gen/config/load.hpp"
#include "tests/accelerator/random_job.hpp"

namespace msq::tests {
namespace {

Config config_of(const std::string& json) {
  auto config = parse_config(json, "test");
  if (!config) throw std::runtime_error(config.error());
  return *config;
}

tb::Model build_and_open(const Design& design, unsigned seed) {
  auto build = tb::build_model(design, tb::Flavour::check, tb::default_model_cache());
  if (!build) throw std::runtime_error(build.error());
  auto model = tb::Model::open(build->library, seed);
  if (!model) throw std::runtime_error(model.error());
  return std::move(*model);
}

/// First place where two packets differ, in words.
std::string difference(const std::vector<tb::Packet>& got, const std::vector<tb::Packet>& expected) {
  if (got.size() != expected.size())
    return fmt::format("{} output packets, expected {}", got.size(), expected.size());
  for (std::size_t p = 0; p < got.size(); ++p) {
    if (got[p].beats() != expected[p].beats())
      return fmt::format("packet {}: {} beats, expected {}", p, got[p].beats(), expected[p].beats());
    for (std::size_t w = 0; w < got[p].words.size(); ++w) {
      if (got[p].words[w] == expected[p].words[w]) continue;
      return fmt::format("packet {} of {}, beat {} of {}, word {}: {:#010x}, expected {:#010x}", p,
                         got.size(), w / got[p].words_per_beat(), got[p].beats(), w % got[p].words_per_beat(),
                         got[p].words[w], expected[p].words[w]);
    }
  }
  return {};
}

void check_counters(const tb::AcceleratorResult& result, const tb::AcceleratorJob& job,
                    const std::string& where) {
  const auto count = [&](const char* name) { return static_cast<std::int64_t>(result.counters.at(name)); };
  std::int64_t accesses = 0;
  std::int64_t tokens = 0;
  const auto per_pass = static_cast<std::int64_t>(job.tiles.size()) / job.passes();
  for (std::size_t i = 0; i < job.tiles.size(); ++i) {
    const int in_pass = job.tokens(static_cast<std::int64_t>(i) / per_pass);
    tokens += in_pass;
    accesses += in_pass * job.tiles[i].flagged_rows();
  }
  EXPECT_EQ(count("tiles"), static_cast<std::int64_t>(job.tiles.size())) << where;
  EXPECT_EQ(count("tokens"), tokens) << where;
  EXPECT_EQ(count("recon_accesses"), accesses) << where;
  EXPECT_LE(count("recon_waits"), accesses) << where;
  // Every cycle is used for one thing; the rest is the last tile's way through the array and out.
  EXPECT_LE(tokens + count("wait_output") + count("wait_activation") + count("wait_weight") +
                count("wait_schedule"),
            count("cycles"))
      << where;
}

}  // namespace

Bench::Bench(const std::string& json, unsigned seed)
    : config(config_of(json)),
      design(build_accelerator(config)),
      accelerator(build_and_open(design, seed), design, seed) {}

void run_and_compare(Bench& bench, std::span<const golden::QuantizedTensor> parts,
                     const golden::QuantizedActivations& activations, const tb::AcceleratorJob& job,
                     const tb::AcceleratorTraffic& traffic, const std::string& where, Tally& tally) {
  const auto golden = tb::golden_result(bench.config, parts, activations);
  ASSERT_TRUE(golden) << where << ": " << golden.error();
  const auto expected = tb::expected_outputs(bench.design.dimensions, job, *golden);
  const auto result = bench.accelerator.run(job, traffic);
  ASSERT_TRUE(result) << where << ": " << result.error();
  ASSERT_FALSE(result->error) << where << ": error code " << result->code;
  ASSERT_TRUE(result->done) << where;
  const std::string differs = difference(result->outputs, expected);
  ASSERT_TRUE(differs.empty()) << where << ": " << differs;
  check_counters(*result, job, where);
  ++tally.jobs;
  tally.outputs += job.m * job.n;
}

Tally run_random(Bench& bench, int jobs, std::uint32_t seed) {
  Tally tally;
  const Config& c = bench.config;
  for (int i = 0; i < jobs && !testing::Test::HasFatalFailure(); ++i, ++seed) {
    RandomJob random(c, seed);
    const DrawnJob drawn = random.job(bench.design.dimensions);
    std::int64_t n = 0;
    for (const golden::QuantizedTensor& part : drawn.parts) n += part.n;
    const std::string where =
        fmt::format("{}, seed {}, M {} K {} N {}, format {}", c.name, seed, drawn.activations.m,
                    drawn.activations.k, n, static_cast<int>(drawn.format));
    const auto job = tb::make_job(c, drawn.parts, drawn.activations, drawn.format, drawn.tokens_per_pass);
    EXPECT_TRUE(job) << where << ": " << job.error();
    if (!job) return tally;
    run_and_compare(bench, drawn.parts, drawn.activations, *job, random.traffic(), where, tally);
  }
  return tally;
}

}  // namespace msq::tests
