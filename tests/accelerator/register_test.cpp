// The register file through AXI4-Lite, and what describes it.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "gen/arch/registers.hpp"
#include "gen/config/load.hpp"
#include "tests/accelerator/fixture.hpp"
#include "tests/accelerator/random_job.hpp"

namespace msq::tests {
namespace {

constexpr const char* kConfig =
    R"({"name": "top-8x8", "rows": 8, "cols": 8, "outlier_path": "recon", "top": {"tokens": 32, "act_words": 512}})";

std::uint32_t mask_of(const RegisterField& f) { return f.width == 32 ? ~0U : ((1U << f.width) - 1) << f.lsb; }

TEST(Registers, MapIsConsistent) {
  const auto map = register_map(Dimensions(Config{}), 0x12345678);
  int offset = -4;
  for (const Register& r : map) {
    EXPECT_GT(r.offset, offset) << r.name;
    EXPECT_EQ(r.offset % 4, 0) << r.name;
    EXPECT_LT(r.offset, 1 << kRegisterAddressBits) << r.name;
    offset = r.offset;
    int next = 0;
    for (const RegisterField& f : r.fields) {
      EXPECT_GE(f.lsb, next) << r.name << "." << f.name;
      next = f.lsb + f.width;
      EXPECT_FALSE(f.doc.empty()) << r.name << "." << f.name;
      EXPECT_EQ(f.value & ~(f.width == 32 ? ~0U : (1U << f.width) - 1), 0U) << r.name << "." << f.name;
    }
    EXPECT_LE(next, 32) << r.name;
  }
  const std::string header = register_header(map);
  EXPECT_NE(header.find("#define MSQ_STATUS 0x14\n"), std::string::npos);
  EXPECT_NE(header.find("#define MSQ_STATUS_CODE_LSB 4\n"), std::string::npos);
  EXPECT_NE(header.find("#define MSQ_ERROR_SLOT_CLASH 11\n"), std::string::npos);
  EXPECT_NE(register_page(map).find("| | | 7:4 | `code` | read only |"), std::string::npos);
}

// docs/registers.md is this page for the configuration 8x8; MSQ_UPDATE=1 writes it anew.
TEST(Registers, PageInTheDocumentation) {
  const auto config = parse_config(R"({"rows": 8, "cols": 8, "outlier_path": "recon"})", "8x8");
  const std::string page =
      "# Registers of msq_top\n\nMade by `microscopiq generate` as `registers.md` beside the Verilog; here "
      "for the "
      "configuration 8x8.\nThe C header `msq_registers.h` has the same names.\n\n" +
      register_page(register_map(Dimensions(*config), 0));
  const std::filesystem::path path = MSQ_REGISTER_PAGE;
  if (std::getenv("MSQ_UPDATE") != nullptr) std::ofstream(path) << page;
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_EQ(text, page);
}

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
  EXPECT_EQ(bench.accelerator.read_register("pass"), 32U);
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
