#include "flow/measure/netlist.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "synth/sta.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

std::vector<synth::CellType> buffers_of(const synth::Liberty& liberty) {
  std::vector<synth::CellType> buffers;
  for (const auto& [name, cell] : liberty.cells) {
    if (cell.buffer && cell.area.value_or(0) > 0 && !cell.dont_use)
      buffers.push_back({name, {{cell.buffer->input, false}, {cell.buffer->output, true}}, false});
  }
  return buffers;
}

/// Load that a buffer is chosen by: the library's gate cell, or the most frequent cell without memory in the
/// netlist.
const synth::CellType* typical_load(const synth::Netlist& netlist, const std::string& gate_cell) {
  std::vector<std::size_t> counts(netlist.types.size());
  for (const synth::NetlistCell& cell : netlist.cells) ++counts[static_cast<std::size_t>(cell.type)];
  const synth::CellType* load = nullptr;
  std::size_t most = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const synth::CellType& type = netlist.types[i];
    if (type.name == gate_cell) return &type;
    if (!type.flip_flop && counts[i] > most) {
      most = counts[i];
      load = &type;
    }
  }
  return load;
}

/// Modules without modules below them, by their names to Yosys; the top is none of them.
std::vector<synth::Netlist> leaves_of(const synth::MappedDesign& mapped, const std::string& top) {
  std::vector<synth::Netlist> leaves;
  for (const auto& [name, source_name] : mapped.modules()) {
    if (name == top || mapped.has_modules(name)) continue;
    leaves.push_back(mapped.flatten(name));
  }
  return leaves;
}

/// The fastest buffer for trees of this fan-out. Error: the library has none.
template <class Prepared>
Result<synth::CellType> choose_buffer(const Prepared& prepared, const synth::CellType& load, int fanout) {
  return synth::fastest_buffer(buffers_of(prepared.liberty), load, static_cast<std::size_t>(fanout),
                               {prepared.liberty_file, prepared.directory / "buffers", kClockPort});
}

}  // namespace

Result<> hold_fanout(PreparedNetlist& prepared, int limit) {
  prepared.fanout.limit = limit;
  if (limit == 0) return {};
  const synth::CellType* load = typical_load(prepared.core, prepared.liberty.gate_cell);
  if (load == nullptr) return {};  // only registers
  MSQ_TRY(const auto buffer, choose_buffer(prepared, *load, limit));
  const auto most = static_cast<std::size_t>(limit);
  FanoutBuffers& fanout = prepared.fanout;
  fanout.cell = buffer;
  fanout.repair = synth::limit_fanout(prepared.core, most, buffer, prepared.core.input(kClockPort));
  fanout.area = fanout.repair.buffers * prepared.liberty.cells.at(buffer.name).area.value_or(0);
  for (synth::Netlist& leaf : prepared.leaves)
    synth::limit_fanout(leaf, most, buffer, leaf.input(kClockPort));
  return {};
}

namespace {

/// Takes the largest module of a name. Errors: no such module; one with memories.
Result<> pick_module(PreparedModule& prepared, const synth::MappedDesign& mapped, const Design& design,
                     const std::string& module) {
  std::set<std::string> names;
  for (const auto& [name, source_name] : mapped.modules()) {
    names.insert(source_name);
    prepared.block_of[source_name] = area_block(design, source_name);
    if (source_name != module) continue;
    ++prepared.variants;
    synth::Netlist netlist = mapped.flatten(name);
    if (prepared.variants == 1 || netlist.cells.size() > prepared.netlist.cells.size())
      prepared.netlist = std::move(netlist);
  }
  if (prepared.variants == 0)
    return Error(
        fmt::format("module \"{}\": found none in the design; allowed: {}", module, fmt::join(names, ", ")));
  if (!prepared.netlist.memories.empty()) {
    return Error(fmt::format(
        "module {}: holds memories, of which the library has no layout; allowed: one without", module));
  }
  return {};
}

}  // namespace

Result<PreparedNetlist> prepare_netlist(const Synthesized& synthesized, const Flow& flow) {
  const Design& design = synthesized.design;
  PreparedNetlist prepared{
      .design = design, .liberty_file = flow.liberty, .directory = synthesized.directory()};
  MSQ_TRY(prepared.liberty, synth::read_liberty(flow.liberty));
  MSQ_TRY(const auto mapped, synth::MappedDesign::load(synthesized.netlist, prepared.liberty));
  prepared.core = mapped.flatten(design.top);
  prepared.leaves = leaves_of(mapped, design.top);
  for (const auto& [name, source_name] : mapped.modules())
    prepared.block_of[source_name] = area_block(design, source_name);
  MSQ_CHECK(hold_fanout(prepared, flow.max_fanout));
  return prepared;
}

double PreparedModule::area(const synth::Netlist& of) const {
  double sum = 0;
  for (const synth::NetlistCell& cell : of.cells)
    sum += liberty.cells.at(of.types[static_cast<std::size_t>(cell.type)].name).area.value_or(0);
  return sum;
}

Result<PreparedModule> prepare_module(const Synthesized& synthesized, const Flow& flow,
                                      const std::string& module) {
  PreparedModule prepared;
  prepared.liberty_file = flow.liberty;
  prepared.directory = synthesized.directory();
  MSQ_TRY(prepared.liberty, synth::read_liberty(flow.liberty));
  MSQ_TRY(const auto mapped, synth::MappedDesign::load(synthesized.netlist, prepared.liberty));
  MSQ_CHECK(pick_module(prepared, mapped, synthesized.design, module));
  prepared.synthesized_area = prepared.area(prepared.netlist);
  const synth::CellType* load = typical_load(prepared.netlist, prepared.liberty.gate_cell);
  if (load == nullptr) return Error(fmt::format("module {}: holds no gates; allowed: one with some", module));
  constexpr int kTrialFanout = 16;  // if nets stay as they are, ports may still need a buffer
  const int limit = flow.max_fanout == 0 ? kTrialFanout : flow.max_fanout;
  MSQ_TRY(const auto buffer, choose_buffer(prepared, *load, limit));
  prepared.buffer = buffer.name;
  prepared.port_buffers = synth::buffer_ports(prepared.netlist, buffer);
  if (flow.max_fanout != 0) {
    prepared.repair = synth::limit_fanout(prepared.netlist, static_cast<std::size_t>(limit), buffer,
                                          prepared.netlist.input(kClockPort));
  }
  return prepared;
}

}  // namespace msq::flow
