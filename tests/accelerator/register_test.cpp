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
  EXPECT_EQ(bench.accelerator.read_register("pass"), static_cast<std::uint32_t>(bench.config.pass_tokens()));
}

/// Register accesses channel by channel.
class Channels {
 public:
  explicit Channels(Bench& bench) : bench_(bench), model_(bench.accelerator.model()) {}

  void set(const char* name, std::uint64_t value) { model_.port(name).set(value); }
  [[nodiscard]] std::uint64_t get(const char* name) {
    model_.eval();
    return model_.port(name).get();
  }
  void cycle() {
    model_.eval();
    model_.clock();
    model_.eval();
  }
  /// Offers the address `address_at` and the data `data_at` cycles from now, and takes the response once
  /// `response_at` cycles have passed. @return the response.
  std::uint64_t write(int address, std::uint32_t value, unsigned strobes, int address_at = 0, int data_at = 0,
                      int response_at = 0) {
    set("s_axil_awaddr_i", static_cast<std::uint64_t>(address));
    set("s_axil_wdata_i", value);
    set("s_axil_wstrb_i", strobes);
    bool address_left = true;
    bool data_left = true;
    for (int now = 0; now < 40; ++now) {
      set("s_axil_awvalid_i", address_left && now >= address_at);
      set("s_axil_wvalid_i", data_left && now >= data_at);
      set("s_axil_bready_i", now >= response_at);
      if (get("s_axil_bvalid_o") != 0) {
        EXPECT_FALSE(address_left || data_left) << "response before the access is complete";
        if (now >= response_at) {
          const std::uint64_t response = get("s_axil_bresp_o");
          cycle();
          set("s_axil_bready_i", 1);
          return response;
        }
      }
      address_left = address_left && (now < address_at || get("s_axil_awready_o") == 0);
      data_left = data_left && (now < data_at || get("s_axil_wready_o") == 0);
      cycle();
    }
    ADD_FAILURE() << "no response";
    return ~std::uint64_t{0};
  }
  std::uint32_t read(int address) {
    set("s_axil_araddr_i", static_cast<std::uint64_t>(address));
    set("s_axil_arvalid_i", 1);
    while (get("s_axil_arready_o") == 0) cycle();
    cycle();
    set("s_axil_arvalid_i", 0);
    while (get("s_axil_rvalid_o") == 0) cycle();
    const auto value = static_cast<std::uint32_t>(get("s_axil_rdata_o"));
    cycle();
    return value;
  }
  [[nodiscard]] int offset(const std::string& name) const {
    for (const Register& r : design_registers(bench_.design)) {
      if (r.name == name) return r.offset;
    }
    throw std::logic_error(name);
  }

 private:
  Bench& bench_;
  tb::Model& model_;
};

TEST_P(Registers, AddressAndDataOfAWriteComeInAnyOrder) {
  Bench bench(GetParam());
  Channels axi(bench);
  const int depth = axi.offset("depth");
  std::uint32_t value = 1;
  for (int address_at = 0; address_at < 6; ++address_at) {
    for (int data_at = 0; data_at < 6; ++data_at) {
      for (const int response_at : {0, 3, 12}) {
        ++value;
        EXPECT_EQ(axi.write(depth, value, 0xf, address_at, data_at, response_at), 0U);
        EXPECT_EQ(axi.read(depth), value) << address_at << " " << data_at << " " << response_at;
      }
    }
  }
}

TEST_P(Registers, AddressAndDataAreEachTakenAlone) {
  Bench bench(GetParam());
  Channels axi(bench);
  for (const auto& [valid, ready] :
       {std::pair{"s_axil_awvalid_i", "s_axil_awready_o"}, std::pair{"s_axil_wvalid_i", "s_axil_wready_o"}}) {
    axi.set("s_axil_awaddr_i", static_cast<std::uint64_t>(axi.offset("columns")));
    axi.set("s_axil_wdata_i", 5);
    axi.set("s_axil_wstrb_i", 0xf);
    axi.set(valid, 1);
    EXPECT_EQ(axi.get(ready), 1U);
    axi.cycle();
    axi.set(valid, 0);
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(axi.get(ready), 0U) << "one at a time";
      EXPECT_EQ(axi.get("s_axil_bvalid_o"), 0U);
      axi.cycle();
    }
    bench.accelerator.reset();
    axi.cycle();
  }
}

