#include "report/sweep.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "gen/arch/design.hpp"
#include "gen/config/serialize.hpp"
#include "report/csv.hpp"
#include "report/sweep_point.hpp"
#include "support/files.hpp"
#include "support/process.hpp"

namespace msq::report {
namespace {

flow::SweepPoint figures() {
  flow::SweepPoint point;
  point.config.name = "core";
  point.config.rows = 4;
  point.config.cols = 8;
  point.library = "lib";
  point.area_um2 = 1234.5;
  point.gate_equivalents = 50.25;
  point.memory_bits = 64;
  point.flip_flops = 7;
  point.blocks = {{"PEs", 1000.5}, {"control", 234.0}};
  point.throughput = {.model = "minilm",
                      .tokens = 128,
                      .bits = 2,
                      .outlier_rate = 0.1,
                      .cycles = 3000.0,
                      .macs_per_cycle = 30.0,
                      .peak_macs_per_cycle = 64.0};
  point.weight_errors = {{2, 0.125}, {4, 0.0625}};
  point.seconds = 1.5;
  return point;
}

flow::SweepPoint timed() {
  flow::SweepPoint point = figures();
  point.period = 4.0;
  flow::PowerFindings power;
  power.frequency = 100;
  power.layer.weights = "random";
  power.run = {.tiles = 1,
               .cycles = 10,
               .utilization = 0.5,
               .partial_sums_compared = 4,
               .partial_sums_mismatched = 0,
               .mean_activity = 0.1,
               .ok = true};
  power.cells = {0.01, 0.005, 0.001};
  power.clock = 0.0025;
  power.energy_per_multiplication = 3e-12;
  power.models = flow::energies_per_token(3e-12);
  point.power = power;
  return point;
}

flow::SweepFindings sweep() {
  flow::SweepFindings found;
  found.model = "minilm";
  found.tokens = 128;
  found.tools = {{"yosys", "0.23"}, {"opensta", "2.0.17"}};
  found.points = {{figures(), {{"rows", "4"}, {"outlier_path", "\"recon\""}}, true, "recon", true}};
  found.scaling = {{"recon", 10.0, 1.0, 1.0, 0.0, 3}};
  found.skipped = {{{{"rows", "5"}}, "rows: found 5 </script>"}};
  return found;
}

TEST(SweepPoint, IsReadBackAsItWasWritten) {
  flow::SweepPoint clocked = timed();
  clocked.clock = {.period = 3.5, .trial = 2, .needed = 3.25, .area_um2 = 1500.25, .buffers_um2 = 12.5};
  for (const flow::SweepPoint& point : {figures(), timed(), clocked}) {
    const std::string text = to_json(point).dump();
    const auto read = sweep_point(nlohmann::ordered_json::parse(text), point.config);
    ASSERT_TRUE(read);
    EXPECT_EQ(to_json(*read).dump(), text);
  }
}

TEST(SweepPoint, HasFiguresOfTimingOnlyIfMeasured) {
  const auto plain = to_json(figures());
  EXPECT_FALSE(plain.contains("period_ns"));
  EXPECT_FALSE(plain.contains("power"));
  EXPECT_EQ(plain["blocks"].dump(), R"({"PEs":1000.5,"control":234.0})");
  EXPECT_EQ(plain["weight_error"].dump(), R"({"2":0.125,"4":0.0625})");
  EXPECT_EQ(plain["throughput"].dump(),
            R"({"model":"minilm","tokens":128,"bits":2,"outlier_rate":0.1,"cycles":3000.0,)"
            R"("macs_per_cycle":30.0,"peak_macs_per_cycle":64.0,"utilization":0.46875})");
  const auto json = to_json(timed());
  EXPECT_EQ(json["fmax_mhz"], 250.0);
  EXPECT_EQ(json["gmacs_per_second"], 7.5);
}

TEST(SweepPoint, RunsAtTheClockThatItMeetsOrAtItsOwn) {
  flow::SweepPoint point = figures();
  EXPECT_FALSE(point.timed());
  EXPECT_EQ(point.area(), 1234.5);
  point.clock = {.period = 3.0, .trial = 2, .needed = 2.5, .area_um2 = 2e6, .buffers_um2 = 12.5};
  EXPECT_EQ(point.gmacs_per_second(), 10.0);
  EXPECT_EQ(point.gmac_density(), 5.0);
  EXPECT_EQ(point.area(), 2e6);
  EXPECT_EQ(to_json(point)["gmacs_per_second_and_mm2"], 5.0);
  point.clock->needed = 6.0;
  EXPECT_EQ(point.gmacs_per_second(), 5.0);
  EXPECT_EQ(to_json(point)["clock"]["slack_ns"], -3.0);
}

TEST(SweepPoint, OtherObjectsAreNone) {
  const auto config = figures().config;
  for (const char* text : {"5", "[]", "{}", "{\"area_um2\": 5}"})
    EXPECT_FALSE(sweep_point(nlohmann::ordered_json::parse(text), config)) << text;
  const auto whole = to_json(timed());
  for (const auto& [key, value] : whole.items()) {
    auto lacking = whole;
    lacking.erase(key);
    EXPECT_EQ(sweep_point(lacking, config).has_value(), key == "power" || key == "weight_error") << key;
    auto changed = whole;
    changed[key] = "x";
    EXPECT_EQ(sweep_point(changed, config).has_value(), key == "library") << key;
  }
  auto derived = whole;
  derived["fmax_mhz"] = 251.0;
  EXPECT_FALSE(sweep_point(derived, config)) << "the period says 250";
  auto more = whole;
  more["of_a_later_version"] = 1;
  EXPECT_FALSE(sweep_point(more, config));
}

class KeptPoint : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return directory_->path() / "key.json"; }
  [[nodiscard]] std::string text() const { return read_text(file()).value(); }
  void write(const std::string& text) const { std::ofstream(file()) << text; }
  [[nodiscard]] bool is_found() const { return files_.find("key", figures().config).has_value(); }

