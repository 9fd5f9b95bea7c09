#include "report/model_times.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "gen/arch/paths/path.hpp"
#include "report/config_text.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace msq::report {
namespace {

using flow::LayerTimes;
using flow::ModelTimes;
using flow::ModelTimesTotals;

const char* phase(const ModelTimes& times) { return times.decode ? "decode" : "prefill"; }

Json bytes_json(double weights, double activations, double outputs) {
  return {{"weights", weights}, {"activations", activations}, {"outputs", outputs}};
}

Json json_of(const ModelTimes& times, const LayerTimes& layer) {
  const model::CyclePrediction& p = layer.top;
  Json machines = Json::object();
  for (std::size_t i = 0; i < layer.machines.size(); ++i) {
    const model::Roofline& roof = layer.machines[i];
    machines[times.machines[i].name] = {{"compute", roof.compute},
                                        {"off_chip", roof.off_chip},
                                        {"on_chip", roof.on_chip},
                                        {"binds", roof.binds()},
                                        {"speed", roof.cycles() / layer.cycles()}};
  }
  return {{"name", layer.name},
          {"m", layer.shape.m},
          {"k", layer.shape.k},
          {"n", layer.shape.n},
          {"mode", layer.shape.mode},
          {"count", layer.count},
          {"cycles", layer.cycles()},
          {"top_cycles", p.cycles},
          {"exact", p.exact},
          {"binds", layer.binds()},
          {"utilization", p.utilization(times.hardware, layer.shape)},
          {"launches", p.launches},
          {"stalls",
           {{"weights", p.stall_weights},
            {"activations", p.stall_activations},
            {"schedule", p.stall_schedule},
            {"output", p.stall_output},
            {"drain", p.drain}}},
          {"recon_accesses", p.recon_accesses},
          {"recon_waits", p.recon_waits},
          {"bits_per_weight", layer.bits_per_weight()},
          {"bytes", bytes_json(static_cast<double>(p.weight_bytes), static_cast<double>(p.activation_bytes),
                               static_cast<double>(p.output_bytes))},
          {"ideal",
           {{"compute", layer.ideal.compute},
            {"off_chip", layer.ideal.off_chip},
            {"on_chip", layer.ideal.on_chip}}},
          {"machines", machines}};
}

Json outlier_units(const Config& config) {
  const std::optional<int> units = arch::path_of(config.outlier_path).units(config);
  return units ? Json(*units) : Json(nullptr);
}

Json json_of(const ModelTimes& times) {
  const ModelTimesTotals t = times.totals();
  const std::vector<int> modes = times.modes();
  Json all = {{"model", times.model},
              {"config", times.hardware.config.name},
              {"outlier_path", outlier_path_name(times.hardware.config.outlier_path)},
              {"units", outlier_units(times.hardware.config)},
              {"phase", phase(times)},
              {"tokens", times.tokens},
              {"mode", modes.size() == 1 ? Json(modes.front()) : Json(nullptr)},
              {"modes", modes},
              {"outlier_rate", times.rate},
              {"seed", times.seed},
              {"layers", Json::array()}};
  for (const LayerTimes& layer : times.layers) all["layers"].push_back(json_of(times, layer));
  Json machines = Json::object();
  for (std::size_t i = 0; i < times.machines.size(); ++i) {
    machines[times.machines[i].name] = {{"cycles", t.machines[i]},
                                        {"speed", t.machines[i] / t.cycles},
                                        {"speed_ideal", t.machines[i] / t.ideal},
                                        {"weight_bits", times.machines[i].weight_bits},
                                        {"assumption", times.machines[i].assumption}};
  }
  all["total"] = {{"cycles", t.cycles},
                  {"ideal_cycles", t.ideal},
                  {"bits_per_weight", t.bits_per_weight},
                  {"utilization", times.utilization()},
                  {"recon_accesses", t.accesses},
                  {"recon_waits", t.waits},
                  {"bytes", bytes_json(t.weight_bytes, t.activation_bytes, t.output_bytes)},
                  {"machines", machines}};
  return all;
}

std::string count_text(double value) { return grouped(std::llround(value)); }
std::string megabytes(double bytes) { return fmt::format("{:.1f}", bytes / 1e6); }

std::string layer_table(const ModelTimes& times) {
  std::vector<std::string> header = {"layer",      "mode",    "M",         "K",     "N",
                                     "GEMMs",      "cycles",  "of peak",   "binds", "bits",
                                     "weights MB", "acts MB", "outputs MB"};
  for (const model::Machine& machine : times.machines) header.push_back("x " + machine.name);
  Table table(header);
  for (const LayerTimes& layer : times.layers) {
    const auto count = static_cast<double>(layer.count);
    const double of_peak = layer.top.utilization(times.hardware, layer.shape) *
                           static_cast<double>(layer.top.cycles) / layer.cycles();
    std::vector<std::string> row = {layer.name,
                                    std::to_string(layer.shape.mode),
                                    std::to_string(layer.shape.m),
                                    std::to_string(layer.shape.k),
                                    std::to_string(layer.shape.n),
                                    std::to_string(layer.count),
                                    count_text(layer.cycles()),
                                    percent(of_peak),
                                    layer.binds(),
                                    fmt::format("{:.3f}", layer.bits_per_weight()),
                                    megabytes(count * static_cast<double>(layer.top.weight_bytes)),
                                    megabytes(count * static_cast<double>(layer.top.activation_bytes)),
                                    megabytes(count * static_cast<double>(layer.top.output_bytes))};
    for (const model::Roofline& roof : layer.machines)
      row.push_back(fmt::format("{:.2f}", roof.cycles() / layer.cycles()));
    table.add(row);
  }
  return table.str();
}

std::string machine_table(const ModelTimes& times, const ModelTimesTotals& t) {
  Table table({"machine", "bits", "cycles", "MicroScopiQ faster by", "and ideal"});
  for (std::size_t i = 0; i < times.machines.size(); ++i) {
    table.add({times.machines[i].name, fmt::format("{:.3f}", times.machines[i].weight_bits),
               count_text(t.machines[i]), fmt::format("{:.2f}", t.machines[i] / t.cycles),
               fmt::format("{:.2f}", t.machines[i] / t.ideal)});
  }
  table.add({"MicroScopiQ, ideal", fmt::format("{:.3f}", t.bits_per_weight), count_text(t.ideal),
             fmt::format("{:.2f}", t.ideal / t.cycles), "1.00"});
  return table.str();
}

std::string text_of(const ModelTimes& times) {
  const ModelTimesTotals t = times.totals();
  const Config& config = times.hardware.config;
  std::string out =
      fmt::format("{} on {} ({}), mode {}, {} of micro-blocks with outliers: {}, {} tokens\n", times.model,
                  config.name, outlier_text(config), fmt::join(times.modes(), " and "), percent(times.rate),
                  phase(times), grouped(times.tokens));
  out += layer_table(times);
  out += item("cycles of all", count_text(t.cycles));
  out += item("of peak", percent(times.utilization()));
  if (arch::path_of(config.outlier_path).counts_accesses()) {
    out += item("ReCoN accesses", fmt::format("{}, {} waited", count_text(t.accesses), count_text(t.waits)));
  }
  out += item("bytes",
              fmt::format("{} MB of weights, {} of activations, {} of outputs", megabytes(t.weight_bytes),
                          megabytes(t.activation_bytes), megabytes(t.output_bytes)));
  return out + machine_table(times, t);
}

}  // namespace

std::string render(const flow::ModelTimes& times, Form form) {
  return form == Form::json ? json_text(json_of(times)) : text_of(times);
}

}  // namespace msq::report