TEST_P(Registers, EveryStrobeWritesItsBytes) {
  Bench bench(GetParam());
  Channels axi(bench);
  const int depth = axi.offset("depth");
  for (unsigned strobes = 0; strobes < 16; ++strobes) {
    axi.write(depth, 0x123456, 0xf);
    axi.write(depth, 0xaabbccdd, strobes);
    std::uint32_t expected = 0x123456;
    for (unsigned byte = 0; byte < 3; ++byte) {
      const std::uint32_t mask = 0xffU << (8 * byte);
      if ((strobes >> byte & 1U) != 0) expected = (expected & ~mask) | (0xaabbccddU & mask);
    }
    EXPECT_EQ(axi.read(depth), expected) << strobes;
  }
}

// AMBA AXI: no combinational path from an input to an output, valid low in reset. In every cycle of a job the
// inputs change for a moment, and the outputs must not.
TEST_P(Registers, OutputsDependOnFlipFlopsOnly) {
  Bench bench(GetParam());
  Channels axi(bench);
  const std::vector<const char*> inputs = {
      "s_axil_awvalid_i", "s_axil_wvalid_i",        "s_axil_bready_i",     "s_axil_arvalid_i",
      "s_axil_rready_i",  "s_axis_weight_tvalid_i", "s_axis_act_tvalid_i", "m_axis_out_tready_i"};
  const std::vector<const char*> outputs = {
      "s_axil_awready_o",    "s_axil_wready_o",     "s_axil_bvalid_o",
      "s_axil_arready_o",    "s_axil_rvalid_o",     "s_axis_weight_tready_o",
      "s_axis_act_tready_o", "m_axis_out_tvalid_o", "s_axil_rdata_o"};
  const auto values = [&](const std::vector<const char*>& names) {
    std::vector<std::uint64_t> all;
    for (const char* name : names) all.push_back(axi.get(name));
    return all;
  };
  RandomJob random(bench.config, 2);
  const std::vector parts = {random.tensor(60, 30, 2, golden::Axis::reduction)};
  const auto job = tb::make_job(bench.config, parts, random.activations(6, 60, 64), tb::OutputFormat::fp32);
  bench.accelerator.on_cycle = [&](const tb::Model&) {
    const auto kept = values(inputs);
    const auto before = values(outputs);
    for (const char* input : inputs) axi.set(input, static_cast<std::uint64_t>(random.between(0, 1)));
    EXPECT_EQ(values(outputs), before);
    for (std::size_t i = 0; i < inputs.size(); ++i) axi.set(inputs[i], kept[i]);
    static_cast<void>(axi.get("irq_o"));
  };
  const auto result = bench.accelerator.run(*job, random.traffic());
  ASSERT_TRUE(result) << result.error();
  EXPECT_TRUE(result->done);
  bench.accelerator.on_cycle = {};
  axi.set("rst_ni", 0);
  axi.cycle();
  auto in_reset = values(outputs);
  in_reset.pop_back();  // data
  EXPECT_EQ(in_reset, std::vector<std::uint64_t>(in_reset.size(), 0));
}

