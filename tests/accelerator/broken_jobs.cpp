#include "tests/accelerator/broken_jobs.hpp"

#include <numeric>
#include <stdexcept>

#include "gen/arch/registers.hpp"
#include "tests/accelerator/random_job.hpp"

namespace msq::tests {

unsigned code_of(const std::string& name) {
  for (const ErrorCode& code : error_codes()) {
    if (code.name == name) return static_cast<unsigned>(code.code);
  }
  throw std::logic_error(name);
}

Operands draw_operands(const Config& config, std::uint32_t seed, std::int64_t m, std::int64_t k,
                       std::int64_t n, int bits, tb::OutputFormat format, int tokens) {
  RandomJob random(config, seed);
  Operands o;
  o.parts = {random.tensor(k, n, bits, golden::Axis::reduction)};
  o.activations = random.activations(m, k, 64);
  o.job = *tb::make_job(config, o.parts, o.activations, format, tokens);
  return o;
}

void BrokenJobs::expect_error(const tb::AcceleratorJob& bad, const std::string& name,
                              const std::string& what) {
  SCOPED_TRACE(what);
  const auto result = bench_.accelerator.run(bad);
  ASSERT_TRUE(result) << result.error();
  EXPECT_TRUE(result->error);
  EXPECT_FALSE(result->done);
  EXPECT_EQ(result->code, code_of(name)) << name;
  // One beat with `last` closes the packet.
  ASSERT_FALSE(result->outputs.empty());
  EXPECT_EQ(bench_.accelerator.model().port("m_axis_out_tvalid_o").get(), 0U);
  // Without a clear nothing starts.
  bench_.accelerator.write_register("control", 1U << 8 | 1U);
  EXPECT_EQ(bench_.accelerator.read_register("status") & 7U, 4U);
  expect_recovery();
}

void BrokenJobs::expect_recovery() {
  bench_.accelerator.clear();
  EXPECT_EQ(bench_.accelerator.read_register("status"), 0U);
  Tally tally;
  run_and_compare(bench_, good_.parts, good_.activations, good_.job, {}, "the job after", tally);
}

void BrokenJobs::expect_gap_error(int tokens, std::int64_t k, std::int64_t n) {
  for (std::uint32_t seed = 1;; ++seed) {
    Operands o = draw_operands(bench_.config, seed, tokens, k, n, 2, tb::OutputFormat::fp32, tokens);
    if (o.job.tiles[0].flagged_rows() != 0 || o.job.tiles[1].flagged_rows() == 0) continue;
    ASSERT_GT(o.job.tiles[1].launch_gap, 1);
    std::uint32_t& second = word(o.job.weights[0], header_of(o.job, 1));
    second = (second & ~(0xffU << 24)) | 1U << 24;
    expect_error(o.job, "gap", "no gap");
    return;
  }
}

std::size_t BrokenJobs::header_of(const tb::AcceleratorJob& job, std::size_t tile) {
  return std::accumulate(job.tiles.begin(), job.tiles.begin() + static_cast<std::ptrdiff_t>(tile),
                         std::size_t{0}, [](std::size_t sum, const tb::StreamTile& t) {
                           return sum + static_cast<std::size_t>(t.load_beats());
                         });
}

}  // namespace msq::tests
