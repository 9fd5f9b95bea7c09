#include "flow/silicon.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "gen/arch/manifest.hpp"
#include "synth/memory_model.hpp"

namespace msq::flow {
namespace {

constexpr double kNano = 1e-9, kPico = 1e-12;
constexpr double kFlipFlop = 20.02;       ///< um^2 of the smallest one of SKY130, sky130_fd_sc_hd__dfxtp_1
constexpr double kLargestCellArea = 1e9;  ///< um^2

bool has_size(const MacroMemory& macro, const Memory& memory) {
  return macro.width == memory.width && macro.depth == memory.depth;
}

MacroMemory macro_of(const Memory& memory, const synth::MemoryFigures& figures) {
  return {.width = memory.width,
          .depth = memory.depth,
          .area = figures.area,
          .leakage_nw = figures.leakage / kNano,
          .read_pj = figures.read_energy / kPico,
          .write_pj = figures.write_energy / kPico,
          .access_ns = figures.access_time,
          .setup_ns = figures.setup_time};
}

/// Refuses an area that the flip-flops of the weights alone exceed, two words per PE, or larger than any
/// chip.
Result<> check_cell_area(const Design& design, double area) {
  const Dimensions& d = design.dimensions;
  const double least = 2.0 * d.rows * d.cols * d.weight_bits * kFlipFlop;
  if (area >= least && area <= kLargestCellArea) return {};
  return Error(fmt::format(
      "--cell-area: found {:g}; allowed: {:.0f} (flip-flops of the array's weights alone) to {:g}", area,
      std::ceil(least), kLargestCellArea));
}

/// Refuses figures whose placeholder could not have its pins.
Result<> check_pins(const GivenMemory& given, const std::string& platform) {
  const double least = least_macro_area({.width = given.width, .depth = given.depth}, platform);
  if (given.figures.area >= least) return {};
  return Error(
      fmt::format("--memories: {}x{}: area_um2: found {:g}; allowed with --platform {}: at least {:.0f}, for "
                  "its pins",
                  given.width, given.depth, given.figures.area, platform, std::ceil(least)));
}

/// Figures of a memory that becomes a macro, or nothing: it stays registers.
Result<std::optional<MacroMemory>> find_macro(const Memory& memory, const std::string& platform,
                                              const std::vector<GivenMemory>& given) {
  for (const GivenMemory& g : given) {
    if (g.width != memory.width || g.depth != memory.depth) continue;
    MSQ_CHECK(check_pins(g, platform));
    return macro_of(memory, g.figures);
  }
  if (static_cast<long>(memory.width) * memory.depth <= kMostRegisterBits)
    return std::optional<MacroMemory>();
  const auto process = synth::memory_process(std::string_view(silicon_library(platform)));
  if (!process)
    return Error(
        fmt::format("--platform {}: found no model of its memory macros, and no figures of {}x{}; "
                    "allowed: --memories with these figures, or --memory-registers",
                    platform, memory.width, memory.depth));
  return macro_of(memory, synth::array_figures(synth::arrange_macros(memory.width, memory.depth), *process));
}

}  // namespace

Result<SiliconOptions> silicon_options(const Design& design, SiliconOptions options,
                                       const SiliconMemories& memories) {
  const auto allowed = silicon_platforms(options.flow);
  if (std::find(allowed.begin(), allowed.end(), options.platform) == allowed.end())
    return Error(fmt::format("--platform: found {}; allowed with --flow {}: {}", options.platform,
                             silicon_flow_name(options.flow), fmt::join(allowed, ", ")));
  if (options.flow == SiliconFlow::orfs && options.cell_area > 0)
    return Error("--cell-area: allowed with --flow librelane; orfs places macros by itself");
  if (options.cell_area > 0) {
    if (memories.registers)
      return Error("--cell-area: allowed without --memory-registers; only macros need places in the die");
    MSQ_CHECK(check_cell_area(design, options.cell_area));
  }
  if (memories.registers) return options;
  for (const Memory& memory : msq::memories(design)) {
    const auto same = [&](const MacroMemory& m) { return has_size(m, memory); };
    if (std::any_of(options.macros.begin(), options.macros.end(), same)) continue;
    MSQ_TRY(const auto macro, find_macro(memory, options.platform, memories.given));
    if (macro) options.macros.push_back(*macro);
  }
  const auto unused = [&](const GivenMemory& g) {
    return std::none_of(options.macros.begin(), options.macros.end(),
                        [&](const MacroMemory& m) { return m.width == g.width && m.depth == g.depth; });
  };
  const auto& given = memories.given;
  if (!given.empty() && std::all_of(given.begin(), given.end(), unused)) {
    std::vector<std::string> sizes;
    for (const Memory& memory : msq::memories(design))
      sizes.push_back(fmt::format("{}x{}", memory.width, memory.depth));
    return Error(fmt::format("--memories: found no memory of the design; allowed: some of {}",
                             fmt::join(sizes, ", ")));
  }
  if (options.flow == SiliconFlow::librelane && !options.macros.empty() && options.cell_area <= 0)
    return Error(
        fmt::format("--flow librelane: found {} sizes of memory macros, which need places in the die; "
                    "allowed: --cell-area UM2, as synth reports it, or --memory-registers",
                    options.macros.size()));
  return options;
}

}  // namespace msq::flow
