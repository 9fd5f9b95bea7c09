#include "cli/area.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/text.hpp"
#include "gen/arch/design.hpp"
#include "gen/arch/manifest.hpp"
#include "gen/config/serialize.hpp"
#include "support/process.hpp"
#include "support/progress.hpp"
#include "synth/json.hpp"
#include "synth/liberty.hpp"
#include "synth/yosys.hpp"
#include "tb/sim/build_model.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

synth::BlockTable block_table(const std::vector<Design>& designs) {
  synth::BlockTable table{.order = area_blocks(designs.front())};
  for (const Design& design : designs) {
    for (const std::string& file : design.verilog_files()) {
      const std::string module = fs::path(file).stem().string();
      const bool memory = std::find(design.memory_modules.begin(), design.memory_modules.end(), module) !=
                          design.memory_modules.end();
      if (!memory) table.block_of[module] = area_block(design, module);
    }
  }
  return table;
}

Design design_of(const Config& config, const AreaRequest& request) {
  return request.top ? build_accelerator(config) : build_design(config);
}

synth::SynthesisRequest synthesis_request(const Design& design, const AreaRequest& request) {
  synth::SynthesisRequest synthesis{
      .sources = {},
      .top = design.top,
      .liberty = request.liberty,
      .flatten = request.flatten,
      .netlist = request.netlist,
      .work_directory =
          request.work / fmt::format("{}-{}{}{}", design.config.name, config_hash(design.config),
                                     request.top ? "-top" : "", request.flatten ? "-flat" : "")};
  for (const std::string& file : design.verilog_files()) {
    const bool memory = std::find(design.memory_modules.begin(), design.memory_modules.end(),
                                  fs::path(file).stem().string()) != design.memory_modules.end();
    (memory ? synthesis.blackboxes : synthesis.sources).push_back(synthesis.work_directory / file);
  }
  return synthesis;
}

}  // namespace

Result<DesignArea> measure_design(const Design& design, const AreaRequest& request) {
  const synth::SynthesisRequest synthesis = synthesis_request(design, request);
  if (auto written = tb::write_design(design, synthesis.work_directory); !written) {
    return Error(written.error());
  }
  const Progress progress(fmt::format("synthesizing {} with Yosys", design.config.name));
  auto report = synth::synthesize(synthesis);
  if (!report) return Error(report.error());
  DesignArea area{design.config, std::move(*report), {}, memory_bits(design), design.dimensions.acc_bits};
  if (request.flatten) return area;
  auto blocks = synth::area_by_block(area.report, block_table({design}));
  if (!blocks) return Error(blocks.error());
  area.blocks = std::move(*blocks);
  return area;
}

namespace {

Result<TwinArea> measure_twin(const Config& config, const DesignArea& original, Twin twin,
                              const AreaRequest& request) {
  const std::vector<Design> designs = {design_of(config, request),
                                       design_of(none_twin(config, twin), request)};
  auto area = measure_design(designs[1], request);
  if (!area) return Error(area.error());
  synth::BlockTable table = block_table(designs);
  auto overhead = synth::compare(original.report, area->report, table);
  if (!overhead) return Error(overhead.error());
  return TwinArea{std::move(*area), std::move(*overhead)};
}

}  // namespace

Json to_json(const DesignArea& area) {
  Json json = {{"config", Json::parse(msq::to_json(area.config))},
               {"config_hash", config_hash(area.config)},
               {"sum_bits", area.sum_bits},
               {"area_um2", synth::to_um2(area.report.area)},
               {"gate_equivalents", area.report.gate_equivalents()},
               {"memory_bits", area.memory_bits},
               {"blocks", synth::to_json(area.blocks)},
               {"synthesis", synth::to_json(area.report)}};
  return json;
}

