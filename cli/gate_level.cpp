#include "cli/gate_level.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "cli/progress.hpp"
#include "cli/simulation.hpp"
#include "synth/cell_models.hpp"
#include "synth/netlist_verilog.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

// What Yosys writes and what the netlist leaves open is no style of ours.
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
  gates.generated = {{"cells.v", kNoLint + cells}, {design.top + ".v", kNoLint + netlist.text}};
  gates.leaves.clear();
  for (const DesignFile& leaf : design.leaves) {
    const bool memory = std::find(design.memory_modules.begin(), design.memory_modules.end(),
                                  fs::path(leaf.name).stem().string()) != design.memory_modules.end();
    if (memory) gates.leaves.push_back(leaf);
  }
  return gates;
}

/// Counts changes of nets through the tap ports of a model.
class Counter {
 public:
  Counter(std::vector<synth::Tap> taps, std::size_t nets) : taps_(std::move(taps)), values_(taps_.size()) {
    activity_.toggles.resize(nets);
    activity_.ones.resize(nets);
  }

  void look(const tb::Model& model) {
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

  synth::Activity take() { return std::move(activity_); }

 private:
  static void add(std::uint64_t bits, const std::vector<synth::Net>& nets,
                  std::vector<std::uint64_t>& counts) {
    for (; bits != 0; bits &= bits - 1)
      ++counts[static_cast<std::size_t>(nets[static_cast<std::size_t>(std::countr_zero(bits))])];
  }

  std::vector<synth::Tap> taps_;
  std::vector<std::uint64_t> values_;
  std::vector<tb::ModelPort> ports_;
  synth::Activity activity_;
};

}  // namespace

tl::expected<GateLevelRun, std::string> simulate_gates(const Design& design, const PreparedNetlist& netlist,
                                                       const fs::path& liberty, const fs::path& work,
                                                       const LayerOperands& operands, std::int64_t tiles,
                                                       unsigned seed) {
  if (auto fits = tb::check_operands(design.config, operands.weights, operands.activations); !fits)
    return Failure(fmt::format("{}: {}", operands.weights_source, fits.error()));
  const synth::TappedVerilog tapped = synth::simulation_verilog(netlist.core);
  const auto cells = synth::cell_models(liberty, netlist.core.types, work / "gates");
  if (!cells) return Failure(cells.error());
  const Design gates = gate_design(design, tapped, *cells);
  const auto model = compile_model(gates, tb::Flavour::quick);
  if (!model) return Failure(model.error());
  Counter counter(tapped.taps, static_cast<std::size_t>(netlist.core.nets));
  tb::LayerRunOptions run;
  run.seed = seed;
  run.tile_limit = tiles;
  run.tiles_per_chunk = static_cast<int>(tiles);
  run.on_cycle = [&](const tb::Model& m) { counter.look(m); };
  const Progress progress("simulating the netlist");
  auto result = tb::run_layer(gates, model->library, operands.weights, operands.activations, run);
  if (!result) return Failure(fmt::format("{}: {}", operands.weights_source, result.error()));
  GateLevelRun gate_run{std::move(*result), counter.take(), 0};
  const Config& config = design.config;
  gate_run.multiplications = gate_run.result.utilization * static_cast<double>(gate_run.result.cycles) *
                             config.rows * config.logical_columns(operands.weights.format.bits);
  return gate_run;
}

}  // namespace msq::cli
