// The register file through AXI4-Lite.

#include <gtest/gtest.h>

#include "gen/arch/registers.hpp"
#include "tests/accelerator/fixture.hpp"
#include "tests/accelerator/random_job.hpp"

namespace msq::tests {
namespace {

constexpr const char* kConfig =
    R"({"name": "top-4x4", "rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "top": {"tokens": 16, "act_words": 1024}})";

std::uint32_t mask_of(const RegisterField& f) { return f.width == 32 ? ~0U : ((1U << f.width) - 1) << f.lsb; }

TEST(Registers, ReadBackWhatTheMapSays) {
  Bench bench(kConfig);
  for (const Register& r : design_registers(bench.design)) {
    std::uint32_t reset = 0;
    std::uint32_t settable = 0;
    for (const RegisterField& f : r.fields) {
      if (f.access == Access::constant || f.access == Access::setting) reset |= f.value << f.lsb;
      if (f.access == Access::setting) settable |= mask_of(f);
    }
    EXPECT_EQ(bench.accelerator.read_register(r.name), reset) << r.name;
    if (r.name == "control") continue;  // starts a job
    for (const std::uint32_t value : {0xffffffffU, 0xa5a5a5a5U, 0x5a5a5a5aU, 0U}) {
      bench.accelerator.write_register(r.name, value);
      EXPECT_EQ(bench.accelerator.read_register(r.name), (reset & ~settable) | (value & settable)) << r.name;
    }
  }
  bench.accelerator.reset();
  EXPECT_EQ(bench.accelerator.read_register("pass"), 16U);
}

TEST(Registers, BytesAndHandshakes) {
  Bench bench(kConfig);
  tb::Model& model = bench.accelerator.model();
  const auto set = [&](const char* name, std::uint64_t value) { model.port(name).set(value); };
  const auto get = [&](const char* name) { return model.port(name).get(); };
  const auto cycle = [&] {
    model.eval();
    model.clock();
    model.eval();
  };
  bench.accelerator.write_register("depth", 0x123456);
  set("s_axil_awaddr_i", 0x1c);
  set("s_axil_wdata_i", 0xaabbccdd);
  set("s_axil_wstrb_i", 0b0010);
  // Address and data may come apart; nothing happens until both are there.
  set("s_axil_awvalid_i", 1);
  model.eval();
  EXPECT_EQ(get("s_axil_awready_o"), 0U);
  cycle();
  set("s_axil_wvalid_i", 1);
  set("s_axil_bready_i", 0);
  model.eval();
  EXPECT_EQ(get("s_axil_awready_o"), 1U);
  EXPECT_EQ(get("s_axil_wready_o"), 1U);
  cycle();
  // The answer waits, and so does the next write.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(get("s_axil_bvalid_o"), 1U);
    EXPECT_EQ(get("s_axil_bresp_o"), 0U);
    EXPECT_EQ(get("s_axil_awready_o"), 0U);
    cycle();
  }
  set("s_axil_awvalid_i", 0);
  set("s_axil_wvalid_i", 0);
  set("s_axil_bready_i", 1);
  cycle();
  EXPECT_EQ(get("s_axil_bvalid_o"), 0U);
  EXPECT_EQ(bench.accelerator.read_register("depth"), 0x12cc56U);
  // A read that waits for its answer to be taken.
  set("s_axil_rready_i", 0);
  set("s_axil_araddr_i", 0x00);
  set("s_axil_arvalid_i", 1);
  cycle();
  set("s_axil_araddr_i", 0xf0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(get("s_axil_rvalid_o"), 1U);
    EXPECT_EQ(get("s_axil_rdata_o"), 0x4d535131U);
    EXPECT_EQ(get("s_axil_arready_o"), 0U);
    cycle();
  }
  set("s_axil_rready_i", 1);
  cycle();
  EXPECT_EQ(get("s_axil_rdata_o"), 0U);  // no register there
  set("s_axil_arvalid_i", 0);
  cycle();
}

TEST(Registers, JobSettingsHoldWhileItRuns) {
  Bench bench(kConfig);
  RandomJob random(bench.config, 2);
  const std::vector parts = {random.tensor(60, 30, 2, golden::Axis::reduction)};
  const auto x = random.activations(6, 60, 64);
  const auto job = tb::make_job(bench.config, parts, x, tb::OutputFormat::fp32);
  bench.accelerator.run_cycles(*job, 20);
  EXPECT_EQ(bench.accelerator.read_register("status"), 1U);  // busy
  for (const char* name : {"tokens", "depth", "columns", "pass", "tiling", "format"}) {
    const std::uint32_t before = bench.accelerator.read_register(name);
    bench.accelerator.write_register(name, ~before);
    EXPECT_EQ(bench.accelerator.read_register(name), before) << name;
  }
  bench.accelerator.clear();
  bench.accelerator.write_register("tokens", 77);
  EXPECT_EQ(bench.accelerator.read_register("tokens"), 77U);
}

TEST(Registers, StartIsIgnoredWhileAJobRunsAndAfterAnError) {
  Bench bench(kConfig);
  RandomJob random(bench.config, 2);
  const std::vector parts = {random.tensor(60, 30, 2, golden::Axis::reduction)};
  const auto x = random.activations(6, 60, 64);
  auto job = tb::make_job(bench.config, parts, x, tb::OutputFormat::fp32);
  ASSERT_TRUE(job) << job.error();
  bench.accelerator.run_cycles(*job, 60);
  const std::uint32_t cycles = bench.accelerator.read_register("count_cycles");
  EXPECT_GT(cycles, 40U);
  bench.accelerator.write_register("control", 1);
  EXPECT_EQ(bench.accelerator.read_register("status"), 1U);            // busy
  EXPECT_GT(bench.accelerator.read_register("count_cycles"), cycles);  // a start would have zeroed it
  bench.accelerator.clear();

  job->k = 0;
  const auto failed = bench.accelerator.run(*job);
  ASSERT_TRUE(failed) << failed.error();
  EXPECT_TRUE(failed->error);
  const std::uint32_t status = bench.accelerator.read_register("status");
  bench.accelerator.write_register("depth", 60);
  bench.accelerator.write_register("control", 1);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(bench.accelerator.read_register("status"), status);
  bench.accelerator.clear();
  EXPECT_EQ(bench.accelerator.read_register("status"), 0U);
}

TEST(Registers, InterruptIsEnabledAndAcknowledged) {
  Bench bench(kConfig);
  const auto irq = [&] {
    bench.accelerator.model().eval();
    return bench.accelerator.model().port("irq_o").get();
  };
  // A job without a shape ends at once.
  bench.accelerator.write_register("control", 1);
  for (int i = 0; i < 5; ++i) static_cast<void>(bench.accelerator.read_register("id"));
  EXPECT_EQ(bench.accelerator.read_register("status"), 0x1cU);  // error, interrupt, code 1
  EXPECT_EQ(irq(), 0U);
  bench.accelerator.write_register("control", 1U << 8);
  EXPECT_EQ(irq(), 1U);
  bench.accelerator.write_register("control", 1U << 8 | 1U << 2);
  EXPECT_EQ(irq(), 0U);
  EXPECT_EQ(bench.accelerator.read_register("status"), 0x14U);
  bench.accelerator.clear();
  EXPECT_EQ(bench.accelerator.read_register("status"), 0U);
}

}  // namespace
}  // namespace msq::tests