namespace {

Json to_json(const std::optional<TwinArea>& twin) {
  if (!twin) return nullptr;
  Json json = to_json(twin->area);
  json["overhead"] = synth::to_json(twin->overhead);
  return json;
}

std::string total_text(const DesignArea& area) {
  return fmt::format("{} um^2 = {} gate equivalents, {} bits in memories",
                     grouped(area.report.area / 1'000'000),
                     grouped(std::llround(area.report.gate_equivalents())), grouped(area.memory_bits));
}

/// Area of a block by its name; 0 if the design has none of that name.
synth::AreaNm2 area_of(const std::vector<synth::BlockArea>& blocks, const std::string& name) {
  const auto block =
      std::find_if(blocks.begin(), blocks.end(), [&](const auto& b) { return b.block == name; });
  return block == blocks.end() ? 0 : block->area;
}

std::string block_text(const AreaComparison& c) {
  std::vector<std::string> header = {"block", "um^2", "GE", "share"};
  if (c.same_sum_width) header.insert(header.end(), {"plain um^2", "extra, of plain"});
  Table table(header);
  for (std::size_t i = 0; i < c.configuration.blocks.size(); ++i) {
    const synth::BlockArea& block = c.configuration.blocks[i];
    std::vector<std::string> row = {block.block, grouped(block.area / 1'000'000),
                                    grouped(std::llround(block.gate_equivalents)), percent(block.share, 1)};
    if (c.same_sum_width) {
      row.push_back(grouped(area_of(c.same_sum_width->area.blocks, block.block) / 1'000'000));
      row.push_back(percent(c.same_sum_width->overhead.blocks[i].share_of_twin, 1));
    }
    table.add(row);
  }
  return table.str();
}

std::string twin_text(const char* label, const std::optional<TwinArea>& twin) {
  if (!twin) return {};
  return item(label, fmt::format("{} of a plain array with {}-bit sums ({} um^2)",
                                 percent(twin->overhead.fraction, 1), twin->area.config.acc_width(),
                                 grouped(twin->area.report.area / 1'000'000)));
}

}  // namespace

Result<> check_synthesis_tools(const fs::path& liberty) {
  for (const char* program : {"yosys", "berkeley-abc"}) {
    if (!on_path(program)) return Error(missing_program_message(program));
  }
  std::error_code error;
  if (!fs::exists(liberty, error) && liberty == synth::kOsu018Liberty) {
    return Error(
        fmt::format("{}: no such library; install the Debian package qflow-tech-osu018, or name "
                    "another one with --liberty",
                    liberty.string()));
  }
  const auto library = synth::read_liberty(liberty);
  if (!library) return Error(library.error());
  return {};
}

Result<AreaComparison> measure_area(const Config& config, const AreaRequest& request) {
  if (auto tools = check_synthesis_tools(request.liberty); !tools) return Error(tools.error());
  auto own = measure_design(design_of(config, request), request);
  if (!own) return Error(own.error());
  AreaComparison comparison{std::move(*own), {}, {}, {}};
  if (!request.twins || !config.has_outliers()) return comparison;
  using Place = std::optional<TwinArea> AreaComparison::*;
  std::vector<std::pair<Twin, Place>> twins = {{Twin::same_sum_width, &AreaComparison::same_sum_width},
                                               {Twin::own_sum_width, &AreaComparison::own_sum_width}};
  if (config.rows_per_tree() > 1) twins.emplace_back(Twin::systolic, &AreaComparison::systolic);
  for (const auto& [kind, place] : twins) {
    auto twin = measure_twin(config, comparison.configuration, kind, request);
    if (!twin) return Error(twin.error());
    comparison.*place = std::move(*twin);
  }
  return comparison;
}

Json to_json(const AreaComparison& c) {
  const synth::SynthesisReport& report = c.configuration.report;
  return {{"library", report.library},
          {"gate_cell", report.gate_cell},
          {"gate_area_um2", synth::to_um2(report.gate_area)},
          {"flattened", report.flattened},
          {"configuration", to_json(c.configuration)},
          {"none_same_sum_width", to_json(c.same_sum_width)},
          {"none_own_sum_width", to_json(c.own_sum_width)},
          {"none_systolic", to_json(c.systolic)}};
}

std::string to_text(const DesignArea& area) {
  AreaComparison alone{area, {}, {}, {}};
  return to_text(alone);
}

std::string to_text(const AreaComparison& c) {
  const synth::SynthesisReport& report = c.configuration.report;
  std::string text =
      item("library", fmt::format("{}, 1 gate equivalent = {} of {} um^2{}", report.library, report.gate_cell,
                                  synth::to_um2(report.gate_area), report.flattened ? ", flattened" : ""));
  text += item("area", total_text(c.configuration));
  text += block_text(c);
  text += twin_text("outlier support", c.same_sum_width);
  text += twin_text("  against narrower sums", c.own_sum_width);
  text += twin_text("  against no trees", c.systolic);
  return text;
}

}  // namespace msq::cli
