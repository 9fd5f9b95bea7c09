/// A sample with every construct, through the tools that read the emitted files.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <random>

#include "gen/verilog/verilog.hpp"
#include "tests/verilog/tools.hpp"

namespace msq::verilog {
namespace {

constexpr int kLanes = 4;
constexpr int kTaps = 2;
constexpr std::size_t kInputs = 8;  // kLanes * kTaps
constexpr int kSumBits = 20;

/// Signed multiply-accumulate by a power of two: acc = acc + (x << shift), or kept, or cleared.
Module make_lane() {
  Module m("sample_lane", "Accumulates shifted values.");
  m.keep_boundary();
  const Expr clk = m.input("clk_i", u(1), "Clock.");
  const Expr rst = m.input("rst_ni", u(1), "Synchronous reset, active low.");
  const Expr en = m.input("en_i", u(1), "Accumulate.");
  const Expr x = m.input("x_i", s(8), "Value, two's complement.");
  const Expr shift = m.input("shift_i", u(2), "Left shift of the value.");
  const Expr acc = m.reg("acc_q", s(kSumBits), "Accumulator.");
  const Expr term = m.wire("term", shl_var(sext(x, kSumBits), shift));
  m.flip_flops(clk, rst, {{acc, acc + term, en, lit(s(kSumBits), 0)}});
  m.assign(m.output("acc_o", s(kSumBits), "Sum."), acc);
  m.assign(m.output("negative_o", u(1), "The sum is negative."), lt(acc, lit(s(kSumBits), 0)));
  return m;
}

Module make_top(const Interface& lane) {
  Module m("sample_top", "Lanes of accumulators, each fed by the difference of two taps.");
  const Expr clk = m.input("clk_i", u(1), "Clock.");
  const Expr rst = m.input("rst_ni", u(1), "Synchronous reset, active low.");
  const Expr en = m.input("en_i", u(1), "Values are valid.");
  const Expr x = m.input("x_i", u(kLanes * kTaps * 7), "Taps of 7 bits, two's complement.");
  const Expr spare = m.input("spare_i", u(3), "Not needed.");
  const Expr sums = m.output("sums_o", u(kLanes * kSumBits), "Sums by lane.");
  const Expr any = m.output("any_negative_o", u(1), "Some sum is negative.");

  m.section("Input stage");
  const Expr en_q = m.reg("en_q", u(1), "en_i, a cycle later.");
  const Expr x_q = m.reg("x_q", u(kLanes * kTaps * 7), "Taps, not reset.");
  m.flip_flops(clk, rst, {{en_q, en, {}, zeros(1)}, {x_q, x, en}});

  m.section("Lanes");
  const Constant lanes = m.localparam("LANES", kLanes, "Accumulators.");
  const Constant tap_bits = m.localparam("TAP_BITS", 7, "");
  const Constant lane_bits = m.localparam("LANE_BITS", kTaps * tap_bits, "Taps of a lane.");
  const Expr shift = m.constant("SHIFT", lit(u(2), 3), "Weight of a difference.");
  const Expr negative = m.wire("negative", u(lanes));
  m.generate_for("gen_lane", "i", lanes, [&](Scope& scope, const Index& i) {
    const Expr taps = scope.wire("taps", u(kTaps * 8), "Taps, extended.");
    scope.generate_for("gen_tap", "j", kTaps, [&](Scope& tap, const Index& j) {
      const Expr value = tap.wire("value", as_signed(slice(x_q, i * lane_bits + j * tap_bits, tap_bits)));
      tap.assign(slice(taps, j * 8, 8), as_unsigned(sext(value, 8)));
    });
    const Expr difference =
        scope.wire("difference", as_signed(slice(taps, 0, 8)) - as_signed(slice(taps, 8, 8)));
    scope.instance(lane, "u_lane",
                   {{"clk_i", clk},
                    {"rst_ni", rst},
                    {"en_i", en_q},
                    {"x_i", difference},
                    {"shift_i", shift},
                    {"acc_o", slice(sums, i * kSumBits, kSumBits)},
                    {"negative_o", bit(negative, i)}});
  });
  const Expr first = m.wire("first", s(kSumBits), "Lane 0 once more.");
  const Expr first_negative = m.wire("first_negative", u(1));
  m.instance(lane, "u_open",
             {{"clk_i", clk},
              {"rst_ni", rst},
              {"en_i", en_q},
              {"x_i", as_signed(sext(slice(x_q, 0, 7), 8))},
              {"shift_i", zeros(2)},
              {"acc_o", first},
              {"negative_o", first_negative}});
  m.comment("A lane that is not negative does not count.");
  m.assign(any, or_all({bit(negative, 0), bit(negative, 1), bit(negative, 2), bit(negative, 3),
                        mux(bit(negative, 0), lit(u(1), 1), lit(u(1), 0))}));
  m.unused("bits", {spare, first, first_negative}, "The sample must show the idiom for unused bits.");
  return m;
}

struct Flow : ::testing::Test {
  Module lane = make_lane();
  Module top = make_top(lane.interface());
  TempDir dir;
  const std::vector<std::string> files = {"sample_top.v", "sample_lane.v"};

