#include "flow/measure/gate_level.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "flow/layer/simulation.hpp"
#include "flow/measure/modules.hpp"
#include "support/progress.hpp"
#include "synth/cell_models.hpp"
#include "synth/netlist_verilog.hpp"
#include "tb/host/bits.hpp"
#include "tb/host/operands.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

// Style of Yosys and open ends of the netlist: no findings about our sources.
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
    if (is_memory(design, module_of(leaf.name))) gates.leaves.push_back(leaf);
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

/// A netlist that can be simulated.
struct GateModel {
  Design gates;
  fs::path library;
  Counter counter;
};

Result<GateModel> build_gates(const PreparedNetlist& netlist) {
  synth::TappedVerilog tapped = synth::simulation_verilog(netlist.core);
  MSQ_TRY(const auto cells,
          synth::cell_models(netlist.liberty_file, netlist.core.types, netlist.directory / "gates"));
  Design gates = gate_design(netlist.design, tapped, cells);
  MSQ_TRY(const auto model, compile_model(gates, tb::Flavour::quick));
  return GateModel{std::move(gates), model.library,
                   Counter(std::move(tapped.taps), static_cast<std::size_t>(netlist.core.nets))};
}

/// Compares every lane of every token's sums.
tb::LayerRunResult compare(const Dimensions& d, const BaselineLayer& layer, const tb::BaselineRun& run) {
  tb::LayerRunResult result;
  result.tiles = std::ssize(layer.tiles);
  result.cycles = run.cycles;
  result.utilization = layer.multiplications / (static_cast<double>(run.cycles) * d.rows * d.cols);
  for (std::size_t token = 0; token < layer.sums.size(); ++token) {
    for (int c = 0; c < d.cols; ++c) {
      const auto lane = [&](const tb::Words& words) {
        return tb::get_signed(words, c * d.acc_bits, d.acc_bits);
      };
      ++result.partial_sums_compared;
      if (lane(run.sums[token]) != lane(layer.sums[token])) ++result.partial_sums_mismatched;
    }
  }
  return result;
}

}  // namespace

Result<GateLevelRun> simulate_gates(const PreparedNetlist& netlist, const LayerOperands& operands,
                                    std::int64_t tiles, unsigned seed) {
  const Config& config = netlist.design.config;
  if (auto fits = tb::check_operands(config, operands.weights, operands.activations); !fits)
    return Error(fmt::format("{}: {}", operands.weights_source, fits.error()));
  MSQ_TRY(auto model, build_gates(netlist));
  tb::LayerRunOptions run;
  run.seed = seed;
  run.tile_limit = tiles;
  run.tiles_per_chunk = static_cast<int>(tiles);
  run.on_cycle = [&](const tb::Model& m) { model.counter.look(m); };
  const Progress progress("simulating the netlist");
  auto result = tb::run_layer(model.gates, model.library, operands.weights, operands.activations, run);
  if (!result) return Error(fmt::format("{}: {}", operands.weights_source, result.error()));
  GateLevelRun gate_run{std::move(*result), model.counter.take(), 0};
  gate_run.multiplications = gate_run.result.utilization * static_cast<double>(gate_run.result.cycles) *
                             config.weights_per_tile(operands.weights.format.bits);
  return gate_run;
}

Result<GateLevelRun> simulate_baseline_gates(const PreparedNetlist& netlist, const BaselineLayer& layer,
                                             unsigned seed) {
  MSQ_TRY(auto gates, build_gates(netlist));
  MSQ_TRY(auto model, tb::Model::open(gates.library, seed));
  const Progress progress("simulating the netlist");
  if (!layer.centroids.empty()) model.port("centroids_i").set_words(tb::centroid_words(layer.centroids));
  std::mt19937 random(seed);
  const Dimensions& dimensions = netlist.design.dimensions;
  const auto run = tb::run_baseline(model, dimensions, layer.tiles, random,
                                    {.on_cycle = [&](const tb::Model& m) { gates.counter.look(m); }});
  if (!run) return Error(fmt::format("{}: {}", layer.weights_source, run.error()));
  return GateLevelRun{compare(dimensions, layer, *run), gates.counter.take(), layer.multiplications};
}

}  // namespace msq::flow
