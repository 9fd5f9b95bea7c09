#include "synth/nextpnr.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/files.hpp"

namespace msq::synth {
namespace {

std::string recorded(const std::string& family) {
  const auto text = read_text(std::string(MSQ_SYNTH_DATA) + "/nextpnr-" + family + ".json");
  EXPECT_TRUE(text) << text.error();
  return text.value_or("");
}

nlohmann::json document() { return nlohmann::json::parse(recorded("ecp5")); }

/// Error of a report that has been changed.
std::string refusal(const nlohmann::json& changed) {
  const auto report = parse_nextpnr_report(changed.dump());
  EXPECT_FALSE(report);
  return report ? "" : report.error();
}

FpgaRouting routing(const std::vector<double>& fmax) {
  FpgaRouting result;
  for (std::size_t i = 0; i < fmax.size(); ++i)
    result.runs.push_back(
        {.seed = static_cast<int>(i) + 1, .report = {.fmax_mhz = fmax[i], .use = {}, .path = {}}});
  return result;
}

TEST(NextpnrReport, ReadsAnEcp5) {
  const auto report = parse_nextpnr_report(recorded("ecp5"));
  ASSERT_TRUE(report) << report.error();
  EXPECT_NEAR(report->fmax_mhz, 119.26, 0.01);
  EXPECT_EQ(report->use.at("MULT18X18D").used, 1);
  EXPECT_EQ(report->use.at("MULT18X18D").available, 156);
  EXPECT_EQ(report->use.at("TRELLIS_FF").used, 49);
  // From a register of the leaf through the block, which has the name of its input's net, and back.
  ASSERT_EQ(report->path.size(), 3U);
  EXPECT_EQ(report->path[0].instance, "u_leaf");
  EXPECT_EQ(report->path[0].cells, 0);
  EXPECT_EQ(report->path[1].instance, "");
  EXPECT_EQ(report->path[1].cells, 17);
  EXPECT_NEAR(report->path[1].logic_ns, 5.274, 1e-3);
  EXPECT_NEAR(report->path[1].routing_ns, 2.456, 1e-3);
}

TEST(NextpnrReport, ReadsAnIce40AndItsPathIsThePeriod) {
  const auto report = parse_nextpnr_report(recorded("ice40"));
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(report->use.at("ICESTORM_LC").used, 213);
  double sum = 0;
  for (const FpgaStep& step : report->path) sum += step.logic_ns + step.routing_ns;
  EXPECT_NEAR(sum, 1000 / report->fmax_mhz, 1e-3);
}

TEST(NextpnrReport, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(parse_nextpnr_report(""));
  EXPECT_FALSE(parse_nextpnr_report("[]"));
  EXPECT_FALSE(parse_nextpnr_report("{}"));
  auto json = document();
  json["fmax"]["other"] = {{"achieved", 1.0}, {"constraint", 2.0}};
  EXPECT_NE(refusal(json).find("2 clocks"), std::string::npos);
  json = document();
  json["critical_paths"][0]["path"][0]["type"] = "hold";
  EXPECT_NE(refusal(json).find("\"hold\""), std::string::npos);
  json = document();
  json["critical_paths"].erase(0);
  EXPECT_NE(refusal(json).find("no path"), std::string::npos);
  json = document();
  json["utilization"]["TRELLIS_FF"]["used"] = "49";
  EXPECT_NE(refusal(json), "");
  json = document();
  json["utilization"]["TRELLIS_FF"].erase("available");
  EXPECT_NE(refusal(json), "");
}

TEST(FpgaRouting, HasTheMedianOfItsSeeds) {
  EXPECT_EQ(routing({70}).median_fmax(), 70);
  EXPECT_EQ(routing({90, 70, 80}).median_fmax(), 80);
  EXPECT_EQ(routing({90, 70, 80}).median_run().seed, 3);
  EXPECT_EQ(routing({90, 70, 80, 60}).median_fmax(), 75);
  EXPECT_EQ(routing({90, 70, 80, 60}).median_run().seed, 2);
  EXPECT_EQ(routing({90, 70, 80}).sorted_fmax(), (std::vector<double>{70, 80, 90}));
}

TEST(FpgaWrapper, ConnectsEveryBitOnce) {
  const auto text = fpga_wrapper("top", "clk_i",
                                 {{"clk_i", 1, true}, {"a_i", 8, true}, {"y_o", 3, false}, {"b_i", 2, true}});
  ASSERT_TRUE(text) << text.error();
  for (const char* part : {"reg  [9:0] in_q;", "reg  [2:0] out_q;", ".clk_i(clk_i)", ".a_i(in_q[0+:8])",
                           ".y_o(out[0+:3])", ".b_i(in_q[8+:2])", "in_q[8:0]", "out_q[1:0]"})
    EXPECT_NE(text->find(part), std::string::npos) << part;
}

TEST(FpgaWrapper, NeedsAClockAndPorts) {
  EXPECT_FALSE(fpga_wrapper("top", "clk_i", {{"a_i", 8, true}, {"y_o", 3, false}}));
  EXPECT_FALSE(fpga_wrapper("top", "clk_i", {{"clk_i", 1, true}, {"a_i", 8, true}}));
}

TEST(Nextpnr, HasNoXilinx) {
  const auto program = nextpnr_program(FpgaTarget::xilinx7);
  ASSERT_FALSE(program);
  EXPECT_NE(program.error().find("ice40, ecp5"), std::string::npos);
}

}  // namespace
}  // namespace msq::synth
