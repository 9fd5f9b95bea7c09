#include "report/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "gen/config/serialize.hpp"
#include "report/text.hpp"
#include "report/tool_versions.hpp"

namespace msq::report {
namespace {

/// Cycles that a trace shows before and after a mismatch.
constexpr std::uint64_t kTraceBefore = 100;
constexpr std::uint64_t kTraceCycles = 120;
/// Tiles that the core may have begun to load when it still computes another one.
constexpr std::int64_t kTilesAhead = 4;

Json json_of(const flow::SimulationFindings& findings) {
  Json json = {{"config", findings.config.name},
               {"weights", findings.weights_source},
               {"activations", findings.activations_source}};
  json.update(to_json(findings.simulation));
  json["tools"] = to_json(findings.tools);
  if (findings.trace) json["trace"] = to_json(*findings.trace);
  return json;
}

std::string text_of(const flow::SimulationFindings& findings) {
  const flow::Simulation& s = findings.simulation;
  std::string text =
      fmt::format("{} at {} bits: {} tokens x [{}][{}]\n", findings.config.name, s.bits, s.m, s.k, s.n);
  text += item("weights", findings.weights_source);
  text += item("activations", findings.activations_source);
  text += to_text(s);
  if (!findings.trace) return text;
  const flow::RecordedTrace& trace = *findings.trace;
  return text + item("trace", fmt::format("{}: {} cycles from {} on", trace.window.file.string(),
                                          trace.cycles, trace.window.from_cycle));
}

}  // namespace

std::string failure_text(const flow::Simulation& s, const Config& config, const std::string& command) {
  const tb::LayerRunResult& r = s.result;
  if (r.ok()) return {};
  std::string text = fmt::format(
      "CHECK FAILED: configuration {} (hash {}), {} bits, seed {}: {} of {} partial sums and {} of {} "
      "outputs "
      "differ, protocol errors {:#x}, errors counted {}\n",
      config.name, config_hash(config), s.bits, s.options.seed, r.partial_sums_mismatched,
      r.partial_sums_compared, r.outputs_mismatched, r.outputs_compared, r.protocol_errors, r.counter_errors);
  if (!r.first_mismatch) return text;
  const tb::LayerMismatch& at = *r.first_mismatch;
  text += fmt::format("  first: tile {} (weights from row {} on), token {}, column {}: expected {}, got {}\n",
                      at.tile, at.k0, at.token, at.column, at.expected, at.got);
  text += fmt::format(
      "  record it with:\n  {} --seed {} --first-tile {} --tiles {} --trace mismatch.fst --trace-from {} "
      "--trace-cycles {}\n",
      command, s.options.seed, at.chunk_tile,
      std::min<std::int64_t>(at.tile - at.chunk_tile + kTilesAhead, s.options.tiles_per_chunk),
      at.cycle - std::min(at.cycle, kTraceBefore), kTraceCycles);
  return text;
}

Json to_json(const flow::Simulation& s) {
  const tb::LayerRunResult& r = s.result;
  Json json = {{"bits", s.bits},
               {"m", s.m},
               {"k", s.k},
               {"n", s.n},
               {"seed", s.options.seed},
               {"ok", r.ok()},
               {"outputs_compared", r.outputs_compared},
               {"outputs_mismatched", r.outputs_mismatched},
               {"partial_sums_compared", r.partial_sums_compared},
               {"partial_sums_mismatched", r.partial_sums_mismatched},
               {"protocol_errors", r.protocol_errors},
               {"counted_errors", r.counter_errors},
               {"tiles", r.tiles},
               {"cycles", r.cycles},
               {"utilization", r.utilization},
               {"mean_initiation_interval", r.mean_initiation_interval},
               {"recon_accesses", r.recon_accesses},
               {"recon_waits", r.recon_waits},
               {"model_seconds", s.model_seconds},
               {"model_reused", s.model_reused},
               {"seconds", s.seconds},
               {"first_mismatch", nullptr}};
  if (r.first_mismatch) {
    const tb::LayerMismatch& at = *r.first_mismatch;
    json["first_mismatch"] = {
        {"tile", at.tile},         {"k0", at.k0},   {"token", at.token},           {"column", at.column},
        {"expected", at.expected}, {"got", at.got}, {"first_tile", at.chunk_tile}, {"cycle", at.cycle}};
  }
  return json;
}

std::string to_text(const flow::Simulation& s) {
  const tb::LayerRunResult& r = s.result;
  std::string text;
  if (r.outputs_compared > 0) {
    text += item("outputs",
                 fmt::format("{} of {} outputs bit-exact", grouped(r.outputs_compared - r.outputs_mismatched),
                             grouped(r.outputs_compared)));
  }
  text += item("partial sums",
               fmt::format("{} of {} bit-exact", grouped(r.partial_sums_compared - r.partial_sums_mismatched),
                           grouped(r.partial_sums_compared)));
  text += item("cycles",
               fmt::format("{} for {} tiles, utilization {}", grouped(static_cast<std::int64_t>(r.cycles)),
                           grouped(r.tiles), percent(r.utilization, 1)));
  text += item("initiation interval", fmt::format("{:.3f} cycles on average", r.mean_initiation_interval));
  if (r.recon_accesses > 0) {
    text += item("ReCoN accesses",
                 fmt::format("{}, {} waited", grouped(static_cast<std::int64_t>(r.recon_accesses)),
                             grouped(static_cast<std::int64_t>(r.recon_waits))));
  }
  text += item("protocol errors", fmt::format("{}", r.counter_errors));
  return text;
}

Json to_json(const flow::RecordedTrace& trace) {
  return {{"file", trace.window.file.string()},
          {"from_cycle", trace.window.from_cycle},
          {"cycles", trace.cycles}};
}

std::string render(const flow::SimulationFindings& findings, Form form) {
  return form == Form::json ? json_text(json_of(findings)) : text_of(findings);
}

}  // namespace msq::report
