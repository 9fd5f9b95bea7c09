// The checks in the leaves (rtl/common/msq_assert.vh): legal use is silent, a violation of a protocol or an
// illegal parameter is reported, and nothing is where MSQ_ASSERT is not defined. Simulated by Icarus.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace msq::rtl_test {
namespace {

/// One leaf in a bench whose lines run after reset; `tick` is a clock cycle.
struct Violation {
  const char* name;
  const char* leaf;   ///< folder/module
  const char* ports;  ///< declarations of the bench, connections of the leaf
  const char* connections;
  const char* legal;      ///< statements
  const char* violation;  ///< statements
  const char* message;
};

constexpr Violation kViolations[] = {
    {"PushIntoAFullQueue", "top/msq_tile_queue", "reg push = 0, next = 0; wire full;",
     ".push_i(push), .full_o(full), .entry_i(32'd7), .launch_next_i(next), .collect_next_i(1'b0)",
     "push = 1; repeat (4) tick; push = 0; tick;", "push = 1; repeat (5) tick;", "push into a full queue"},
    {"LaunchFromAnEmptyQueue", "top/msq_tile_queue", "reg push = 0, next = 0;",
     ".push_i(push), .entry_i(32'd7), .launch_next_i(next), .collect_next_i(1'b0)",
     "push = 1; tick; push = 0; next = 1; tick; next = 0; tick;", "next = 1; tick;",
     "launch from an empty queue"},
    {"WriteAddressNotHeld", "top/msq_axil", "reg awvalid = 0; reg [7:0] address = 8'd4;",
     ".awvalid_i(awvalid), .awaddr_i(address), .wvalid_i(1'b0), .wdata_i(32'd0), .wstrb_i(4'd0), "
     ".bready_i(1'b1), .arvalid_i(1'b0), .araddr_i(8'd0), .rready_i(1'b1), .read_data_i(32'd0)",
     "awvalid = 1; repeat (3) tick;", "awvalid = 1; tick; address = 8'd8; tick;", "write address not held"},
    {"LoadOfTwoRows", "recon/msq_wavefront_recon", "reg [7:0] rows = 8'd1;",
     ".load_row_i(rows), .load_parity_i(1'b0), .load_flagged_i(1'b0), .launch_i(1'b0), "
     ".launch_first_i(1'b0), .launch_last_i(1'b0), .launch_mode4_i(1'b0), .launch_parity_i(1'b0), "
     ".launch_waited_i(1'b0)",
     "tick; rows = 8'd0; tick; rows = 8'h80; tick;", "rows = 8'h81; tick;", "load_row_i not one-hot"},
    {"CommitOfAnEmptyRow", "common/msq_sequencer", "reg load = 0; reg [7:0] committed = 8'd0;",
     ".load_valid_i(load), .load_mode4_i(1'b0), .load_interval_i(8'd1), .load_gap_i(8'd1), "
     ".committed_i(committed), .act_valid_i(1'b0), .act_last_i(1'b0)",
     "load = 1; tick; load = 0; committed = 8'd1; tick; committed = 8'd0; tick;", "committed = 8'd2; tick;",
     "commit of a row without shadow weights"},
    {"WaitWithoutAccess", "recon/msq_recon_counters", "reg fired = 0, waited = 0;",
     ".clear_i(1'b0), .fired_i(fired), .waited_i(waited)",
     "fired = 1; waited = 1; tick; fired = 0; waited = 0; tick;", "waited = 1; tick;",
     "a unit waited without an access"},
    {"DrainOfNoBlock", "top/msq_launcher", "reg drained = 0, loaded = 0;",
     ".tile_valid_i(1'b0), .tile_tokens_i(8'd1), .tile_first_k_i(1'b1), .tile_last_k_i(1'b1), "
     ".tile_more_i(1'b0), .tile_block_first_i(1'b1), .tile_pass_last_i(1'b0), .count0_i(13'd0), "
     ".count1_i(13'd0), .act_ready_i(1'b0), .drained_i(drained), .release_i(1'b0), .loaded_i(loaded), "
     ".read_i(1'b0)",
     "loaded = 1; tick; loaded = 0; tick;", "drained = 1; tick;", "more blocks drained than begun"},
    {"AddressUsedInTheNextCycle", "top/msq_accumulators", "reg valid = 0; reg [9:0] address = 10'd0;",
     ".valid_i(valid), .first_i(1'b1), .half_i(1'b0), .address_i(address), .sums_i(184'd0), "
     ".weight_shifts_i(64'd0), .token_shift_i(8'd0), .read_address_i(10'd0), .read_half_i(1'b1)",
     "valid = 1; tick; address = 10'd1; tick; valid = 0; tick;", "valid = 1; repeat (2) tick;",
     "tokens of one address in successive cycles"},
};

std::string bench_of(const Violation& v, const std::string& statements) {
  const std::string module = std::filesystem::path(v.leaf).filename();
  return fmt::format(
      "module bench;\n  reg clk = 0, rst_n = 0;\n  {}\n"
      "  {} dut (.clk_i(clk), .rst_ni(rst_n), {});\n"
      "  task tick; begin #5 clk = 1; #5 clk = 0; end endtask\n"
      "  initial begin\n    repeat (2) tick;\n    rst_n = 1;\n    {}\n"
      "    $display(\"end\");\n    $finish;\n  end\nendmodule\n",
      v.ports, module, v.connections, statements);
}

class Assertions : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(directory_); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  /// Output of Icarus on the bench, compiled and run.
  std::string simulate(const std::string& bench, bool assertions) {
    std::ofstream(directory_ / "bench.v") << bench;
    std::vector<std::string> argv = {"iverilog", "-g2005", "-o", "bench.vvp", "-s", "bench", "bench.v"};
    if (assertions) argv.insert(argv.end(), {"-DMSQ_ASSERT", "-I" MSQ_RTL_DIR "/common"});
    for (const char* folder : {"common", "recon", "top"}) {
      argv.emplace_back("-y");
      argv.push_back(fmt::format("{}/{}", MSQ_RTL_DIR, folder));
    }
    const std::string compiled = run(argv);
    return compiled.empty() ? run({"vvp", "-n", "bench.vvp"}) : compiled;
  }

