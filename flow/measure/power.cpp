#include "flow/measure/power.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "model/shapes.hpp"
#include "support/process.hpp"
#include "support/progress.hpp"
#include "synth/opensta.hpp"

namespace msq::flow {
namespace {

std::vector<BlockPower> power_by_block(const synth::PowerResult& power, const PreparedNetlist& netlist,
                                       const std::vector<std::string>& order) {
  std::vector<BlockPower> blocks;
  blocks.reserve(order.size());
  for (const std::string& block : order) blocks.push_back({block, {}});
  std::vector<std::size_t> block_of_scope;
  for (const synth::Scope& scope : netlist.core.scopes) {
    const auto block = std::find(order.begin(), order.end(), netlist.block_of.at(scope.module));
    block_of_scope.push_back(static_cast<std::size_t>(block - order.begin()));
  }
  for (std::size_t i = 0; i < power.cells.size(); ++i)
    blocks.at(block_of_scope[static_cast<std::size_t>(netlist.core.cells[i].scope)]).power += power.cells[i];
  return blocks;
}

double mean_activity(const synth::Activity& activity) {
  const auto toggles = static_cast<double>(
      std::accumulate(activity.toggles.begin(), activity.toggles.end(), std::uint64_t{0}));
  return toggles / static_cast<double>(activity.cycles) / static_cast<double>(activity.toggles.size() - 2);
}

Result<> check_voltage(const PreparedNetlist& netlist) {
  if (netlist.liberty.voltage > 0) return {};
  return Error(fmt::format("{}: the library gives no nom_voltage", netlist.liberty_file.string()));
}

PowerRun summary_of(const GateLevelRun& run) {
  return {.tiles = run.result.tiles,
          .cycles = run.result.cycles,
          .utilization = run.result.utilization,
          .partial_sums_compared = run.result.partial_sums_compared,
          .partial_sums_mismatched = run.result.partial_sums_mismatched,
          .mean_activity = mean_activity(run.activity),
          .ok = run.result.ok()};
}

/// Power of charging a capacitance once a cycle, W. @param picofarads of it. @param megahertz clock.
double charging(const PreparedNetlist& netlist, double picofarads, double megahertz) {
  return picofarads * 1e-12 * netlist.liberty.voltage * netlist.liberty.voltage * megahertz * 1e6;
}

/// The netlist again, with wires and the clock's tree.
Result<WiredPower> wired_power(const PreparedNetlist& netlist, const WiredNetlist& wired,
                               const synth::Activity& activity, double frequency) {
  const Progress progress("computing power with wires");
  synth::Netlist core = netlist.core;
  const synth::Net first = core.nets;
  wired.insert_clock_tree(netlist, core);
  MSQ_TRY(const auto power,
          synth::analyze_power(core, activity,
                               {netlist.liberty_file, netlist.directory / "power-wires", kClockPort,
                                1000 / frequency, wired.power_spef(core, first), first}));
  WiredPower result;
  for (std::size_t i = 0; i < power.cells.size(); ++i)
    (i < netlist.core.cells.size() ? result.cells : result.clock_tree) += power.cells[i];
  result.clock_root = charging(netlist, power.clock_capacitance + wired.root_capacitance(), frequency);
  return result;
}

}  // namespace

Result<> check_power_tools() {
  if (!on_path("sta")) return Error(missing_program_message("sta"));
  return synth::check_power_version(synth::opensta_version());
}

std::vector<ModelEnergy> energies_per_token(double energy) {
  std::vector<ModelEnergy> models;
  for (const model::ModelShapes& shapes : model::known_models()) {
    ModelEnergy found{shapes.name, 0, 0};
    for (const model::LinearLayer& layer : shapes.layers) {
      const model::Gemms gemms = model::gemms_of(layer, 1);
      found.multiplications += static_cast<double>(gemms.tokens) * static_cast<double>(gemms.count) *
                               static_cast<double>(layer.k) * static_cast<double>(layer.n);
    }
    found.energy = found.multiplications * energy;
    models.push_back(std::move(found));
  }
  return models;
}

Result<PowerFindings> power_of(const PreparedNetlist& netlist, const GateLevelRun& run, PowerLayer layer,
                               double frequency, const WiredNetlist* wired) {
  MSQ_CHECK(check_voltage(netlist));
  const Progress progress("computing power with OpenSTA");
  const double period = 1000 / frequency;
  MSQ_TRY(const auto power,
          synth::analyze_power(netlist.core, run.activity,
                               {netlist.liberty_file, netlist.directory / "power", kClockPort, period}));
  PowerFindings findings;
  findings.frequency = frequency;
  findings.layer = std::move(layer);
  findings.run = summary_of(run);
  findings.blocks = power_by_block(power, netlist, area_blocks(netlist.design));
  for (const synth::CellPower& cell : power.cells) findings.cells += cell;
  // Charged and discharged once a cycle.
  findings.clock = charging(netlist, power.clock_capacitance, frequency);
  findings.energy_per_multiplication =
      findings.energy_per_cycle() * static_cast<double>(run.result.cycles) / run.multiplications;
  findings.models = energies_per_token(findings.energy_per_multiplication);
  if (wired == nullptr) return findings;
  MSQ_TRY(findings.wired, wired_power(netlist, *wired, run.activity, frequency));
  return findings;
}

Result<PowerFindings> measure_power(const PreparedNetlist& netlist, const LayerOperands& operands,
                                    const PowerOptions& options, const WiredNetlist* wired) {
  MSQ_CHECK(check_voltage(netlist));
  MSQ_TRY(const auto run, simulate_gates(netlist, operands, options.tiles, options.seed));
  return power_of(netlist, run,
                  {.weights = operands.weights_source,
                   .activations = operands.activations_source,
                   .bits = operands.weights.format.bits,
                   .tokens = operands.activations.m,
                   .k = operands.weights.k,
                   .n = operands.weights.n},
                  options.frequency, wired);
}

Result<PowerFindings> measure_baseline_power(const PreparedNetlist& netlist, const BaselineLayer& layer,
                                             const PowerOptions& options, const WiredNetlist* wired) {
  MSQ_CHECK(check_voltage(netlist));
  MSQ_TRY(const auto run, simulate_baseline_gates(netlist, layer, options.seed));
  return power_of(netlist, run,
                  {.weights = layer.weights_source,
                   .activations = layer.activations_source,
                   .bits = layer.bits,
                   .tokens = layer.tokens,
                   .k = layer.k,
                   .n = layer.n,
                   .demoted = layer.demoted},
                  options.frequency, wired);
}

}  // namespace msq::flow
