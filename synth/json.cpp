#include "synth/json.hpp"

namespace msq::synth {

using Json = nlohmann::ordered_json;

Json to_json(const SynthesisReport& report) {
  Json modules = Json::array();
  for (const ModuleArea& module : report.modules) {
    modules.push_back(
        {{"name", module.name},
         {"instances", module.instances},
         {"area_um2", to_um2(module.area)},
         {"gate_equivalents", static_cast<double>(module.area) / static_cast<double>(report.gate_area)},
         {"cells", module.cells},
         {"flip_flops", module.flip_flops}});
  }
  Json blackboxes = Json::object();
  for (const auto& [name, instances] : report.blackboxes) blackboxes[name] = instances;
  return {{"top", report.top},
          {"flattened", report.flattened},
          {"library", report.library},
          {"gate_cell", report.gate_cell},
          {"gate_area_um2", to_um2(report.gate_area)},
          {"area_um2", to_um2(report.area)},
          {"gate_equivalents", report.gate_equivalents()},
          {"cells", report.cells},
          {"flip_flops", report.flip_flops},
          {"modules", modules},
          {"blackboxes", blackboxes},
          {"runtime_seconds", report.runtime_seconds},
          {"peak_memory_mb", report.peak_memory_mb},
          {"yosys_version", report.yosys_version},
          {"log_file", report.log_file.string()}};
}

Json to_json(const std::vector<BlockArea>& blocks) {
  Json rows = Json::array();
  for (const BlockArea& block : blocks) {
    rows.push_back({{"block", block.block},
                    {"area_um2", to_um2(block.area)},
                    {"gate_equivalents", block.gate_equivalents},
                    {"share", block.share},
                    {"flip_flops", block.flip_flops}});
  }
  return rows;
}

Json to_json(const Overhead& overhead) {
  Json rows = Json::array();
  for (const BlockOverhead& block : overhead.blocks) {
    rows.push_back(
        {{"block", block.block}, {"extra_um2", to_um2(block.area)}, {"share_of_twin", block.share_of_twin}});
  }
  return {{"area_um2", to_um2(overhead.area)},
          {"twin_area_um2", to_um2(overhead.twin_area)},
          {"extra_um2", to_um2(overhead.extra)},
          {"fraction", overhead.fraction},
          {"blocks", rows}};
}

}  // namespace msq::synth
