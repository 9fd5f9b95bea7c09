#include <algorithm>
#include <cmath>

#include "tests/cli/flow.hpp"
#include "tests/cli/report_keys.hpp"
#include "tests/support/configs.hpp"

namespace msq::cli {
namespace {

constexpr const char* kGrid = R"({
  "base": {"modes": [4], "micro_block": 4, "act_bits": 4},
  "grid": {"size": [4, 8, 16], "outlier_path": ["none"]}})";

bool beats(const nlohmann::json& a, const nlohmann::json& b) {
  const auto speed = [](const nlohmann::json& p) { return p["throughput"]["macs_per_cycle"].get<double>(); };
  return a["area_um2"] <= b["area_um2"] && speed(a) >= speed(b) &&
         (a["area_um2"] < b["area_um2"] || speed(a) > speed(b));
}

TEST_F(Flow, SweepMeasuresEveryPoint) {
  write("grid.json", kGrid);
  succeed({"sweep", "--grid", "grid.json", "-o", "out", "--synthetic", "64x32", "--jobs", "2"});
  const auto sweep = nlohmann::json::parse(read("out/sweep.json"));
  EXPECT_EQ(undocumented_keys("sweep", sweep), std::vector<std::string>());
  ASSERT_EQ(sweep["points"].size(), 3U);
  for (const auto& point : sweep["points"]) {
    EXPECT_EQ(point["values"]["size"], point["rows"]);
    EXPECT_EQ(point["rows"], point["cols"]);
    EXPECT_EQ(point["series"], "none");
    double blocks = 0;
    for (const auto& [name, area] : point["blocks"].items()) blocks += area.get<double>();
    EXPECT_NEAR(blocks / point["area_um2"].get<double>(), 1, 1e-9);
    EXPECT_LE(point["throughput"]["macs_per_cycle"], point["throughput"]["peak_macs_per_cycle"]);
    EXPECT_GT(point["weight_error"]["4"], 0.0);
    bool beaten = false;
    for (const auto& other : sweep["points"]) beaten = beaten || beats(other, point);
    EXPECT_EQ(point["pareto"], !beaten);
  }
  // The same area as synth has.
  write("one.json",
        R"({"rows": 8, "cols": 8, "modes": [4], "micro_block": 4, "act_bits": 4, "outlier_path": "none"})");
  const auto one = json({"synth", "--config", "one.json", "--work", "work", "--json"});
  EXPECT_EQ(one["configuration"]["area_um2"], sweep["points"][1]["area_um2"]);
  EXPECT_EQ(one["configuration"]["config_hash"], sweep["points"][1]["config_hash"]);
  // The law goes through the points as closely as it says.
  ASSERT_EQ(sweep["scaling"].size(), 1U);
  const auto& law = sweep["scaling"][0];
  EXPECT_NEAR(law["exponent"], 1, 0.15);
  double worst = 0;
  for (const auto& point : sweep["points"]) {
    const double pes = point["rows"].get<double>() * point["cols"].get<double>();
    const double expected =
        law["coefficient_um2"].get<double>() * std::pow(pes, law["exponent"].get<double>());
    worst = std::max(worst, std::abs(point["area_um2"].get<double>() / expected - 1));
  }
  EXPECT_NEAR(law["largest_deviation"], worst, 1e-9);
  EXPECT_LT(worst, 0.2);
}

TEST_F(Flow, SweepGoesOnWhereItStopped) {
  const Arguments arguments = {"sweep", "--set",         "size=4", "--set",         "outlier_path=none",
                               "--set", "modes=[4],[2]", "--set",  "micro_block=4", "-o",
                               "out"};
  Arguments longer = arguments;
  longer[2] = "size=4,8";
  succeed(arguments);
  const auto first = nlohmann::json::parse(read("out/sweep.json"))["points"];
  ASSERT_EQ(first.size(), 2U);
  succeed(longer);
  const auto second = nlohmann::json::parse(read("out/sweep.json"))["points"];
  ASSERT_EQ(second.size(), 4U);
  for (const auto& point : second) EXPECT_EQ(point["kept"], point["rows"] == 4) << point["values"];
  EXPECT_EQ(first[0]["area_um2"], second[0]["area_um2"]);
  // Other measures are other results.
  longer.insert(longer.end(), {"--tokens", "16"});
  succeed(longer);
  for (const auto& point : nlohmann::json::parse(read("out/sweep.json"))["points"])
    EXPECT_FALSE(point["kept"]);
  // Results that are damaged are measured again.
  const auto names = listing("out/points");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i % 2 == 0) write("out/points/" + names[i], "{\"area_um2\": 5}");
    if (i % 2 == 0) continue;
    std::filesystem::remove(directory_ / "out" / "points" / names[i]);
    std::filesystem::create_directories(directory_ / "out" / "points" / names[i] / "something");
  }
  succeed(arguments);
  const auto again = nlohmann::json::parse(read("out/sweep.json"))["points"];
  ASSERT_EQ(again.size(), 2U);
  for (std::size_t i = 0; i < again.size(); ++i) {
    EXPECT_FALSE(again[i]["kept"]);
    EXPECT_EQ(again[i]["area_um2"], first[i]["area_um2"]);
  }
}

