#include "cli/power.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "cli/text.hpp"
#include "model/shapes.hpp"
#include "support/progress.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

std::vector<BlockPower> power_by_block(const synth::PowerResult& power, const flow::PreparedNetlist& netlist,
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

/// Every matrix that one token meets.
std::vector<ModelEnergy> model_energies() {
  std::vector<ModelEnergy> models;
  for (const model::ModelShapes& shapes : model::known_models()) {
    ModelEnergy energy{shapes.name, 0};
    for (const model::LinearLayer& layer : shapes.layers) {
      const model::Gemms gemms = model::gemms_of(layer, 1);
      energy.multiplications += static_cast<double>(gemms.tokens) * static_cast<double>(gemms.count) *
                                static_cast<double>(layer.k) * static_cast<double>(layer.n);
    }
    models.push_back(std::move(energy));
  }
  return models;
}

Json to_json(const synth::CellPower& power) {
  return {{"internal_w", power.internal},
          {"switching_w", power.switching},
          {"leakage_w", power.leakage},
          {"total_w", power.total()}};
}

std::string milliwatts(double watts) { return fmt::format("{:.3f}", watts * 1e3); }

Result<> check_voltage(const flow::PreparedNetlist& netlist, const fs::path& liberty) {
  if (netlist.liberty.voltage > 0) return {};
  return Error(fmt::format("{}: the library gives no nom_voltage", liberty.string()));
}

/// Fills in what follows from report.run.
Result<PowerReport> add_power(PowerReport report, const Design& design, const flow::PreparedNetlist& netlist,
                              const fs::path& liberty, const fs::path& work) {
  const Progress progress("computing power with OpenSTA");
  const double period = 1000 / report.frequency;
  const auto power = synth::analyze_power(netlist.core, report.run.activity,
                                          {liberty, work / "power", flow::kClockPort, period});
  if (!power) return Error(power.error());
  report.blocks = power_by_block(*power, netlist, area_blocks(design));
  for (const synth::CellPower& cell : power->cells) report.cells += cell;
  // Charged and discharged once a cycle.
  report.clock = power->clock_capacitance * 1e-12 * netlist.liberty.voltage * netlist.liberty.voltage *
                 report.frequency * 1e6;
  report.mean_activity = mean_activity(report.run.activity);
  report.models = model_energies();
  return report;
}

}  // namespace

Result<PowerReport> measure_power(const Design& design, const flow::PreparedNetlist& netlist,
                                  const fs::path& liberty, const fs::path& work,
                                  const LayerOperands& operands, const PowerOptions& options) {
  if (auto voltage = check_voltage(netlist, liberty); !voltage) return Error(voltage.error());
  auto run = simulate_gates(design, netlist, liberty, work, operands, options.tiles, options.seed);
  if (!run) return Error(run.error());
  PowerReport report;
  report.frequency = options.frequency;
  report.weights = operands.weights_source;
  report.activations = operands.activations_source;
  report.bits = operands.weights.format.bits;
  report.tokens = operands.activations.m;
  report.k = operands.weights.k;
  report.n = operands.weights.n;
  report.run = std::move(*run);
  return add_power(std::move(report), design, netlist, liberty, work);
}

Result<PowerReport> measure_baseline_power(const Design& design, const flow::PreparedNetlist& netlist,
                                           const fs::path& liberty, const fs::path& work,
                                           const BaselineLayer& layer, const PowerOptions& options) {
  if (auto voltage = check_voltage(netlist, liberty); !voltage) return Error(voltage.error());
  auto run = simulate_baseline_gates(design, netlist, liberty, work, layer, options.seed);
  if (!run) return Error(run.error());
  PowerReport report;
  report.frequency = options.frequency;
  report.weights = layer.weights_source;
  report.activations = layer.activations_source;
  report.bits = layer.bits;
  report.tokens = layer.tokens;
  report.k = layer.k;
  report.n = layer.n;
  report.demoted = layer.demoted;
  report.run = std::move(*run);
  return add_power(std::move(report), design, netlist, liberty, work);
}

