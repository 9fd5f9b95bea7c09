#include "report/accelerate.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/simulation.hpp"
#include "report/text.hpp"
#include "report/tool_versions.hpp"

namespace msq::report {
namespace {

Json json_of(const flow::AcceleratorFindings& f) {
  Json json = {{"config", f.config},
               {"weights", f.weights_source},
               {"activations", f.activations_source},
               {"bits", f.bits},
               {"m", f.m},
               {"k", f.k},
               {"n", f.n},
               {"format", format_name(f.format)},
               {"tokens_per_pass", f.tokens_per_pass},
               {"ok", f.ok()},
               {"error_code", f.result.code},
               {"output_words_compared", f.comparison.words},
               {"output_words_mismatched", f.comparison.differing},
               {"utilization", f.utilization},
               {"predicted_cycles", f.predicted_cycles}};
  for (const auto& [name, value] : f.result.counters) json["counters"][name] = value;
  json["tools"] = to_json(f.tools);
  if (f.trace) json["trace"] = to_json(*f.trace);
  return json;
}

std::string text_of(const flow::AcceleratorFindings& f) {
  const flow::PacketComparison& c = f.comparison;
  std::string text = fmt::format("{} at {} bits: {} tokens x [{}][{}], {} tokens per pass, {} outputs\n",
                                 f.config, f.bits, f.m, f.k, f.n, f.tokens_per_pass, format_name(f.format));
  text += item("weights", f.weights_source);
  text += item("activations", f.activations_source);
  text += item("outputs",
               fmt::format("{} of {} words bit-exact", grouped(c.words - c.differing), grouped(c.words)));
  for (const auto& [name, value] : f.result.counters) text += item(name, grouped(value));
  text += item("predicted cycles", grouped(f.predicted_cycles));
  text += item("utilization", fmt::format("{:.1f} %", 100 * f.utilization));
  if (!f.trace) return text;
  const std::string file = f.trace->window.file.string();
  return text + item("trace", fmt::format("{} and {}.gtkw: {} cycles from {} on", file, file, f.trace->cycles,
                                          f.trace->window.from_cycle));
}

}  // namespace

std::string_view format_name(tb::OutputFormat format) {
  switch (format) {
    case tb::OutputFormat::raw:
      return "raw";
    case tb::OutputFormat::fp32:
      return "fp32";
    case tb::OutputFormat::mx8:
      return "mx8";
    case tb::OutputFormat::mx4:
      break;
  }
  return "mx4";
}

std::string render(const flow::AcceleratorFindings& findings, Form form) {
  return form == Form::json ? json_text(json_of(findings)) : text_of(findings);
}

}  // namespace msq::report