TEST_F(Flow, SweepMeasuresAnewWithAnotherVersionOfATool) {
  const Arguments arguments = {"sweep", "--set",     "size=4", "--set",         "outlier_path=none",
                               "--set", "modes=[4]", "--set",  "micro_block=4", "-o",
                               "out"};
  succeed(arguments);
  const auto first = nlohmann::json::parse(read("out/sweep.json"));
  EXPECT_NE(first["tools"]["yosys"].get<std::string>().find("0."), std::string::npos);
  const auto newer = with_script("yosys", "case \"$*\" in -V) echo Yosys 99.1;; *) \"$real\" \"$@\";; esac");
  for (const bool kept : {false, true}) {
    ASSERT_EQ(run(arguments, newer).exit_code, 0);
    const auto sweep = nlohmann::json::parse(read("out/sweep.json"));
    EXPECT_EQ(sweep["tools"]["yosys"], "99.1");
    EXPECT_EQ(sweep["points"][0]["kept"], kept);
  }
  EXPECT_NE(read("out/sweep.html").find("\"yosys\":\"99.1\""), std::string::npos);
}

TEST_F(Flow, SweepMeasuresPower) {
  const Arguments arguments = {
      "sweep", "--set",         "size=4",      "--set", "outlier_path=none", "--set", "modes=[4]",
      "--set", "micro_block=4", "--synthetic", "32x16", "--power",           "-o",    "out"};
  const std::string text = succeed(arguments);
  EXPECT_NE(text.find("pJ/MAC"), std::string::npos) << text;
  const auto sweep = nlohmann::json::parse(read("out/sweep.json"));
  EXPECT_EQ(undocumented_keys("sweep", sweep), std::vector<std::string>());
  const auto& point = sweep["points"][0];
  EXPECT_FALSE(point.contains("fmax_mhz"));
  const auto& power = point["power"];
  EXPECT_EQ(power["partial_sums_mismatched"], 0);
  EXPECT_EQ(power["bits"], 4);
  EXPECT_EQ(power["k"], 32);
  double blocks = power["clock_pins_w"];
  for (const auto& block : power["blocks"]) blocks += block["total_w"].get<double>();
  EXPECT_NEAR(blocks / power["total_w"].get<double>(), 1, 1e-6);
  // As synth has it.
  write("one.json", tests::test_config_text("none-4x4-mode4"));
  const auto one = json({"synth", "--config", "one.json", "--work", "work", "--json", "--no-twin", "--power",
                         "--bits", "4", "--synthetic", "32x16"});
  EXPECT_NEAR(one["power"]["total_w"].get<double>() / power["total_w"].get<double>(), 1, 1e-9);
  // Without --power it is another result.
  Arguments without = arguments;
  without.erase(std::find(without.begin(), without.end(), "--power"));
  succeed(without);
  const auto other = nlohmann::json::parse(read("out/sweep.json"))["points"][0];
  EXPECT_FALSE(other["kept"]);
  EXPECT_FALSE(other.contains("power"));
}

TEST_F(Flow, SweepListsPointsAndWhatIsNone) {
  const auto listed =
      json({"sweep", "--list", "--json", "--set", "size=4,8", "--set", "outlier_path=none,recon,inline",
            "--set", "recon.units=1,2", "--set", "tree_rows=1,2", "--set", "micro_block=4,6"});
  // Each size: none with two trees, recon with two counts of units, inline with two trees. Micro-blocks of 6
  // are none.
  EXPECT_EQ(listed["points"].size(), 2U * 6);
  EXPECT_EQ(listed["skipped"].size(), 2U * 6);
  for (const auto& point : listed["points"]) {
    EXPECT_EQ(point.contains("recon.units"), point["outlier_path"] == "recon") << point;
    EXPECT_EQ(point.contains("tree_rows"), point["outlier_path"] != "recon") << point;
  }
  for (const auto& point : listed["skipped"])
    EXPECT_NE(point["reason"].get<std::string>().find("micro_block"), std::string::npos) << point;
}