  Result<PlainDirectory> directory_ = PlainDirectory::create();
  PointFiles files_{directory_->path()};
};

TEST_F(KeptPoint, IsFoundByItsKey) {
  EXPECT_FALSE(is_found());
  ASSERT_TRUE(files_.keep("key", figures()));
  const auto found = files_.find("key", figures().config);
  ASSERT_TRUE(found);
  EXPECT_EQ(to_json(*found), to_json(figures()));
  EXPECT_FALSE(PointFiles(directory_->path() / "missing").keep("key", figures()));
}

TEST_F(KeptPoint, IsNoneIfItWasCutOffOrEdited) {
  ASSERT_TRUE(files_.keep("key", figures()));
  const std::string whole = text();
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    write(whole.substr(0, length));
    ASSERT_FALSE(is_found()) << length;
  }
  std::string edited = whole;
  edited.replace(edited.find("1234.5"), 6, "1234.6");
  write(edited);
  EXPECT_FALSE(is_found());
  for (const char* other : {"{\"area_um2\": 5}", "[1]", "null", "{\"hash\": 1, \"point\": 2}",
                            "{\"hash\": \"0\", \"point\": {\"area_um2\": 5}}"}) {
    write(other);
    EXPECT_FALSE(is_found()) << other;
  }
  write(whole);
  EXPECT_TRUE(is_found());
}

TEST_F(KeptPoint, IsNoneIfItIsOfAnotherConfiguration) {
  ASSERT_TRUE(files_.keep("key", figures()));
  Config other = figures().config;
  other.rows = 8;
  EXPECT_FALSE(files_.find("key", other));
}