Json to_json(const PowerReport& r) {
  Json json = {{"frequency_mhz", r.frequency},
               {"weights", r.weights},
               {"activations", r.activations},
               {"bits", r.bits},
               {"m", r.tokens},
               {"k", r.k},
               {"n", r.n},
               {"tiles", r.run.result.tiles},
               {"cycles", r.run.result.cycles},
               {"utilization", r.run.result.utilization},
               {"partial_sums_compared", r.run.result.partial_sums_compared},
               {"partial_sums_mismatched", r.run.result.partial_sums_mismatched},
               {"mean_activity", r.mean_activity},
               {"total_w", r.total()},
               {"cells", to_json(r.cells)},
               {"clock_pins_w", r.clock},
               {"energy_per_cycle_j", r.energy_per_cycle()},
               {"energy_per_mac_j", r.energy_per_multiplication()},
               {"blocks", Json::array()},
               {"energy_per_token_j", Json::object()}};
  if (r.demoted > 0) json["outliers_without_a_unit"] = r.demoted;
  for (const BlockPower& b : r.blocks) {
    Json block = {{"block", b.block}};
    block.update(to_json(b.power));
    json["blocks"].push_back(std::move(block));
  }
  for (const ModelEnergy& m : r.models)
    json["energy_per_token_j"][m.model] = m.multiplications * r.energy_per_multiplication();
  return json;
}

std::string to_text(const PowerReport& r) {
  const tb::LayerRunResult& run = r.run.result;
  std::string text =
      item("conditions", fmt::format("{} MHz, the corner of the library; without wires, glitches, "
                                     "clock tree and memories",
                                     r.frequency));
  text += item("weights", fmt::format("[{}][{}] at {} bits from {}", r.k, r.n, r.bits, r.weights));
  if (r.demoted > 0)
    text += item("", fmt::format("{} outliers without a unit, computed with their nearest centroid",
                                 grouped(r.demoted)));
  text += item("activations", fmt::format("{} tokens from {}", r.tokens, r.activations));
  text += item(
      "netlist simulated",
      fmt::format("{} tiles, {} cycles, utilization {}; {} of {} partial sums bit-exact", grouped(run.tiles),
                  grouped(static_cast<std::int64_t>(run.cycles)), percent(run.utilization, 1),
                  grouped(run.partial_sums_compared - run.partial_sums_mismatched),
                  grouped(run.partial_sums_compared)));
  text += item("activity", fmt::format("{:.3f} changes of a net a cycle in the mean", r.mean_activity));
  text += item("power", fmt::format("{} mW", milliwatts(r.total())));
  Table table({"block", "mW", "share", "internal", "switching", "leakage", "pJ a MAC"});
  const auto row = [&](const std::string& name, const synth::CellPower& p) {
    table.add({name, milliwatts(p.total()), percent(p.total() / r.total(), 1), milliwatts(p.internal),
               milliwatts(p.switching), milliwatts(p.leakage),
               fmt::format("{:.3f}", p.total() / r.total() * r.energy_per_multiplication() * 1e12)});
  };
  for (const BlockPower& b : r.blocks) row(b.block, b.power);
  row("clock pins of registers", {0, r.clock, 0});
  row("all", {r.cells.internal, r.cells.switching + r.clock, r.cells.leakage});
  text += table.str();
  text += item("energy", fmt::format("{:.3f} pJ a multiplication of the layer, {:.1f} pJ a cycle",
                                     r.energy_per_multiplication() * 1e12, r.energy_per_cycle() * 1e12));
  text += "  energy of one token in all linear layers, at this energy a multiplication, core only\n";
  Table models({"model", "million MACs", "uJ"});
  for (const ModelEnergy& m : r.models) {
    models.add({m.model, grouped(std::llround(m.multiplications / 1e6)),
                fmt::format("{:.1f}", m.multiplications * r.energy_per_multiplication() * 1e6)});
  }
  return text + models.str();
}

}  // namespace msq::cli