TEST_P(Registers, ReadsAndWritesDoNotWaitForEachOther) {
  Bench bench(GetParam());
  Channels axi(bench);
  axi.write(axi.offset("depth"), 1, 0xf);
  // The response of a write waits; reads are answered.
  axi.set("s_axil_awaddr_i", static_cast<std::uint64_t>(axi.offset("depth")));
  axi.set("s_axil_wdata_i", 9);
  axi.set("s_axil_awvalid_i", 1);
  axi.set("s_axil_wvalid_i", 1);
  axi.set("s_axil_bready_i", 0);
  axi.cycle();
  axi.set("s_axil_awvalid_i", 0);
  axi.set("s_axil_wvalid_i", 0);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(axi.read(0), 0x4d535131U);
  EXPECT_EQ(axi.get("s_axil_bvalid_o"), 1U);
  EXPECT_EQ(axi.read(axi.offset("depth")), 9U);
  axi.set("s_axil_bready_i", 1);
  axi.cycle();
  // The answer of a read waits; writes take effect.
  axi.set("s_axil_rready_i", 0);
  axi.set("s_axil_araddr_i", static_cast<std::uint64_t>(axi.offset("depth")));
  axi.set("s_axil_arvalid_i", 1);
  axi.cycle();
  axi.set("s_axil_arvalid_i", 0);
  axi.cycle();
  for (std::uint32_t value = 3; value < 6; ++value) EXPECT_EQ(axi.write(axi.offset("depth"), value, 0xf), 0U);
  EXPECT_EQ(axi.get("s_axil_rvalid_o"), 1U);
  EXPECT_EQ(axi.get("s_axil_rdata_o"), 9U);
  axi.set("s_axil_rready_i", 1);
  axi.cycle();
  EXPECT_EQ(axi.read(axi.offset("depth")), 5U);
}

// Words are addressed by their first byte or any other; where there is none, zeros are read and writes are
// dropped.
TEST_P(Registers, EveryByteAddress) {
  Bench bench(GetParam());
  Channels axi(bench);
  std::map<int, std::string> names;
  for (const Register& r : design_registers(bench.design)) names[r.offset] = r.name;
  std::map<std::string, std::uint32_t> before;
  for (const auto& [offset, name] : names) before[name] = bench.accelerator.read_register(name);
  for (int address = 0; address < 1 << kRegisterAddressBits; ++address) {
    const auto found = names.find(address & ~3);
    EXPECT_EQ(axi.read(address), found == names.end() ? 0U : before[found->second]) << address;
    if (found != names.end()) continue;
    EXPECT_EQ(axi.write(address, 0xffffffff, 0xf), 0U);
  }
  for (const auto& [offset, name] : names)
    EXPECT_EQ(bench.accelerator.read_register(name), before[name]) << name;
  const int depth = axi.offset("depth");
  for (int byte = 0; byte < 4; ++byte) {
    axi.write(depth + byte, 0x1234U + static_cast<std::uint32_t>(byte), 0xf);
    EXPECT_EQ(bench.accelerator.read_register("depth"), 0x1234U + static_cast<std::uint32_t>(byte));
  }
}

TEST_P(Registers, StartIsIgnoredAfterAnError) {
  Bench bench(GetParam());
  RandomJob random(bench.config, 2);
  const std::vector parts = {random.tensor(60, 30, 2, golden::Axis::reduction)};
  auto job = tb::make_job(bench.config, parts, random.activations(6, 60, 64), tb::OutputFormat::fp32);
  ASSERT_TRUE(job) << job.error();
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
  bench.accelerator.control({});
  EXPECT_EQ(irq(), 1U);
  bench.accelerator.control({"acknowledge"});
  EXPECT_EQ(irq(), 0U);
  EXPECT_EQ(bench.accelerator.read_register("status"), 0x14U);
  bench.accelerator.clear();
  EXPECT_EQ(bench.accelerator.read_register("status"), 0U);
}

INSTANTIATE_TEST_SUITE_P(Accelerator, Registers,
                         testing::Values("top-recon-4x4", "top-none-4x4", "top-inline-4x4", "top-recon-8x8",
                                         "top-recon-4x4-one-lane"),
                         by_config);

}  // namespace
}  // namespace msq::tests
