// Lists of jobs through the shell, with a memory that answers late, out of rhythm and with errors: every byte
// of outputs and completions, and every rule of AXI4.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "tb/host/activation_packet.hpp"
#include "tb/host/output_packet.hpp"
#include "tests/accelerator/random_job.hpp"
#include "tests/shell/shell_bench.hpp"
#include "tests/support/configs.hpp"

namespace msq::tests {
namespace {

using golden::QuantizedActivations;

struct Variant {
  const char* name;  ///< of the configuration
  ShellConfig shell;
};

std::string variant_name(const testing::TestParamInfo<Variant>& info) {
  const ShellConfig& s = info.param.shell;
  return test_name(fmt::format("{}-{}-bits-bursts-of-{}", info.param.name, s.data_bits, s.burst));
}

Config config_of(const Variant& variant) {
  Config config = test_config(variant.name);
  config.shell = variant.shell;
  return config;
}

class ShellList : public testing::TestWithParam<Variant> {
 protected:
  ShellList() : bench_(config_of(GetParam())) {}

  const Dimensions& dimensions() const { return bench_.design.dimensions; }

  /// Jobs of a random layer, one for each pass.
  void add_random(std::vector<ListedJob>& list, std::uint32_t seed,
                  std::optional<tb::OutputFormat> format = std::nullopt) {
    RandomJob random(bench_.config, seed);
    const DrawnJob drawn = random.job(dimensions());
    add(list, drawn.parts, drawn.activations, format.value_or(drawn.format), drawn.tokens_per_pass);
  }

  void add(std::vector<ListedJob>& list, const std::vector<golden::QuantizedTensor>& parts,
           const QuantizedActivations& activations, tb::OutputFormat format, int tokens_per_pass = 0) {
    const auto job = tb::make_job(bench_.config, parts, activations, format, tokens_per_pass);
    ASSERT_TRUE(job) << job.error();
    const auto golden = tb::golden_result(bench_.config, parts, activations);
    ASSERT_TRUE(golden) << golden.error();
    const auto outputs = tb::expected_outputs(dimensions(), *job, *golden);
    for (std::int64_t pass = 0; pass < job->passes(); ++pass)
      list.push_back(bench_.place(*job, pass, outputs[static_cast<std::size_t>(pass)]));
  }

  /// All jobs have ended well: outputs, completions, registers.
  void expect_good(const std::vector<ListedJob>& list, const Result<ShellStatus>& status,
                   const std::string& where) {
    ASSERT_TRUE(status) << where << ": " << status.error();
    ASSERT_FALSE(status->error) << where << ": code " << status->code << " after "
                                << bench_.read(bench_.shell_register("finished")) << " jobs";
    EXPECT_TRUE(status->done) << where;
    EXPECT_EQ(bench_.read(bench_.shell_register("finished")), list.size()) << where;
    std::uint32_t cycles = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      ASSERT_EQ(bench_.difference(list[i]), "") << where << ", job " << i;
      const tb::Completion completion = bench_.completion(list[i]);
      EXPECT_TRUE(completion.written) << where << ", job " << i;
      EXPECT_EQ(completion.code, 0U) << where << ", job " << i;
      EXPECT_EQ(completion.job, i) << where;
      EXPECT_GT(completion.cycles, cycles) << where;
      cycles = completion.cycles;
    }
    EXPECT_EQ(bench_.read(bench_.shell_register("last_low")),
              static_cast<std::uint32_t>(list.back().address));
    EXPECT_TRUE(bench_.weights.idle());
    EXPECT_TRUE(bench_.data.idle());
  }

  tb::MemoryTraffic traffic(std::uint32_t seed) {
    std::mt19937 random(seed);
    const int kind = std::uniform_int_distribution<int>(0, 3)(random);
    if (kind == 0) return {};
    if (kind == 1) return tb::MemoryTraffic::slow();
    tb::MemoryTraffic t;
    t.stall = std::uniform_int_distribution<int>(0, 90)(random) / 100.0;
    t.least_latency = std::uniform_int_distribution<int>(1, 40)(random);
    t.most_latency = t.least_latency + std::uniform_int_distribution<int>(0, 40)(random);
    return t;
  }

  ShellBench bench_;
};

TEST_P(ShellList, RandomLists) {
  std::uint32_t seed = 100;
  for (int i = 0; i < 12; ++i) {
    std::vector<ListedJob> list;
    const auto layers = 1 + i % 4;
    for (int l = 0; l < layers; ++l) ASSERT_NO_FATAL_FAILURE(add_random(list, seed++));
    for (ListedJob& job : list) job.descriptor.interrupt = seed % 3 == 0;
    bench_.set_traffic(traffic(seed));
    bench_.link(list);
    ASSERT_NO_FATAL_FAILURE(expect_good(list, bench_.run(list), fmt::format("list {}", i)));
  }
  EXPECT_GT(bench_.weights.most_reads, 1U);
}

INSTANTIATE_TEST_SUITE_P(Shell, ShellList,
                         testing::Values(Variant{"top-inline-4x4", {32, 32, 16, 16, 2}},
                                         Variant{"top-inline-8x8", {128, 40, 64, 128, 8}},
                                         Variant{"top-recon-4x8-act4", {512, 64, 256, 256, 4}}),
                         variant_name);

}  // namespace
}  // namespace msq::tests
