// The register file through AXI4-Lite.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "gen/arch/registers.hpp"
#include "tests/accelerator/fixture.hpp"
#include "tests/accelerator/random_job.hpp"

namespace msq::tests {
namespace {

std::uint32_t mask_of(const RegisterField& f) { return f.width == 32 ? ~0U : ((1U << f.width) - 1) << f.lsb; }

class Registers : public testing::TestWithParam<const char*> {};

TEST_P(Registers, ReadBackWhatTheMapSays) {
  Bench bench(GetParam());
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
  EXPECT_EQ(bench.accelerator.read_register("pass"), static_cast<std::uint32_t>(bench.config.top.tokens));
}

TEST_P(Registers, BytesAndHandshakes) {
  Bench bench(GetParam());
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
  // With the answer taken, the next write happens: an offer must not be withdrawn.
  set("s_axil_bready_i", 1);
  model.eval();
  EXPECT_EQ(get("s_axil_awready_o"), 1U);
  cycle();
  set("s_axil_awvalid_i", 0);
  set("s_axil_wvalid_i", 0);
  EXPECT_EQ(get("s_axil_bvalid_o"), 1U);
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

// Words are addressed by their first byte or any other; where there is none, zeros are read and writes are
// dropped.
TEST_P(Registers, EveryByteAddress) {
  Bench bench(GetParam());
  tb::Model& model = bench.accelerator.model();
  const auto cycle = [&] {
    model.eval();
    model.clock();
    model.eval();
  };
  const auto write = [&](int address, std::uint32_t value) {
    model.port("s_axil_awaddr_i").set(static_cast<std::uint64_t>(address));
    model.port("s_axil_wdata_i").set(value);
    model.port("s_axil_wstrb_i").set(0xf);
    model.port("s_axil_awvalid_i").set(1);
    model.port("s_axil_wvalid_i").set(1);
    cycle();
    model.port("s_axil_awvalid_i").set(0);
    model.port("s_axil_wvalid_i").set(0);
    cycle();
  };
  const auto read = [&](int address) {
    model.port("s_axil_araddr_i").set(static_cast<std::uint64_t>(address));
    model.port("s_axil_arvalid_i").set(1);
    cycle();
    model.port("s_axil_arvalid_i").set(0);
    const auto value = static_cast<std::uint32_t>(model.port("s_axil_rdata_o").get());
    cycle();
    return value;
  };
  std::map<int, std::string> names;
  for (const Register& r : design_registers(bench.design)) names[r.offset] = r.name;
  std::map<std::string, std::uint32_t> before;
  for (const auto& [offset, name] : names) before[name] = bench.accelerator.read_register(name);
  for (int address = 0; address < 1 << kRegisterAddressBits; ++address) {
    const auto found = names.find(address & ~3);
    EXPECT_EQ(read(address), found == names.end() ? 0U : before[found->second]) << address;
    if (found == names.end()) write(address, 0xffffffff);
  }
  for (const auto& [offset, name] : names)
    EXPECT_EQ(bench.accelerator.read_register(name), before[name]) << name;
  const auto depth =
      std::find_if(names.begin(), names.end(), [](const auto& n) { return n.second == "depth"; })->first;
  for (int byte = 0; byte < 4; ++byte) {
    write(depth + byte, 0x1234U + static_cast<std::uint32_t>(byte));
    EXPECT_EQ(bench.accelerator.read_register("depth"), 0x1234U + static_cast<std::uint32_t>(byte));
  }
}

TEST_P(Registers, JobSettingsHoldWhileItRuns) {
  Bench bench(GetParam());
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

TEST_P(Registers, StartIsIgnoredWhileAJobRunsAndAfterAnError) {
  Bench bench(GetParam());
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

TEST_P(Registers, InterruptIsEnabledAndAcknowledged) {
  Bench bench(GetParam());
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

INSTANTIATE_TEST_SUITE_P(Accelerator, Registers,
                         testing::Values("top-recon-4x4", "top-none-4x4", "top-inline-4x4", "top-recon-8x8"),
                         by_config);

}  // namespace
}  // namespace msq::tests
