#include "report/area.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "gen/config/serialize.hpp"
#include "report/clock.hpp"
#include "report/text.hpp"

namespace msq::report {

using Json = nlohmann::ordered_json;

Json to_json(const synth::SynthesisReport& report) {
  Json modules = Json::array();
  for (const synth::ModuleArea& module : report.modules) {
    modules.push_back(
        {{"name", module.name},
         {"instances", module.instances},
         {"area_um2", report.um2(module.area)},
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
          {"gate_area_um2", report.um2(report.gate_area)},
          {"area_um2", report.um2(report.area)},
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

Json to_json(const std::vector<synth::BlockArea>& blocks, const synth::SynthesisReport& report) {
  Json rows = Json::array();
  for (const synth::BlockArea& block : blocks) {
    rows.push_back({{"block", block.block},
                    {"area_um2", report.um2(block.area)},
                    {"gate_equivalents", block.gate_equivalents},
                    {"share", block.share},
                    {"flip_flops", block.flip_flops}});
  }
  return rows;
}

Json to_json(const synth::Overhead& overhead, const synth::SynthesisReport& report) {
  Json rows = Json::array();
  for (const synth::BlockOverhead& block : overhead.blocks) {
    rows.push_back({{"block", block.block},
                    {"extra_um2", report.um2(block.area)},
                    {"share_of_twin", block.share_of_twin}});
  }
  return {{"area_um2", report.um2(overhead.area)},
          {"twin_area_um2", report.um2(overhead.twin_area)},
          {"extra_um2", report.um2(overhead.extra)},
          {"fraction", overhead.fraction},
          {"blocks", rows}};
}

Json to_json(const flow::DesignArea& area) {
  Json json = {{"config", Json::parse(msq::to_json(area.config()))},
               {"config_hash", config_hash(area.config())},
               {"sum_bits", area.sum_bits},
               {"area_um2", area.report().um2(area.report().area)},
               {"gate_equivalents", area.report().gate_equivalents()},
               {"memory_bits", area.memory_bits},
               {"blocks", to_json(area.blocks, area.report())},
               {"synthesis", to_json(area.report())}};
  if (area.clock) json["clock"] = to_json(*area.clock);
  return json;
}

namespace {

Json twin_json(const std::optional<flow::TwinArea>& twin) {
  if (!twin) return nullptr;
  Json json = to_json(twin->area);
  json["overhead"] = to_json(twin->overhead, twin->area.report());
  return json;
}

std::string total_text(const flow::DesignArea& area) {
  return fmt::format("{} um^2 = {} gate equivalents, {} bits in memories",
                     area_text(area.report().um2(area.report().area)),
                     grouped(std::llround(area.report().gate_equivalents())), grouped(area.memory_bits));
}

/// Area of a block by its name; 0 if the design has none of that name.
synth::AreaNm2 area_of(const std::vector<synth::BlockArea>& blocks, const std::string& name) {
  const auto block =
      std::find_if(blocks.begin(), blocks.end(), [&](const auto& b) { return b.block == name; });
  return block == blocks.end() ? 0 : block->area;
}

std::string block_text(const flow::AreaFindings& c) {
  const synth::SynthesisReport& report = c.configuration.report();
  std::vector<std::string> header = {"block", "um^2", "GE", "share"};
  if (c.same_sum_width) header.insert(header.end(), {"plain um^2", "extra, of plain"});
  Table table(header);
  for (std::size_t i = 0; i < c.configuration.blocks.size(); ++i) {
    const synth::BlockArea& block = c.configuration.blocks[i];
    std::vector<std::string> row = {block.block, area_text(report.um2(block.area)),
                                    grouped(std::llround(block.gate_equivalents)), percent(block.share, 1)};
    if (c.same_sum_width) {
      row.push_back(area_text(report.um2(area_of(c.same_sum_width->area.blocks, block.block))));
      row.push_back(percent(c.same_sum_width->overhead.blocks[i].share_of_twin, 1));
    }
    table.add(row);
  }
  return table.str();
}

std::string twin_text(const char* label, const std::optional<flow::TwinArea>& twin) {
  if (!twin) return {};
  return item(label, fmt::format("{} of a plain array with {}-bit sums ({} um^2)",
                                 percent(twin->overhead.fraction, 1), twin->area.config().acc_width(),
                                 area_text(twin->area.report().um2(twin->area.report().area))));
}

/// Cost of outliers at each clock, buffers included.
std::string twin_clocks_text(const flow::AreaFindings& c) {
  if (!c.same_sum_width || !c.same_sum_width->area.clock) return {};
  std::string text;
  for (std::size_t i = 0; i < c.configuration.clock->points.size(); ++i) {
    const flow::ClockPoint& own = c.configuration.clock->points[i];
    const flow::ClockPoint& twin = c.same_sum_width->area.clock->points[i];
    text += item("outlier support",
                 fmt::format("{} of a plain array with the same sums at {:.3f} ns ({} um^2, {})",
                             percent(own.area_um2 / twin.area_um2 - 1, 1), own.period,
                             area_text(twin.area_um2), met_text(twin)));
  }
  return text;
}

}  // namespace

Json to_json(const flow::AreaFindings& c) {
  const synth::SynthesisReport& report = c.configuration.report();
  return {{"library", report.library},
          {"gate_cell", report.gate_cell},
          {"gate_area_um2", report.um2(report.gate_area)},
          {"flattened", report.flattened},
          {"configuration", to_json(c.configuration)},
          {"none_same_sum_width", twin_json(c.same_sum_width)},
          {"none_own_sum_width", twin_json(c.own_sum_width)},
          {"none_systolic", twin_json(c.systolic)}};
}

std::string to_text(const flow::DesignArea& area) {
  flow::AreaFindings alone{area, {}, {}, {}};
  return to_text(alone);
}

std::string to_text(const flow::AreaFindings& c) {
  const synth::SynthesisReport& report = c.configuration.report();
  std::string text =
      item("library", fmt::format("{}, 1 gate equivalent = {} of {} um^2{}", report.library, report.gate_cell,
                                  report.um2(report.gate_area), report.flattened ? ", flattened" : ""));
  text += item("area", total_text(c.configuration));
  text += block_text(c);
  text += twin_text("outlier support", c.same_sum_width);
  const bool narrower = c.own_sum_width && c.own_sum_width->area.sum_bits < c.configuration.sum_bits;
  if (narrower) text += twin_text("  against narrower sums", c.own_sum_width);
  text += twin_text("  against no trees", c.systolic);
  if (c.configuration.clock) text += "\nClock\n" + to_text(*c.configuration.clock) + twin_clocks_text(c);
  return text;
}

}  // namespace msq::report
