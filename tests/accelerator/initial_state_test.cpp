// X-safety: registers and memories begin with random values (Verilator --x-initial unique), which must not
// matter; nor must what a reset in the middle of a job leaves behind.

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/accelerator/compare.hpp"
#include "tests/accelerator/fixture.hpp"
#include "tests/accelerator/random_job.hpp"
#include "tests/coverage/coverage_run.hpp"

namespace msq::tests {
namespace {

class InitialState : public testing::TestWithParam<const char*> {};

struct Drawn {
  DrawnJob operands;
  tb::AcceleratorJob job;
  tb::AcceleratorTraffic traffic;
};

Drawn draw(const Bench& bench, std::uint32_t seed) {
  RandomJob random(bench.config, seed);
  Drawn drawn;
  drawn.operands = random.job(bench.design.dimensions);
  drawn.job = *tb::make_job(bench.config, drawn.operands.parts, drawn.operands.activations,
                            drawn.operands.format, drawn.operands.tokens_per_pass);
  drawn.traffic = random.traffic();
  return drawn;
}

TEST_P(InitialState, DoesNotMatter) {
  std::vector<tb::AcceleratorResult> first;
  for (unsigned seed = 1; seed <= 6; ++seed) {
    Bench bench(GetParam(), seed);
    bench.accelerator.seed_stalls(1);
    for (std::uint32_t j = 0; j < 4; ++j) {
      const Drawn drawn = draw(bench, 500 + j);
      auto result = bench.accelerator.run(drawn.job, drawn.traffic);
      ASSERT_TRUE(result) << result.error();
      ASSERT_TRUE(result->done && !result->error);
      if (seed == 1) {
        const auto golden = tb::golden_result(bench.config, drawn.operands.parts, drawn.operands.activations);
        ASSERT_TRUE(golden) << golden.error();
        EXPECT_EQ(
            difference(result->outputs, tb::expected_outputs(bench.design.dimensions, drawn.job, *golden)),
            "");
        first.push_back(std::move(*result));
        continue;
      }
      EXPECT_EQ(difference(result->outputs, first[j].outputs), "") << "initial state " << seed;
      EXPECT_EQ(result->counters, first[j].counters) << "initial state " << seed;
      EXPECT_EQ(result->cycles, first[j].cycles) << "initial state " << seed;
    }
  }
}

TEST_P(InitialState, ResetAndClearInTheMiddle) {
  Bench bench(GetParam(), 7);
  std::mt19937 random(9);
  Tally tally;
  const std::uint32_t rounds = coverage_directory() ? 10 : 40;  // counting is slow
  for (std::uint32_t i = 0; i < rounds && !HasFatalFailure(); ++i) {
    const Drawn broken = draw(bench, 700 + i);
    const auto cycles = std::uniform_int_distribution<std::uint64_t>(0, 1500)(random);
    bench.accelerator.run_cycles(broken.job, cycles, broken.traffic);
    if (i % 2 == 0) {
      bench.accelerator.reset();
    } else {
      bench.accelerator.clear();
    }
    const Drawn next = draw(bench, 800 + i);
    run_and_compare(bench, next.operands.parts, next.operands.activations, next.job, next.traffic,
                    "after " + std::to_string(cycles) + " cycles of job " + std::to_string(700 + i), tally);
  }
  EXPECT_EQ(tally.jobs, static_cast<long>(rounds));
}

/// Flipped bits, packets too short and too long, registers of a wrong shape: every job ends somehow, and
/// after a clear the next one works.
TEST_P(InitialState, DamagedJobsEnd) {
  Bench bench(GetParam(), 5);
  std::mt19937 random(11);
  const auto pick = [&](std::size_t size) {
    return std::uniform_int_distribution<std::size_t>(0, size - 1)(random);
  };
  Tally tally;
  std::set<unsigned> codes;
  const std::uint32_t rounds = coverage_directory() ? 80 : 200;
  for (std::uint32_t i = 0; i < rounds && !HasFatalFailure(); ++i) {
    Drawn drawn = draw(bench, 2000 + i);
    tb::AcceleratorJob& job = drawn.job;
    auto& packets = i % 3 == 0 ? job.activations : job.weights;
    tb::Packet& packet = packets[pick(packets.size())];
    const std::size_t words = packet.words_per_beat();
    const std::size_t kind = pick(7);
    if (kind == 0) packet.words.resize(words * (1 + pick(packet.beats())));
    if (kind == 1) packet.words.resize(packet.words.size() + words * (1 + pick(3)));
    if (kind == 2) packet.words[words * pick(std::min<std::size_t>(packet.beats(), 4))] ^= 1U << pick(32);
    if (kind == 3) job.k = static_cast<std::int64_t>(pick(3)) * 4000;
    // The most negative number, which no activation is.
    if (kind == 4) packet.words[pick(packet.words.size())] = 0x80808080;
    for (std::size_t flips = kind > 4 ? 1 + pick(3) : 0; flips > 0; --flips)
      packet.words[pick(packet.words.size())] ^= 1U << pick(32);
    const auto result = bench.accelerator.run(job, drawn.traffic);
    ASSERT_TRUE(result) << "job " << 2000 + i << ": " << result.error();
    ASSERT_NE(result->done, result->error) << "job " << 2000 + i;
    ASSERT_EQ(result->error, result->code != 0);
    codes.insert(result->code);
    bench.accelerator.clear();
    if (i % 10 != 9) continue;
    const Drawn next = draw(bench, 3000 + i);
    run_and_compare(bench, next.operands.parts, next.operands.activations, next.job, next.traffic,
                    "after damaged job " + std::to_string(2000 + i), tally);
  }
  EXPECT_EQ(tally.jobs, static_cast<long>(rounds / 10));
  EXPECT_GE(codes.size(), 5U);
}

// The same designs as in random_test.cpp, whose models are there.
INSTANTIATE_TEST_SUITE_P(Accelerator, InitialState,
                         testing::Values("top-recon-4x4", "top-inline-4x4", "top-inline-8x8",
                                         "top-recon-4x4-full-range", "top-none-4x4",
                                         "top-inline-16x4-eight-rows"),
                         by_config);

}  // namespace
}  // namespace msq::tests
