#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

// Areas of two small configurations, recorded in data/area.json. A change of the Verilog or of the recipe
// that moves one by more than this must be meant: then record anew, and say why in the commit.
constexpr double kLimit = 0.02;

nlohmann::json recorded() {
  std::ifstream in(std::string(MSQ_CLI_DATA) + "/area.json");
  return nlohmann::json::parse(in);
}

/// Key figures of a report of synth, in the form of the record.
nlohmann::json key_figures(const nlohmann::json& report) {
  const auto& own = report["configuration"];
  nlohmann::json figures = {{"area_um2", own["area_um2"]},
                            {"flip_flops", own["synthesis"]["flip_flops"]},
                            {"modules", nlohmann::json::object()}};
  for (const auto& module : own["synthesis"]["modules"]) {
    if (module["area_um2"] > 0.0) figures["modules"][module["name"]] = module["area_um2"];
  }
  return figures;
}

/// Figures that drifted, with the modules that cause it, the largest part first; empty if none did.
std::string drift(const nlohmann::json& then, const nlohmann::json& now) {
  std::string text;
  for (const char* figure : {"area_um2", "flip_flops"}) {
    const double before = then[figure];
    const double after = now[figure];
    if (std::abs(after / before - 1) > kLimit)
      text += fmt::format("{}: {:.0f}, recorded {:.0f}: {:+.1f} %\n", figure, after, before,
                          100 * (after / before - 1));
  }
  if (text.empty()) return text;
  std::vector<std::pair<double, std::string>> changes;
  std::set<std::string> names;
  for (const auto* side : {&then["modules"], &now["modules"]}) {
    for (const auto& [name, area] : side->items()) names.insert(name);
  }
  for (const std::string& name : names) {
    const double before = then["modules"].value(name, 0.0);
    const double after = now["modules"].value(name, 0.0);
    if (after != before)
      changes.emplace_back(after - before,
                           fmt::format("  {}: {:.0f}, recorded {:.0f}\n", name, after, before));
  }
  std::sort(changes.begin(), changes.end(),
            [](const auto& a, const auto& b) { return std::abs(a.first) > std::abs(b.first); });
  for (const auto& [change, line] : changes) text += line;
  return text;
}

TEST_F(Flow, AreasAreAsRecorded) {
  const nlohmann::json record = recorded();
  ASSERT_EQ(record["configurations"].size(), 2U);
  for (const auto& then : record["configurations"]) {
    write("config.json", then["config"].dump());
    const auto report = json({"synth", "--config", "config.json", "--work", "work", "--no-twin", "--json"});
    EXPECT_EQ(report["library"], record["library"]);
    const nlohmann::json now = key_figures(report);
    const std::string drifted = drift(then, now);
    EXPECT_EQ(drifted, "") << then["config"]["name"]
                           << " drifted from what tests/cli/data/area.json records, by Yosys "
                           << report["configuration"]["synthesis"]["yosys_version"] << " (recorded with "
                           << record["yosys"] << "). If that is meant, record:\n"
                           << now.dump(1);
  }
}

TEST(QualityGate, DriftIsFoundAndExplained) {
  const nlohmann::json then = {
      {"area_um2", 1000.0}, {"flip_flops", 10}, {"modules", {{"a", 600.0}, {"b", 400.0}}}};
  EXPECT_EQ(drift(then, then), "");
  nlohmann::json now = then;
  now["modules"] = {{"a", 610.0}, {"b", 400.0}};
  now["area_um2"] = 1010.0;
  EXPECT_EQ(drift(then, now), "");  // within the limit
  now["modules"] = {{"a", 590.0}, {"c", 440.0}};
  now["area_um2"] = 1030.0;
  EXPECT_EQ(drift(then, now),
            "area_um2: 1030, recorded 1000: +3.0 %\n  c: 440, recorded 0\n  b: 0, recorded 400\n  a: 590, "
            "recorded 600\n");
  now = then;
  now["flip_flops"] = 9;
  EXPECT_EQ(drift(then, now), "flip_flops: 9, recorded 10: -10.0 %\n");
}

}  // namespace
}  // namespace msq::cli
