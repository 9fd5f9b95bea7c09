#include "flow/measure/register_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "flow/measure/netlist.hpp"
#include "golden/io/atomic_file.hpp"
#include "support/progress.hpp"
#include "synth/power.hpp"
#include "synth/sta.hpp"
#include "synth/yosys.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTop = "memory_of_registers";
constexpr double kPeriod = 10;  ///< ns; the energy of a cycle does not depend on it

/// A module without parameters around the memory.
std::string wrapper(const std::string& memory, int width, int depth) {
  const auto address = static_cast<int>(std::bit_width(static_cast<unsigned>(depth - 1)));
  return fmt::format(
      "module {0} (input wire clk_i, input wire write_i, input wire [{3}:0] write_address_i,\n"
      "    input wire [{4}:0] write_data_i, input wire [{3}:0] read_address_i,\n"
      "    output wire [{4}:0] read_data_o);\n"
      "  {1} #(.WIDTH({5}), .DEPTH({2})) u_memory (.clk_i(clk_i), .write_i(write_i),\n"
      "    .write_address_i(write_address_i), .write_data_i(write_data_i),\n"
      "    .read_i(1'b1), .read_address_i(read_address_i), .read_data_o(read_data_o));\n"
      "endmodule\n",
      kTop, memory, depth, address - 1, width - 1, width);
}

const DesignFile& memory_file(const Design& design) {
  const std::string name = design.memory_modules.front() + ".v";
  return *std::find_if(design.leaves.begin(), design.leaves.end(),
                       [&](const DesignFile& file) { return file.name == name; });
}

/// Energy of a cycle in which no data changes: the clock pins of all flip-flops.
Result<> add_clock_energy(const synth::Netlist& netlist, const synth::Liberty& library,
                          const synth::SynthesisRequest& request, synth::MemoryFigures& figures) {
  const auto nets = static_cast<std::size_t>(netlist.nets);
  const synth::Activity still{std::vector<std::uint64_t>(nets), std::vector<std::uint64_t>(nets), 1};
  MSQ_TRY(const auto power,
          synth::analyze_power(netlist, still,
                               {request.liberty, request.work_directory / "power", kClockPort, kPeriod}));
  synth::CellPower cells;
  for (const synth::CellPower& cell : power.cells) cells += cell;
  figures.leakage = cells.leakage;
  figures.cycle_energy = (cells.internal + cells.switching) * kPeriod * 1e-9 +
                         power.clock_capacitance * 1e-12 * library.voltage * library.voltage;
  return {};
}

Result<> add_times(const synth::Netlist& netlist, const synth::SynthesisRequest& request,
                   synth::MemoryFigures& figures) {
  MSQ_TRY(const auto timing,
          synth::analyze_timing({netlist}, {request.liberty, request.work_directory / "timing", kClockPort}));
  for (const synth::TimingPath& path : timing.front().paths) {
    if (path.from == synth::PathEnd::registers && path.to == synth::PathEnd::ports)
      figures.access_time = path.period;
    if (path.from == synth::PathEnd::ports && path.to == synth::PathEnd::registers)
      figures.setup_time = path.period;
  }
  return {};
}

}  // namespace

Result<synth::MemoryFigures> measure_register_memory(const Design& design, int width, int depth,
                                                     const Flow& flow, const synth::Liberty& library,
                                                     bool with_opensta) {
  const fs::path directory = flow.work / fmt::format("memory-{}x{}", width, depth);
  MSQ_TRY(const auto lock, lock_work(directory));
  const DesignFile& memory = memory_file(design);
  MSQ_CHECK(golden::write_file_atomically(directory / "top.v",
                                          wrapper(design.memory_modules.front(), width, depth)));
  MSQ_CHECK(golden::write_file_atomically(directory / memory.name, memory.text));
  const synth::SynthesisRequest request{.sources = {directory / memory.name, directory / "top.v"},
                                        .top = kTop,
                                        .liberty = flow.liberty,
                                        .netlist = with_opensta,
                                        .work_directory = directory};
  const Progress progress(fmt::format("synthesizing a memory of {} x {} bits with Yosys", depth, width));
  MSQ_TRY(const auto report, synth::synthesize(request));
  synth::MemoryFigures figures{.area = report.um2(report.area)};
  if (!with_opensta) return figures;
  MSQ_TRY(const auto mapped, synth::MappedDesign::load(request.netlist_file(), library));
  PreparedNetlist prepared{.design = design,
                           .liberty_file = flow.liberty,
                           .directory = directory,
                           .liberty = library,
                           .core = mapped.flatten(kTop)};
  MSQ_CHECK(hold_fanout(prepared, flow.max_fanout));
  figures.area += prepared.fanout.area;
  MSQ_CHECK(add_times(prepared.core, request, figures));
  MSQ_CHECK(add_clock_energy(prepared.core, library, request, figures));
  return figures;
}

}  // namespace msq::flow