 private:
  std::string run(std::vector<std::string> argv) {
    ProcessRequest request;
    request.argv = std::move(argv);
    request.working_directory = directory_;
    const auto result = run_process(request);
    return result ? result->output : result.error();
  }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / fmt::format("msq-assert-{}", ::getpid());
};

class ProtocolOf : public Assertions, public ::testing::WithParamInterface<Violation> {};

TEST_P(ProtocolOf, LegalUseIsSilentAndAViolationIsReported) {
  EXPECT_EQ(simulate(bench_of(GetParam(), GetParam().legal), true), "end\n");
  const std::string reported = simulate(bench_of(GetParam(), GetParam().violation), true);
  EXPECT_NE(reported.find(GetParam().message), std::string::npos) << reported;
  EXPECT_EQ(reported.find("end\n"), std::string::npos) << reported;
  EXPECT_EQ(simulate(bench_of(GetParam(), GetParam().violation), false), "end\n");
}

INSTANTIATE_TEST_SUITE_P(Leaves, ProtocolOf, ::testing::ValuesIn(kViolations),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(Assertions, AnIllegalParameterStopsElaboration) {
  const std::string bench = "module bench; msq_tile_queue #(.DEPTH({})) dut (.clk_i(1'b0)); endmodule\n";
  const std::string refused = simulate(fmt::format(fmt::runtime(bench), 3), true);
  EXPECT_NE(refused.find("msq_illegal_depth"), std::string::npos) << refused;
  EXPECT_EQ(simulate(fmt::format(fmt::runtime(bench), 4), true), "");
}

}  // namespace
}  // namespace msq::rtl_test
