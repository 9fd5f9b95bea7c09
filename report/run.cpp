#include "report/run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "gen/arch/design.hpp"
#include "gen/config/serialize.hpp"
#include "report/area.hpp"
#include "report/config_text.hpp"
#include "report/json.hpp"
#include "report/operands.hpp"
#include "report/page.hpp"
#include "report/quantization.hpp"
#include "report/simulation.hpp"
#include "report/text.hpp"
#include "report/tool_versions.hpp"

namespace msq::report {
namespace {

Json json_of(const flow::BitsRun& run) {
  const tb::LayerRunResult& result = run.simulation.result;
  return {{"bits", run.simulation.bits},
          {"ok", result.ok()},
          {"outputs_compared", result.outputs_compared},
          {"outputs_mismatched", result.outputs_mismatched},
          {"output_error", run.output_error},
          {"quantization", to_json(run.quantization)},
          {"simulation", to_json(run.simulation)}};
}

Json json_of(const flow::RunFindings& f) {
  Json runs = Json::array();
  for (const flow::BitsRun& run : f.runs) runs.push_back(json_of(run));
  return {{"report", 1},
          {"generator", "microscopiq " + generator_version()},
          {"ok", f.ok()},
          {"config", Json::parse(msq::to_json(f.config))},
          {"config_hash", config_hash(f.config)},
          {"sum_bits", f.config.acc_width()},
          {"memory_bits", f.memory_bits},
          {"weights", to_json(f.weights, "k", "n")},
          {"activations", to_json(f.activations, "m", "k")},
          {"seed", f.seed},
          {"runs", runs},
          {"area", f.area ? to_json(*f.area) : Json()},
          {"failure", f.failure ? Json(*f.failure) : Json()},
          {"tools", to_json(f.tools)},
          {"seconds", f.seconds}};
}

std::string config_text(const Config& c) {
  return item("configuration", fmt::format("{}, hash {}", c.name, config_hash(c))) +
         item("array",
              fmt::format("{} x {} PEs, modes {}, micro-block {}, {}-bit activations, {}-bit partial sums",
                          c.rows, c.cols, fmt::join(c.modes, " and "), c.micro_block, c.act_bits,
                          c.acc_width())) +
         item("outlier path", outlier_text(c));
}

std::string operand_text(const char* label, const flow::MatrixOrigin& operand) {
  return item(label, fmt::format("[{}][{}] from {}", operand.rows, operand.columns, operand.source));
}

std::string_view verdict(const flow::RunFindings& f) {
  if (!f.checks_passed()) return "CHECKS FAILED";
  return f.failure ? "Every check so far passed, the rest FAILED" : "Every check passed";
}

std::string text_of(const flow::RunFindings& f) {
  std::string text = fmt::format("MicroScopiQ {}\n{}", generator_version(), config_text(f.config));
  text += operand_text("weights", f.weights);
  text += operand_text("activations", f.activations);
  for (const flow::BitsRun& run : f.runs) {
    text += fmt::format("\n{} bits\n{}", run.simulation.bits, to_text(run.quantization));
    text += item("output error", fmt::format("{:.4f} = ||XW - Y|| / ||XW|| against FP32", run.output_error));
    text += to_text(run.simulation);
  }
  if (f.area) text += fmt::format("\nArea\n{}", to_text(*f.area));
  if (f.failure) text += fmt::format("\nNot finished: {}\n", *f.failure);
  text += "\n" + to_text(f.tools);
  return text + fmt::format("\n{} in {:.0f} s\n", verdict(f), f.seconds);
}

}  // namespace

std::string to_html(const flow::RunFindings& findings) { return page("run", json_of(findings)); }

std::string render(const flow::RunFindings& findings, Form form) {
  return form == Form::json ? json_text(json_of(findings)) : text_of(findings);
}

}  // namespace msq::report
