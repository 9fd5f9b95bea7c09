#include "report/compare.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>

#include "report/clock.hpp"
#include "report/text.hpp"

namespace msq::report {

using Json = nlohmann::ordered_json;

Json to_json(const std::vector<flow::ComparedArray>& arrays) {
  Json json = Json::array();
  for (const flow::ComparedArray& a : arrays) {
    json.push_back({{"array", a.name},
                    {"weight_bits", a.weight_bits},
                    {"tree_rows", a.tree_rows},
                    {"sum_bits", a.sum_bits},
                    {"area_um2", a.area_um2},
                    {"area_um2_per_pe", a.area_per_pe()},
                    {"macs_per_cycle", a.macs},
                    {"macs_per_cycle_and_mm2", a.density()}});
    for (const flow::ClockPoint& clock : a.clocks) {
      Json point = to_json(clock);
      point["gmacs_per_second"] = a.gmacs_per_second(clock);
      point["gmacs_per_second_and_mm2"] = a.gmac_density(clock);
      json.back()["clocks"].push_back(std::move(point));
    }
  }
  return json;
}

namespace {

/// All arrays mapped for one clock. @param index of the period.
std::string clock_table(const std::vector<flow::ComparedArray>& arrays, std::size_t index) {
  const double first = arrays.front().gmac_density(arrays.front().clocks[index]);
  Table table(
      {"array", "um^2 with buffers", "slack ns", "runs at MHz", "GMAC/s", "GMAC/s per mm^2", "of the first"});
  for (const flow::ComparedArray& a : arrays) {
    const flow::ClockPoint& clock = a.clocks[index];
    table.add({a.name, area_text(clock.area_um2),
               fmt::format("{:.3f}{}", clock.slack(), clock.met() ? "" : " NOT met"),
               fmt::format("{:.1f}", 1000 / clock.running()),
               fmt::format("{:.2f}", a.gmacs_per_second(clock)), fmt::format("{:.2f}", a.gmac_density(clock)),
               fmt::format("{:.2f}", a.gmac_density(clock) / first)});
  }
  return fmt::format("\nAt a clock of {:.3f} ns\n{}", arrays.front().clocks[index].period, table.str());
}

}  // namespace

std::string to_text(const std::vector<flow::ComparedArray>& arrays) {
  Table table({"array", "bits", "tree rows", "sum bits", "um^2", "um^2 per PE", "MACs per cycle",
               "MACs per cycle and mm^2", "of the first"});
  for (const flow::ComparedArray& a : arrays) {
    table.add({a.name, std::to_string(a.weight_bits), std::to_string(a.tree_rows), std::to_string(a.sum_bits),
               area_text(a.area_um2), area_text(a.area_per_pe()), std::to_string(a.macs),
               fmt::format("{:.1f}", a.density()),
               fmt::format("{:.2f}", a.density() / arrays.front().density())});
  }
  std::string text = table.str();
  for (std::size_t i = 0; i < arrays.front().clocks.size(); ++i) text += clock_table(arrays, i);
  return text;
}

}  // namespace msq::report
