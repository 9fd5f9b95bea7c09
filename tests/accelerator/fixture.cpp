#include "tests/accelerator/fixture.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

#include "tests/accelerator/compare.hpp"
#include "tests/accelerator/random_job.hpp"
#include "tests/coverage/coverage_run.hpp"

namespace msq::tests {
namespace {

tb::Model build_and_open(const Design& design, unsigned seed, tb::Flavour flavour) {
  auto build = build_bench_model(design, flavour);
  if (!build) throw std::runtime_error(build.error());
  auto model = tb::Model::open(build->library, seed);
  if (!model) throw std::runtime_error(model.error());
  return std::move(*model);
}

}  // namespace

Bench::Bench(const std::string& name, unsigned seed, tb::Flavour flavour)
    : Bench(test_config(name), seed, flavour) {}

Bench::Bench(const Config& configuration, unsigned seed, tb::Flavour flavour)
    : config(configuration),
      design(build_accelerator(config)),
      accelerator(build_and_open(design, seed, flavour), design, seed) {}

Bench::~Bench() { save_coverage(accelerator.model(), design); }

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
  EXPECT_EQ(counter_problem(*result, job), "") << where;
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