TEST_F(KeptPoint, ReplacesAnEmptyDirectoryAndAFifoButLosesNothing) {
  std::filesystem::create_directory(file());
  EXPECT_FALSE(is_found());
  ASSERT_TRUE(files_.keep("key", figures()));
  EXPECT_TRUE(is_found());
  std::filesystem::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  EXPECT_FALSE(is_found());
  ASSERT_TRUE(files_.keep("key", figures()));
  EXPECT_TRUE(is_found());
  std::filesystem::remove(file());
  std::filesystem::create_directory(file());
  std::ofstream(file() / "mine") << "x";
  EXPECT_EQ(files_.keep("key", figures()).error(),
            file().string() + ": cannot write: in its place is something else");
  EXPECT_TRUE(std::filesystem::exists(file() / "mine"));
}

TEST(SweepJson, ListsPointsSkippedAndFailed) {
  auto json = to_json(sweep());
  EXPECT_EQ(json["points"][0]["values"].dump(), R"({"rows":4,"outlier_path":"recon"})");
  EXPECT_EQ(json["points"][0]["kept"], true);
  EXPECT_EQ(json["points"][0]["series"], "recon");
  json.erase("points");
  EXPECT_EQ(json["generator"], "microscopiq " + generator_version());
  json.erase("generator");
  EXPECT_EQ(json.dump(),
            R"({"files":["sweep.json","sweep.csv","sweep.html"],"workload":{"model":"minilm","tokens":128},)"
            R"("weights":null,"top":false,"clock":false,"timing":false,"power":false,)"
            R"("tools":{"yosys":"0.23","opensta":"2.0.17"},)"
            R"("scaling":[{"series":"recon","coefficient_um2":10.0,)"
            R"("exponent":1.0,"r_squared":1.0,"largest_deviation":0.0,"sizes":3}],"skipped":[{"values":)"
            R"({"rows":5},"reason":"rows: found 5 </script>"}],"failed":[]})");
}

TEST(SweepCsv, HasAColumnForEverySettingErrorAndBlock) {
  flow::SweepFindings found = sweep();
  found.points.push_back({timed(), {{"modes", "[2,4]"}}, false, "modes [2,4]", false});
  found.points[1].figures.blocks = {{"merge", 5.0}};
  const std::string hash = config_hash(figures().config);
  const std::string sum = std::to_string(figures().config.acc_width());
  EXPECT_EQ(
      to_csv(found),
      "config_hash,rows,outlier_path,modes,area_um2,gate_equivalents,memory_bits,memory_area_um2,flip_flops,"
      "sum_bits,"
      "period_ns,fmax_mhz,gmacs_per_second,pareto,seconds,bits,cycles,macs_per_cycle,utilization,total_w,"
      "energy_per_mac_j,weight_error_2,weight_error_4,PEs um2,control um2,merge um2\n" +
          hash + ",4,recon,,1234.5,50.25,64,,7," + sum +
          ",,,,true,1.5,2,3000.0,30.0,0.46875,,,0.125,0.0625,1000.5,234.0,\n" + hash +
          ",,,\"[2,4]\",1234.5,50.25,64,,7," + sum +
          ",4.0,250.0,7.5,false,1.5,2,3000.0,30.0,0.46875,0.0185,3e-12,0.125,0.0625,,,5.0\n");
}

TEST(Csv, QuotesCommasAndQuotes) {
  EXPECT_EQ(csv_line({"a,b", "say \"x\"", "c"}), "\"a,b\",\"say \"\"x\"\"\",c\n");
}

TEST(SweepHtml, HoldsTheDataWithoutAnEndOfScript) {
  const std::string page = to_html(sweep());
  EXPECT_NE(page.find(R"("reason":"rows: found 5 \u003c/script>")"), std::string::npos);
  EXPECT_EQ(page.find("@DATA@"), std::string::npos);
}

