#include "flow/measure/gate_model.hpp"

#include <bit>
#include <string>
#include <utility>

#include "flow/layer/simulation.hpp"
#include "flow/measure/modules.hpp"
#include "synth/cell_models.hpp"
#include "tb/sim/build_model.hpp"

namespace msq::flow {
namespace {

constexpr const char* kNoLint =
    "/* verilator lint_off DECLFILENAME */\n/* verilator lint_off UNUSED */\n/* verilator lint_off UNDRIVEN "
    "*/\n"
    "/* verilator lint_off PINMISSING */\n/* verilator lint_off WIDTH */\n/* verilator lint_off UNOPTFLAT "
    "*/\n"
    "/* verilator lint_off EOFNEWLINE */\n/* verilator lint_off PINCONNECTEMPTY */\n"
    "/* verilator lint_off MODDUP */\n/* verilator lint_off CASEINCOMPLETE */\n";

/// The netlist as a design of its own, with the ports of the original and the taps.
Design gate_design(const Design& design, const synth::TappedVerilog& netlist, const std::string& cells) {
  Design gates = design;
  gates.config.name += "-gates";
  for (const synth::Tap& tap : netlist.taps)
    gates.ports.push_back(
        {tap.port, verilog::Direction::output, {.width = static_cast<int>(tap.nets.size())}, {}});
  gates.generated = {{"cells.v", std::string(kNoLint) + cells},
                     {design.top + ".v", std::string(kNoLint) + netlist.text}};
  gates.leaves.clear();
  for (const DesignFile& leaf : design.leaves) {
    if (is_memory(design, module_of(leaf.name))) gates.leaves.push_back(leaf);
  }
  return gates;
}

}  // namespace

std::string_view no_lint() { return kNoLint; }

ToggleCounter::ToggleCounter(std::vector<synth::Tap> taps, std::size_t nets)
    : taps_(std::move(taps)), values_(taps_.size()) {
  activity_.toggles.resize(nets);
  activity_.ones.resize(nets);
}

void ToggleCounter::look(const tb::Model& model) {
  if (ports_.empty()) {
    for (const synth::Tap& tap : taps_) ports_.push_back(model.port(tap.port));
    for (std::size_t i = 0; i < ports_.size(); ++i) values_[i] = ports_[i].get();
  }
  ++activity_.cycles;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const std::uint64_t value = ports_[i].get();
    add(value ^ values_[i], taps_[i].nets, activity_.toggles);
    add(value, taps_[i].nets, activity_.ones);
    values_[i] = value;
  }
}

void ToggleCounter::add(std::uint64_t bits, const std::vector<synth::Net>& nets,
                        std::vector<std::uint64_t>& counts) {
  for (; bits != 0; bits &= bits - 1)
    ++counts[static_cast<std::size_t>(nets[static_cast<std::size_t>(std::countr_zero(bits))])];
}

Result<GateModel> build_gate_model(const PreparedNetlist& netlist) {
  synth::TappedVerilog tapped = synth::simulation_verilog(netlist.core);
  MSQ_TRY(const auto cells,
          synth::cell_models(netlist.liberty_file, netlist.core.types, netlist.directory / "gates"));
  Design gates = gate_design(netlist.design, tapped, cells);
  MSQ_TRY(const auto model, compile_model(gates, tb::Flavour::quick));
  return GateModel{std::move(gates), model.library,
                   ToggleCounter(std::move(tapped.taps), static_cast<std::size_t>(netlist.core.nets))};
}

}  // namespace msq::flow
