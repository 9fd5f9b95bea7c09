// Time of a list through the shell, beside that of the same jobs through streams that are always there.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "tb/host/output_packet.hpp"
#include "tests/accelerator/fixture.hpp"
#include "tests/accelerator/random_job.hpp"
#include "tests/shell/shell_bench.hpp"

namespace msq::tests {
namespace {

constexpr int kJobs = 6;

// A memory that answers after 30 to 50 cycles costs a list what its start and its end take, and a little
// where outputs wait until those of the job before are answered.
TEST(ShellSpeed, ListsTakeAboutAsLongAsStreams) {
  const Config config = test_config("top-inline-8x8");
  Bench streams(config);
  ShellBench shell(config);
  std::vector<tb::AcceleratorJob> jobs;
  std::vector<ListedJob> list;
  for (std::uint32_t i = 0; i < kJobs; ++i) {
    RandomJob random(config, 60 + i);
    const std::vector parts = {random.tensor(256, 128, 4, golden::Axis::reduction)};
    const auto x = random.activations(16, 256, 128);
    const auto job = tb::make_job(config, parts, x, tb::OutputFormat::fp32, 16);
    ASSERT_TRUE(job) << job.error();
    ASSERT_EQ(job->passes(), 1);
    const auto golden = tb::golden_result(config, parts, x);
    ASSERT_TRUE(golden) << golden.error();
    list.push_back(shell.place(*job, 0, tb::expected_outputs(shell.design.dimensions, *job, *golden)[0]));
    jobs.push_back(*job);
  }
  std::vector<const tb::AcceleratorJob*> queue;
  for (const tb::AcceleratorJob& job : jobs) queue.push_back(&job);
  const auto outputs = streams.accelerator.run_queue(queue);
  ASSERT_TRUE(outputs) << outputs.error();
  const std::uint32_t alone = streams.accelerator.read_register("count_cycles");
  shell.set_traffic({0, 30, 50});
  shell.link(list);
  const auto status = shell.run(list);
  ASSERT_TRUE(status) << status.error();
  ASSERT_TRUE(status->done);
  for (const ListedJob& job : list) EXPECT_EQ(shell.difference(job), "");
  const std::uint32_t cycles = shell.read(shell.shell_register("cycles"));
  fmt::print("{} jobs: {} cycles as streams, {} as a list\n", kJobs, alone, cycles);
  EXPECT_LT(cycles, alone + alone / 50 + 600);
}

}  // namespace
}  // namespace msq::tests
