// `--period` of synth, compare and sweep: netlists for a clock.

#include <cstdlib>

#include "tests/cli/flow.hpp"
#include "tests/cli/report_keys.hpp"
#include "tests/support/configs.hpp"

namespace msq::cli {
namespace {

const std::string kPlain = tests::test_config_text("none-4x4-mode4");

/// Of the trial that a point keeps.
const nlohmann::json& trial_of(const nlohmann::json& clock, std::size_t point) {
  return clock["trials"][clock["points"][point]["trial"].get<std::size_t>()];
}

TEST_F(Flow, ALooseClockKeepsTheAreaRecipe) {
  write("plain.json", kPlain);
  const auto least = json({"synth", "--config", "plain.json", "--work", "work", "--timing", "--json"});
  const auto found = json({"synth", "--config", "plain.json", "--work", "work", "--period", "50", "--json"});
  const auto& own = found["configuration"];
  EXPECT_EQ(own["area_um2"], least["configuration"]["area_um2"]);
  EXPECT_FALSE(least["configuration"].contains("clock"));
  const auto& clock = own["clock"];
  ASSERT_EQ(clock["trials"].size(), 1U) << clock;
  EXPECT_EQ(clock["trials"][0]["recipe"], "area");
  EXPECT_EQ(clock["max_fanout"], 16);
  const auto& point = clock["points"][0];
  EXPECT_EQ(point["period_ns"], 50.0);
  EXPECT_EQ(point["met"], true);
  EXPECT_NEAR(point["slack_ns"].get<double>() + point["needed_ns"].get<double>(), 50, 1e-9);
  EXPECT_EQ(point["needed_ns"], least["timing"]["period_ns"]);
  EXPECT_EQ(point["buffers_um2"], least["timing"]["buffer_area_um2"]);
  EXPECT_NEAR(point["area_um2"].get<double>() - point["buffers_um2"].get<double>(),
              own["area_um2"].get<double>(), 1e-3);
}

TEST_F(Flow, ATightClockGivesAFasterAndLargerNetlist) {
  write("plain.json", kPlain);
  const auto report = json(
      {"synth", "--config", "plain.json", "--work", "work", "--period", "0.5,2.6,50", "--timing", "--json"});
  const auto& clock = report["configuration"]["clock"];
  ASSERT_EQ(clock["points"].size(), 3U);
  const auto &missed = clock["points"][0], &loose = clock["points"][2];
  EXPECT_EQ(missed["met"], false);
  EXPECT_LT(missed["slack_ns"], 0.0);
  EXPECT_LT(missed["needed_ns"], loose["needed_ns"]);
  EXPECT_GT(missed["area_um2"], loose["area_um2"]);
  EXPECT_EQ(loose["trial"], 0);
  // Every recipe, and mixtures of them, but not without end.
  const auto& trials = clock["trials"];
  EXPECT_GE(trials.size(), 6U);
  EXPECT_LE(trials.size(), 6U + 3 * 4);
  for (const char* recipe : {"area", "area-sized", "relaxed", "delay-ripple", "delay", "delay-sklansky"})
    EXPECT_TRUE(std::any_of(trials.begin(), trials.end(), [&](const auto& t) {
      return t["recipe"] == recipe;
    })) << recipe;
  for (const auto& trial : trials) {
    EXPECT_GE(trial["needed_ns"], missed["needed_ns"]) << "the fastest is kept where none meets the clock";
    EXPECT_FALSE(trial["blocks"].empty());
    for (const auto& point : clock["points"]) {
      if (trial["needed_ns"] <= point["period_ns"] && point["trial"] != 0) {
        EXPECT_GE(trial["area_um2"], point["area_um2"]) << "the smallest that meets it is kept";
      }
    }
  }
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(trial_of(clock, i)["needed_ns"], clock["points"][i]["needed_ns"]) << i;
  // The netlist of all other figures is that of the first clock.
  EXPECT_EQ(report["timing"]["period_ns"], missed["needed_ns"]);
  double blocks = 0;
  for (const auto& block : report["configuration"]["blocks"]) blocks += block["area_um2"].get<double>();
  EXPECT_NEAR(blocks, missed["area_um2"].get<double>() - missed["buffers_um2"].get<double>(), 1e-3);
}

TEST_F(Flow, AMissedClockIsSaidInWords) {
  if (std::getenv("MSQ_FULL") == nullptr) GTEST_SKIP() << "maps a flat netlist by every recipe; set MSQ_FULL";
  write("plain.json", kPlain);
  const std::string text =
      succeed({"synth", "--config", "plain.json", "--work", "work", "--period", "0.5", "--flatten"});
  for (const char* part :
       {"\nClock\n", "0.500 ns (2000.0 MHz) NOT met, too long by", "f_max", "delay-sklansky"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin: " << text;
  EXPECT_EQ(text.find("mixed"), std::string::npos) << "a flat netlist has no blocks";
}

TEST_F(Flow, BadClocksAreRefused) {
  write("plain.json", kPlain);
  for (const char* period : {"0", "-1", "nan", "inf", "fast", "1001", "3,0"})
    refuse({"synth", "--config", "plain.json", "--period", period}, {"--period"});
  refuse({"synth", "--config", "plain.json", "--period", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"},
         {"--period: found 17 clocks; allowed: up to 16"});
  refuse({"synth", "--config", "plain.json", "--target", "ice40", "--period", "3"}, {"--target", "--period"});
  refuse({"compare", "--config", "plain.json", "--max-fanout", "8"}, {"--max-fanout", "--period"});
  refuse({"sweep", "-o", "out", "--set", "size=4", "--period", "0"}, {"--period"});
}

TEST_F(Flow, CompareAtAClock) {
  write("small.json", R"({"rows": 4, "cols": 4, "micro_block": 4, "modes": [2, 4]})");
  const Arguments arguments = {"compare", "--config", "small.json", "--baselines", "int4",
                               "--work",  "work",     "--period",   "50"};
  Arguments as_json = arguments;
  as_json.emplace_back("--json");
  for (const auto& array : json(as_json)["arrays"]) {
    ASSERT_EQ(array["clocks"].size(), 1U) << array;
    const auto& clock = array["clocks"][0];
    EXPECT_EQ(clock["met"], true);
    const double rate = array["macs_per_cycle"].get<double>() / 50;
    EXPECT_NEAR(clock["gmacs_per_second"], rate, 1e-9);
    EXPECT_NEAR(clock["gmacs_per_second_and_mm2"], rate / (clock["area_um2"].get<double>() / 1e6), 1e-9);
    EXPECT_GE(clock["area_um2"], array["area_um2"]);
  }
  const std::string text = succeed(arguments);
  EXPECT_NE(text.find("At a clock of 50.000 ns"), std::string::npos) << text;
}

TEST_F(Flow, SweepOverClocks) {
  const Arguments arguments = {"sweep", "--set",     "size=4", "--set",         "outlier_path=none",
                               "--set", "modes=[4]", "--set",  "micro_block=4", "-o",
                               "out",   "--period",  "50,0.5"};
  succeed(arguments);
  const auto sweep = nlohmann::json::parse(read("out/sweep.json"));
  EXPECT_EQ(undocumented_keys("sweep", sweep), std::vector<std::string>());
  EXPECT_EQ(sweep["clock"], true);
  ASSERT_EQ(sweep["points"].size(), 2U);
  const auto &loose = sweep["points"][0], &tight = sweep["points"][1];
  EXPECT_EQ(loose["values"]["clock_ns"], 50.0);
  EXPECT_EQ(loose["clock"]["met"], true);
  EXPECT_EQ(tight["clock"]["met"], false);
  EXPECT_GT(tight["clock"]["area_um2"], loose["clock"]["area_um2"]);
  const double macs = loose["throughput"]["macs_per_cycle"];
  EXPECT_NEAR(loose["gmacs_per_second"], macs / 50, 1e-9);
  EXPECT_NEAR(tight["gmacs_per_second"], macs / tight["clock"]["needed_ns"].get<double>(), 1e-9)
      << "a netlist that misses its clock runs at its own";
  const std::string csv = read("out/sweep.csv");
  EXPECT_NE(csv.find(",clock_met,clock_needed_ns,clock_area_um2,clock_buffers_um2,gmacs_per_second_and_mm2,"),
            std::string::npos)
      << csv;
  succeed(arguments);
  for (const auto& point : nlohmann::json::parse(read("out/sweep.json"))["points"])
    EXPECT_EQ(point["kept"], true);
}

}  // namespace
}  // namespace msq::cli