  void SetUp() override {
    require_clean(lane);
    require_clean(top);
    const FileHeader header{{"Sample."}};
    dir.write("sample_lane.v", print(lane, header));
    dir.write("sample_top.v", print(top, header));
  }
};

TEST_F(Flow, ToolsAcceptTheSample) {
  expect_accepted(dir, "sample_top", files);
  expect_accepted(dir, "sample_lane", {"sample_lane.v"});
}

TEST_F(Flow, SimulatesAsComputed) {
  constexpr unsigned kSeed = 7;
  constexpr int kCycles = 60;
  std::mt19937 random(kSeed);
  std::vector<std::int64_t> sums(kLanes, 0);
  std::string body;
  std::vector<std::string> expected;
  std::vector<int> held(kInputs, 0);
  bool held_en = false;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    const bool en = random() % 4 != 0;
    std::uint64_t bus = 0;
    std::vector<int> taps;
    for (int i = 0; i < kLanes * kTaps; ++i) {
      const int tap =
          random() % 5 == 0 ? (random() % 2 == 0 ? -64 : 63) : static_cast<int>(random() % 128) - 64;
      taps.push_back(tap);
      bus |= static_cast<std::uint64_t>(tap & 127) << (7 * i);
    }
    body += fmt::format("    en = {}; x = 56'd{}; #5 clk = 1; #5 clk = 0; show;\n", en ? 1 : 0, bus);
    for (std::size_t lane_id = 0; lane_id < kLanes && held_en; ++lane_id) {
      const int difference = held[lane_id * kTaps] - held[lane_id * kTaps + 1];
      sums[lane_id] += std::int64_t{8} * difference;
    }
    if (en) held = taps;
    held_en = en;
    bool any = false;
    for (const std::int64_t sum : sums) any = any || sum < 0;
    expected.push_back(fmt::format("{} {}", fmt::join(sums, " "), any ? 1 : 0));
  }
  dir.write("tb.v", fmt::format(R"(module tb;
  reg clk = 0, rst_n = 0, en = 1;
  reg [55:0] x = 56'd5;
  wire [79:0] sums;
  wire any;
  sample_top dut (.clk_i(clk), .rst_ni(rst_n), .en_i(en), .x_i(x), .spare_i(3'd0), .sums_o(sums), .any_negative_o(any));
  task show;
    $display("%0d %0d %0d %0d %b", $signed(sums[19:0]), $signed(sums[39:20]), $signed(sums[59:40]),
             $signed(sums[79:60]), any);
  endtask
  initial begin
    repeat (2) begin #5 clk = 1; #5 clk = 0; end
    rst_n = 1;
{}  end
endmodule
)",
                                body));
  EXPECT_EQ(simulate(dir, {"tb.v", files[0], files[1]}), expected) << "seed " << kSeed;
}

}  // namespace
}  // namespace msq::verilog