TEST_F(Flow, SweepPageStandsAlone) {
  write("grid.json", R"({"grid": {"size": [4], "modes": [[4]], "micro_block": [4], "outlier_path": ["none"],
                                  "name": ["</script><b>", "plain"]}})");
  EXPECT_EQ(json({"sweep", "--grid", "grid.json", "--list", "--json"})["skipped"].size(), 1U);
  succeed({"sweep", "--set", "size=4", "--set", "modes=[4]", "--set", "micro_block=4", "--set",
           "outlier_path=none,odd</script>", "-o", "out"});
  const std::string page = read("out/sweep.html");
  const auto sweep = nlohmann::json::parse(read("out/sweep.json"));
  EXPECT_EQ(sweep["skipped"].size(), 1U);
  // The data is in the page as it is in sweep.json.
  const std::string open = "id=\"data\">";
  const std::size_t from = page.find(open) + open.size();
  EXPECT_EQ(nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from)), sweep);
  // Nothing is fetched: the only address is the name of SVG's elements.
  std::size_t addresses = 0;
  for (std::size_t at = page.find("://"); at != std::string::npos; at = page.find("://", at + 1)) ++addresses;
  EXPECT_EQ(addresses, 1U);
  EXPECT_NE(page.find("http://www.w3.org/2000/svg"), std::string::npos);
  for (const char* part : {"src=", "href=", "@import", "url("})
    EXPECT_EQ(page.find(part), std::string::npos) << part;
  // The table of CSV has a line for each point, as wide as its header.
  const std::string csv = read("out/sweep.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 2);
  EXPECT_NE(csv.find(sweep["points"][0]["config_hash"].get<std::string>() + ",4,[4],4,none,"),
            std::string::npos)
      << csv;
}

TEST_F(Flow, SweepRefusesBadGrids) {
  refuse({"sweep", "-o", "out"}, {"grid", "--set"});
  refuse({"sweep", "--set", "size=4"}, {"--output"});
  refuse({"sweep", "-o", "out", "--set", "size"}, {"--set", "\"size\""});
  refuse({"sweep", "-o", "out", "--set", "rows=3", "--set", "cols=4"}, {"rows", "3"});
  write("grid.json", R"({"grid": {"size": 4}})");
  refuse({"sweep", "-o", "out", "--grid", "grid.json"}, {"grid.json", "size", "list"});
  write("other.json", R"({"grid": {"size": [4]}, "grids": {}})");
  refuse({"sweep", "-o", "out", "--grid", "other.json"}, {"other.json", "grids"});
  write("twice.json", R"({"grid": {"size": [8], "modes": [[4]], "size": [16]}})");
  refuse({"sweep", "-o", "out", "--grid", "twice.json"},
         {"twice.json: grid.size: found the key twice; allowed: each key once"});
  write("broken.json", "{");
  refuse({"sweep", "-o", "out", "--grid", "broken.json"}, {"broken.json"});
  refuse({"sweep", "-o", "out", "--grid", "."}, {".: is a directory; allowed: a regular file"});
}

TEST_F(Flow, SweepListOfNoPointFailsAsTheSweepDoes) {
  const std::string_view reason =
      "grid: no combination is a configuration; the first: grid: micro_block: found 8";
  refuse({"sweep", "--list", "--set", "size=4"}, {"skipped {\"size\":4}", reason});
  refuse({"sweep", "--list", "--set", "size=4", "--json"}, {"\"skipped\": [", reason});
}

TEST_F(Flow, SweepReplacesItsOwnReportsOnly) {
  const Arguments arguments = {"sweep",  "--set",     "size=4", "--set",         "outlier_path=none",
                               "--set",  "modes=[4]", "--set",  "micro_block=4", "--model",
                               "minilm", "-o",        "out"};
  std::filesystem::create_directory(directory_ / "out");
  write("out/notes.txt", "mine");
  write("out/sweep.csv", "mine");
  refuse(arguments, {"out: found \"sweep.csv\", which sweep would replace but did not write", "allowed"});
  write("out/sweep.json", R"({"files": ["sweep.csv", "sweep.json"]})");  // not of this program
  refuse(arguments, {"out: found \"sweep.csv\", \"sweep.json\""});
  std::filesystem::remove(directory_ / "out/sweep.csv");
  std::filesystem::remove(directory_ / "out/sweep.json");
  succeed(arguments);
  const std::string csv = read("out/sweep.csv");
  write("out/sweep.csv", "edited");
  succeed(arguments);
  EXPECT_EQ(read("out/sweep.csv"), csv);
  EXPECT_EQ(read("out/notes.txt"), "mine");
  refuse({"sweep", "--set", "size=8", "-o", "out/notes.txt"}, {"out/notes.txt: found a file"});
}

}  // namespace
}  // namespace msq::cli
