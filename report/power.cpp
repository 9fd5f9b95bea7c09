#include "report/power.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/text.hpp"

namespace msq::report {

using Json = nlohmann::ordered_json;

namespace {

Json json_of(const synth::CellPower& power) {
  return {{"internal_w", power.internal},
          {"switching_w", power.switching},
          {"leakage_w", power.leakage},
          {"total_w", power.total()}};
}

synth::CellPower power_of(const Json& json) {
  return {json.at("internal_w"), json.at("switching_w"), json.at("leakage_w")};
}

std::string milliwatts(double watts) { return fmt::format("{:.3f}", watts * 1e3); }

}  // namespace

Json to_json(const flow::PowerFindings& r) {
  Json json = {{"frequency_mhz", r.frequency},
               {"weights", r.layer.weights},
               {"activations", r.layer.activations},
               {"bits", r.layer.bits},
               {"m", r.layer.tokens},
               {"k", r.layer.k},
               {"n", r.layer.n},
               {"tiles", r.run.tiles},
               {"cycles", r.run.cycles},
               {"utilization", r.run.utilization},
               {"partial_sums_compared", r.run.partial_sums_compared},
               {"partial_sums_mismatched", r.run.partial_sums_mismatched},
               {"mean_activity", r.run.mean_activity},
               {"total_w", r.total()},
               {"cells", json_of(r.cells)},
               {"clock_pins_w", r.clock},
               {"energy_per_cycle_j", r.energy_per_cycle()},
               {"energy_per_mac_j", r.energy_per_multiplication},
               {"blocks", Json::array()},
               {"energy_per_token_j", Json::object()}};
  if (r.layer.demoted > 0) json["outliers_without_a_unit"] = r.layer.demoted;
  for (const flow::BlockPower& b : r.blocks) {
    Json block = {{"block", b.block}};
    block.update(json_of(b.power));
    json["blocks"].push_back(std::move(block));
  }
  for (const flow::ModelEnergy& m : r.models) json["energy_per_token_j"][m.model] = m.energy;
  if (r.wired) {
    json["wires"] = {{"total_w", r.wired->total()},
                     {"cells", json_of(r.wired->cells)},
                     {"clock_tree_w", r.wired->clock()},
                     {"energy_per_mac_j", r.energy_per_multiplication_at(r.wired->total())}};
  }
  return json;
}

flow::PowerFindings power_findings(const Json& json) {
  flow::PowerFindings found;
  found.frequency = json.at("frequency_mhz");
  found.layer = {.weights = json.at("weights"),
                 .activations = json.at("activations"),
                 .bits = json.at("bits"),
                 .tokens = json.at("m"),
                 .k = json.at("k"),
                 .n = json.at("n"),
                 .demoted = json.value("outliers_without_a_unit", std::int64_t{0})};
  found.run = {.tiles = json.at("tiles"),
               .cycles = json.at("cycles"),
               .utilization = json.at("utilization"),
               .partial_sums_compared = json.at("partial_sums_compared"),
               .partial_sums_mismatched = json.at("partial_sums_mismatched"),
               .mean_activity = json.at("mean_activity"),
               .ok = json.at("partial_sums_compared") > 0 && json.at("partial_sums_mismatched") == 0};
  for (const Json& block : json.at("blocks")) found.blocks.push_back({block.at("block"), power_of(block)});
  found.cells = power_of(json.at("cells"));
  found.clock = json.at("clock_pins_w");
  found.energy_per_multiplication = json.at("energy_per_mac_j");
  found.models = flow::energies_per_token(found.energy_per_multiplication);
  return found;
}

std::string to_text(const flow::PowerFindings& r) {
  const flow::PowerRun& run = r.run;
  std::string text =
      item("conditions", fmt::format("{} MHz, the corner of the library; without wires, glitches, "
                                     "clock tree and memories",
                                     r.frequency));
  text += item("weights", fmt::format("[{}][{}] at {} bits from {}", r.layer.k, r.layer.n, r.layer.bits,
                                      r.layer.weights));
  if (r.layer.demoted > 0)
    text += item("", fmt::format("{} outliers without a unit, computed with their nearest centroid",
                                 grouped(r.layer.demoted)));
  text += item("activations", fmt::format("{} tokens from {}", r.layer.tokens, r.layer.activations));
  text += item(
      "netlist simulated",
      fmt::format("{} tiles, {} cycles, utilization {}; {} of {} partial sums bit-exact", grouped(run.tiles),
                  grouped(static_cast<std::int64_t>(run.cycles)), percent(run.utilization, 1),
                  grouped(run.partial_sums_compared - run.partial_sums_mismatched),
                  grouped(run.partial_sums_compared)));
  text += item("activity", fmt::format("{:.3f} changes of a net per cycle on average", r.run.mean_activity));
  text += item("power", fmt::format("{} mW", milliwatts(r.total())));
  Table table({"block", "mW", "share", "internal", "switching", "leakage", "pJ a MAC"});
  const auto row = [&](const std::string& name, const synth::CellPower& p) {
    table.add({name, milliwatts(p.total()), percent(p.total() / r.total(), 1), milliwatts(p.internal),
               milliwatts(p.switching), milliwatts(p.leakage),
               fmt::format("{:.3f}", p.total() / r.total() * r.energy_per_multiplication * 1e12)});
  };
  for (const flow::BlockPower& b : r.blocks) row(b.block, b.power);
  row("clock pins of registers", {0, r.clock, 0});
  row("all", {r.cells.internal, r.cells.switching + r.clock, r.cells.leakage});
  text += table.str();
  text += item("energy", fmt::format("{:.3f} pJ a multiplication of the layer, {:.1f} pJ a cycle",
                                     r.energy_per_multiplication * 1e12, r.energy_per_cycle() * 1e12));
  if (r.wired) {
    text += item(
        "power with wires",
        fmt::format("{} mW, {:.3f} pJ a multiplication: cells {}, clock tree {}",
                    milliwatts(r.wired->total()), r.energy_per_multiplication_at(r.wired->total()) * 1e12,
                    milliwatts(r.wired->cells.total()), milliwatts(r.wired->clock())));
  }
  text += "  energy of one token in all linear layers, at this energy a multiplication, core only\n";
  Table models({"model", "million MACs", "uJ"});
  for (const flow::ModelEnergy& m : r.models) {
    models.add(
        {m.model, grouped(std::llround(m.multiplications / 1e6)), fmt::format("{:.1f}", m.energy * 1e6)});
  }
  return text + models.str();
}

}  // namespace msq::report