/// Texts that the page shows, one per line, each with a newline before and behind it.
std::string shown_by(const flow::SweepFindings& findings) {
  const auto directory = PlainDirectory::create();
  std::ofstream(directory->path() / "sweep.html") << to_html(findings);
  const auto result = run_process(
      {.argv = {"node", MSQ_REPORT_DATA "/page.js", (directory->path() / "sweep.html").string()}});
  EXPECT_TRUE(result && result->ok()) << (result ? result->output : result.error());
  return result ? "\n" + result->output : std::string();
}

TEST(SweepHtml, ShowsAreasOfAnySize) {
  if (!on_path("node")) GTEST_SKIP() << missing_program_message("node");
  for (const double factor : {1e-9, 1e-7, 1.0, 1e6}) {
    SCOPED_TRACE(factor);
    flow::SweepFindings found = sweep();
    found.points.push_back({timed(), {{"rows", "8"}}, false, "recon", false});
    found.points[1].figures.config.rows = 8;
    for (flow::MeasuredPoint& point : found.points) {
      point.figures.area_um2 *= factor;
      for (flow::PointBlock& block : point.figures.blocks) block.area_um2 *= factor;
    }
    found.scaling[0].coefficient *= factor;
    const std::string text = shown_by(found);
    const std::string area = factor == 1e-9   ? "1.23e-6"
                             : factor == 1e-7 ? "1.23e-4"
                             : factor == 1    ? "1,235"
                                              : "1,234,500,000";
    EXPECT_NE(text.find("\n" + area + "\n"), std::string::npos) << text;
    // The bar below the plan of blocks is at most half a side: sqrt(1234.5 * factor) / 2.
    const std::string bar = factor == 1e-9 ? "5e-4" : factor == 1e-7 ? "0.005" : factor == 1 ? "10" : "10k";
    EXPECT_NE(text.find("\n" + bar + " um\n"), std::string::npos) << text;
  }
}

TEST(SweepText, ShowsTimingAndPowerIfMeasured) {
  EXPECT_EQ(to_text(sweep()),
            "  array  series   um^2  kGE  MACs per cycle  of peak  Pareto\n"
            "  4x8     recon  1,235  0.1            30.0   46.9 %     yes\n"
            "  scaling                     recon: 10 um^2 * PEs^1.000, off by 0.0 % at most\n"
            "  tools                       yosys 0.23, opensta 2.0.17\n");
  flow::SweepFindings small = sweep();
  small.points[0].figures.area_um2 = 1.23456e-5;
  small.scaling[0].coefficient = 3.2e-6;
  EXPECT_EQ(to_text(small),
            "  array  series       um^2  kGE  MACs per cycle  of peak  Pareto\n"
            "  4x8     recon  1.235e-05  0.1            30.0   46.9 %     yes\n"
            "  scaling                     recon: 3.2e-06 um^2 * PEs^1.000, off by 0.0 % at most\n"
            "  tools                       yosys 0.23, opensta 2.0.17\n");
  flow::SweepFindings found = sweep();
  found.timing = true;
  found.power = true;
  found.scaling.clear();
  found.points[0].figures = timed();
  EXPECT_EQ(
      to_text(found),
      "  array  series   um^2  kGE  MACs per cycle  of peak  core MHz  core GMAC/s    mW  pJ/MAC  Pareto\n"
      "  4x8     recon  1,235  0.1            30.0   46.9 %     250.0         7.50  18.5    3.00     yes\n"
      "  tools                       yosys 0.23, opensta 2.0.17\n");
  found.top = true;
  found.power = false;
  found.points[0].figures.power.reset();
  found.points[0].figures.memory_um2 = 4000;
  EXPECT_EQ(to_text(found),
            "  array  series   um^2  kGE  MACs per cycle  of peak  um^2 of memories    MHz  GMAC/s  Pareto\n"
            "  4x8     recon  1,235  0.1            30.0   46.9 %             4,000  250.0    7.50     yes\n"
            "  tools                       yosys 0.23, opensta 2.0.17\n");
}

}  // namespace
}  // namespace msq::report
