#include "flow/measure/area.hpp"

#include <utility>

#include "flow/measure/modules.hpp"
#include "gen/arch/manifest.hpp"
#include "gen/config/serialize.hpp"

namespace msq::flow {
namespace {

synth::BlockTable block_table(const std::vector<const Design*>& designs) {
  synth::BlockTable table{.order = area_blocks(*designs.front())};
  for (const Design* design : designs) {
    for (const std::string& module : logic_modules(*design))
      table.block_of[module] = area_block(*design, module);
  }
  return table;
}

Design design_of(const Config& config, const AreaOptions& options) {
  if (options.shell) return build_shell(config);
  return options.top ? build_accelerator(config) : build_design(config);
}

/// @param clock set if the flow has periods.
Result<Synthesized> map_design(const Design& design, const Flow& flow, const SynthesisOptions& options,
                               std::optional<ClockFindings>& clock) {
  if (flow.periods.empty()) return synthesize(design, flow, options);
  MSQ_TRY(auto mapped, map_for_clock(design, flow, options));
  clock = std::move(mapped.findings);
  return std::move(mapped.netlist);
}

Result<TwinArea> measure_twin(const DesignArea& original, Twin twin, const Flow& flow,
                              const AreaOptions& options) {
  const Design design = design_of(none_twin(original.config(), twin), options);
  MSQ_TRY(auto area, measure_design(design, flow, {.flatten = options.synthesis.flatten}));
  const synth::BlockTable table = block_table({&original.synthesized.design, &design});
  MSQ_TRY(auto overhead, synth::compare(original.report(), area.report(), table));
  return TwinArea{std::move(area), std::move(overhead)};
}

}  // namespace

Result<DesignArea> measure_design(const Design& design, const Flow& flow, const SynthesisOptions& options) {
  std::optional<ClockFindings> clock;
  MSQ_TRY(auto synthesized, map_design(design, flow, options, clock));
  DesignArea area{
      std::move(synthesized), {}, memory_bits(design), design.dimensions.acc_bits, std::move(clock)};
  if (options.flatten) return area;
  MSQ_TRY(area.blocks, synth::area_by_block(area.report(), block_table({&design})));
  return area;
}

Result<AreaFindings> measure_area(const Config& config, const Flow& flow, const AreaOptions& options) {
  MSQ_CHECK(check_synthesis_tools(flow.liberty));
  MSQ_TRY(auto own, measure_design(design_of(config, options), flow, options.synthesis));
  AreaFindings findings{.configuration = std::move(own)};
  if (!options.twins || !config.has_outliers()) return findings;
  using Place = std::optional<TwinArea> AreaFindings::*;
  std::vector<std::pair<Twin, Place>> twins = {{Twin::same_sum_width, &AreaFindings::same_sum_width},
                                               {Twin::own_sum_width, &AreaFindings::own_sum_width}};
  if (config.rows_per_tree() > 1) twins.emplace_back(Twin::systolic, &AreaFindings::systolic);
  for (const auto& [kind, place] : twins) {
    MSQ_TRY(findings.*place, measure_twin(findings.configuration, kind, flow, options));
  }
  return findings;
}

}  // namespace msq::flow
