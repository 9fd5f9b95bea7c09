#include "gen/silicon/platform.hpp"

#include <array>
#include <stdexcept>

#include "gen/silicon/silicon.hpp"

namespace msq {
namespace silicon {
namespace {

using packaging::TimeUnit;

/// SKY130 under the name that a flow has for it, with the pins that its power grid connects.
Platform sky130(std::string_view name, std::string_view power, std::string_view ground) {
  return {.name = name,
          .library = "sky130",
          .unit = TimeUnit::ns,
          .voltage = 1.8,
          .power = power,
          .ground = ground,
          .low = {"li1", "met1", "met2"},
          .pins = {.layer = "met3", .width = 0.3, .pitch = 1.36, .first = 0.34, .length = 0.8},
          .straps = {.layer = "met4", .width = 1.6, .pitch = 27.6, .first = 6.9, .length = 0.92},
          .vertical_straps = true,
          .gap = 0.5,
          .step_x = 0.92,
          .step_y = 2.72};
}

/// Layers, tracks and least widths are those of each process's technology file; the distances of pins and
/// straps are multiples of tracks.
const std::array<Platform, 4>& platforms() {
  static const std::array<Platform, 4> all = {
      sky130("sky130hd", "VDD", "VSS"),
      Platform{.name = "nangate45",
               .library = "NangateOpenCellLibrary",
               .unit = TimeUnit::ns,
               .voltage = 1.1,
               .power = "VDD",
               .ground = "VSS",
               .low = {"metal1", "metal2"},
               .pins = {.layer = "metal3", .width = 0.07, .pitch = 0.28, .first = 0.07, .length = 0.14},
               .straps = {.layer = "metal4", .width = 0.28, .pitch = 11.2, .first = 2.8, .length = 0.28},
               .vertical_straps = true,
               .gap = 0.28,
               .step_x = 0.19,
               .step_y = 1.4},
      Platform{.name = "asap7",
               .library = "asap7",
               .unit = TimeUnit::ps,
               .voltage = 0.7,
               .power = "VDD",
               .ground = "VSS",
               .low = {"M1", "M2", "M3"},
               .pins = {.layer = "M4", .width = 0.024, .pitch = 0.192, .first = 0.012, .length = 0.096},
               .straps = {.layer = "M4", .width = 0.096, .pitch = 4.608, .first = 0.432, .length = 0.24},
               .vertical_straps = false,
               .gap = 0.096,
               .step_x = 0.054,
               .step_y = 0.27},
      sky130("sky130A", "VPWR", "VGND")};
  return all;
}

}  // namespace

const Platform& platform(std::string_view name) {
  for (const Platform& candidate : platforms()) {
    if (candidate.name == name) return candidate;
  }
  throw std::out_of_range("no platform " + std::string(name));
}

}  // namespace silicon

std::string_view silicon_flow_name(SiliconFlow flow) {
  return flow == SiliconFlow::orfs ? "orfs" : "librelane";
}

std::vector<std::string> silicon_platforms(SiliconFlow flow) {
  if (flow == SiliconFlow::librelane) return {"sky130A"};
  return {"sky130hd", "nangate45", "asap7"};
}

std::string silicon_library(const std::string& platform) {
  return std::string(silicon::platform(platform).library);
}

}  // namespace msq
