#include "cli/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/presets.hpp"
#include "cli/text.hpp"
#include "gen/config/serialize.hpp"
#include "report/area.hpp"

namespace msq::cli {
namespace {

Json to_json(const BitsRun& run) {
  return {{"bits", run.simulation.bits},
          {"ok", run.simulation.result.ok()},
          {"outputs_compared", run.simulation.result.outputs_compared},
          {"outputs_mismatched", run.simulation.result.outputs_mismatched},
          {"output_error", run.output_error},
          {"quantization", run.quantization.json},
          {"simulation", to_json(run.simulation)}};
}

std::string config_text(const RunReport& r) {
  const Config& c = r.config;
  return item("configuration", fmt::format("{}, hash {}", c.name, config_hash(c))) +
         item("array",
              fmt::format("{} x {} PEs, modes {}, micro-block {}, {}-bit activations, {}-bit partial sums",
                          c.rows, c.cols, fmt::join(c.modes, " and "), c.micro_block, c.act_bits,
                          c.acc_width())) +
         item("outlier path", outlier_text(c));
}

std::string operand_text(const char* label, const Json& operand, const char* rows, const char* columns) {
  return item(label, fmt::format("[{}][{}] from {}", operand[rows].get<std::int64_t>(),
                                 operand[columns].get<std::int64_t>(), operand["source"].get<std::string>()));
}

}  // namespace

bool RunReport::ok() const {
  return !runs.empty() && std::all_of(runs.begin(), runs.end(), [](const BitsRun& run) {
    return run.simulation.result.ok() && run.simulation.result.outputs_compared > 0;
  });
}

Json to_json(const RunReport& r) {
  Json runs = Json::array();
  for (const BitsRun& run : r.runs) runs.push_back(to_json(run));
  return {{"report", 1},
          {"generator", "microscopiq " + generator_version()},
          {"ok", r.ok()},
          {"config", Json::parse(msq::to_json(r.config))},
          {"config_hash", config_hash(r.config)},
          {"sum_bits", r.config.acc_width()},
          {"memory_bits", r.memory_bits},
          {"weights", r.weights},
          {"activations", r.activations},
          {"seed", r.seed},
          {"runs", runs},
          {"area", r.area ? report::to_json(*r.area) : Json()},
          {"tools",
           {{"verilator", r.verilator_version},
            {"yosys", r.area ? Json(r.area->configuration.report().yosys_version) : Json()}}},
          {"seconds", r.seconds}};
}

std::string to_text(const RunReport& r) {
  std::string text = fmt::format("MicroScopiQ {}\n{}", generator_version(), config_text(r));
  text += operand_text("weights", r.weights, "k", "n");
  text += operand_text("activations", r.activations, "m", "k");
  for (const BitsRun& run : r.runs) {
    text += fmt::format("\n{} bits\n{}", run.simulation.bits, run.quantization.text);
    text += item("output error", fmt::format("{:.4f} = ||XW - Y|| / ||XW|| against FP32", run.output_error));
    text += to_text(run.simulation);
  }
  if (r.area) text += fmt::format("\nArea\n{}", report::to_text(*r.area));
  text += fmt::format("\n{} in {:.0f} s\n", r.ok() ? "Every check passed" : "CHECKS FAILED", r.seconds);
  return text;
}

}  // namespace msq::cli
