#include "report/compare.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>

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
  }
  return json;
}

std::string to_text(const std::vector<flow::ComparedArray>& arrays) {
  Table table({"array", "bits", "tree rows", "sum bits", "um^2", "um^2 per PE", "MACs per cycle",
               "MACs per cycle and mm^2", "of the first"});
  for (const flow::ComparedArray& a : arrays) {
    table.add({a.name, std::to_string(a.weight_bits), std::to_string(a.tree_rows), std::to_string(a.sum_bits),
               area_text(a.area_um2), area_text(a.area_per_pe()), std::to_string(a.macs),
               fmt::format("{:.1f}", a.density()),
               fmt::format("{:.2f}", a.density() / arrays.front().density())});
  }
  return table.str();
}

}  // namespace msq::report
