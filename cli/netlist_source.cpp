#include "cli/netlist_source.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "synth/sta.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

std::vector<synth::CellType> buffers_of(const synth::Liberty& liberty) {
  std::vector<synth::CellType> buffers;
  for (const auto& [name, cell] : liberty.cells) {
    if (cell.buffer && cell.area.value_or(0) > 0)
      buffers.push_back({name, {{cell.buffer->input, false}, {cell.buffer->output, true}}, false});
  }
  return buffers;
}

/// What a buffer is chosen by: the library's gate cell, or the cell without memory that the netlist has most
/// of.
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

tl::expected<void, std::string> limit_fanout(PreparedNetlist& prepared, const NetlistSource& source) {
  if (source.max_fanout == 0) return {};
  const synth::CellType* load = typical_load(prepared.core, prepared.liberty.gate_cell);
  if (load == nullptr) return {};  // nothing but registers
  const auto limit = static_cast<std::size_t>(source.max_fanout);
  const auto buffer = synth::fastest_buffer(buffers_of(prepared.liberty), *load, limit,
                                            {source.liberty, source.work / "buffers", kClockPort});
  if (!buffer) return Failure(buffer.error());
  prepared.buffer = buffer->name;
  prepared.repair = synth::limit_fanout(prepared.core, limit, *buffer, prepared.core.input(kClockPort));
  prepared.buffer_area = prepared.repair.buffers * prepared.liberty.cells.at(buffer->name).area.value_or(0);
  for (synth::Netlist& leaf : prepared.leaves)
    synth::limit_fanout(leaf, limit, *buffer, leaf.input(kClockPort));
  return {};
}

}  // namespace

tl::expected<PreparedNetlist, std::string> prepare_netlist(const Design& design,
                                                           const NetlistSource& source) {
  PreparedNetlist prepared;
  auto liberty = synth::read_liberty(source.liberty);
  if (!liberty) return Failure(liberty.error());
  prepared.liberty = std::move(*liberty);
  const auto mapped = synth::MappedDesign::load(source.netlist, prepared.liberty);
  if (!mapped) return Failure(mapped.error());
  prepared.core = mapped->flatten(design.top);
  prepared.leaves = leaves_of(*mapped, design.top);
  for (const auto& [name, source_name] : mapped->modules())
    prepared.block_of[source_name] = area_block(design, source_name);
  prepared.max_fanout = source.max_fanout;
  if (auto limited = limit_fanout(prepared, source); !limited) return Failure(limited.error());
  return prepared;
}

}  // namespace msq::cli
