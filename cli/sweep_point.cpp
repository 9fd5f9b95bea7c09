#include "cli/sweep_point.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/layer_options.hpp"
#include "cli/power.hpp"
#include "flow/measure/area.hpp"
#include "flow/measure/netlist.hpp"
#include "flow/measure/timing.hpp"
#include "gen/arch/design.hpp"
#include "gen/config/serialize.hpp"
#include "model/cycles.hpp"

namespace msq::cli {
namespace {

/// Cycles of the workload on the whole accelerator, with outliers as often as the paper has them.
Result<Json> throughput(const Config& config, const SweepMeasures& m) {
  const model::Hardware hardware{config, {}, model::OutputKind::fp32};
  const int bits = config.modes.front();
  const double rate = config.has_outliers() ? model::paper_rate(bits) : 0;
  double cycles = 0;
  double macs = 0;
  for (const model::LinearLayer& layer : m.shapes.layers) {
    const model::Gemms gemms = model::gemms_of(layer, m.tokens);
    const model::LayerShape shape{gemms.tokens, layer.k, layer.n, bits};
    if (auto valid = model::validate(hardware, shape); !valid)
      return Error(fmt::format("{}, layer {}: {}", config.name, layer.name, valid.error()));
    const auto count = static_cast<double>(gemms.count);
    cycles += count * static_cast<double>(model::predict_random(hardware, shape, rate, m.seed).cycles);
    macs += count * static_cast<double>(gemms.tokens) * static_cast<double>(layer.k) *
            static_cast<double>(layer.n);
  }
  const double peak = config.rows * config.logical_columns(bits);
  return Json{{"model", m.shapes.name},
              {"tokens", m.tokens},
              {"bits", bits},
              {"outlier_rate", rate},
              {"cycles", cycles},
              {"macs_per_cycle", macs / cycles},
              {"peak_macs_per_cycle", peak},
              {"utilization", macs / cycles / peak}};
}

/// What --power computes: the weights of the sweep, or random ones, at the fewest bits of the configuration.
Result<LayerOperands> power_operands(const Config& config, const SweepMeasures& m) {
  WeightsSource random_layer;
  random_layer.synthetic = "256x256";
  const Result<LabelledMatrix> loaded = m.weights ? LabelledMatrix{} : load_weights(random_layer, m.seed);
  if (!loaded) return Error(loaded.error());
  const LabelledMatrix& weights = m.weights ? *m.weights : *loaded;
  auto quantization = quantize_weights(weights, m.quantizer.for_config(config, config.modes.front()));
  if (!quantization) return Error(quantization.error());
  return with_activations(
      {std::move(quantization->tensor), weights.source, std::move(quantization->input_scales)}, {}, config,
      m.seed);
}

Result<> add_timing(const flow::PreparedNetlist& netlist, Json& point) {
  const auto timing = flow::measure_timing(netlist);
  if (!timing) return Error(timing.error());
  point["period_ns"] = timing->period();
  point["fmax_mhz"] = 1000 / timing->period();
  point["gmacs_per_second"] = point["throughput"]["macs_per_cycle"].get<double>() / timing->period();
  return {};
}

Result<> add_power(const Design& design, const flow::PreparedNetlist& netlist,
                   const std::filesystem::path& work, const SweepMeasures& m, Json& point) {
  const auto operands = power_operands(design.config, m);
  if (!operands) return Error(operands.error());
  const auto power = measure_power(design, netlist, m.liberty, work, *operands, {.seed = m.seed});
  if (!power) return Error(power.error());
  if (!power->run.result.ok())
    return Error(
        fmt::format("{}: the netlist computes other sums than the golden model", design.config.name));
  point["power"] = to_json(*power);
  return {};
}

/// Timing and power, of the netlist that gave the area.
Result<> add_netlist_figures(const Config& config, const flow::DesignArea& area, const SweepMeasures& m,
                             Json& point) {
  const std::filesystem::path work = area.synthesized.directory();
  const Design design = build_design(config);
  const auto netlist = flow::prepare_netlist(
      area.synthesized, {.liberty = m.liberty, .work = m.work, .max_fanout = m.max_fanout});
  if (!netlist) return Error(netlist.error());
  if (m.timing) {
    if (auto added = add_timing(*netlist, point); !added) return added;
  }
  return m.power ? add_power(design, *netlist, work, m, point) : Result<>{};
}

/// ||W - Wq|| / ||W|| in every mode.
Result<Json> weight_errors(const Config& config, const SweepMeasures& m) {
  Json errors = Json::object();
  for (const int bits : config.modes) {
    auto quantization = quantize_weights(*m.weights, m.quantizer.for_config(config, bits));
    if (!quantization) return Error(quantization.error());
    errors[std::to_string(bits)] = quantization->findings.weight_error;
  }
  return errors;
}

}  // namespace

Result<std::string> SweepMeasures::digest() const {
  std::ifstream in(liberty, std::ios::binary);
  if (!in) return Error(fmt::format("{}: cannot read the library", liberty.string()));
  const std::string cells((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  Json settings = {{"version", generator_version()},
                   {"liberty", std::hash<std::string>{}(cells)},
                   {"timing", timing},
                   {"power", power},
                   {"max_fanout", timing || power ? max_fanout : 0},
                   {"model", shapes.name},
                   {"tokens", tokens},
                   {"seed", seed}};
  for (const model::LinearLayer& l : shapes.layers)
    settings["layers"].push_back({l.k, l.n, l.count, l.experts, l.active});
  if (weights) {
    settings["weights"] = weights->source;
    settings["quantizer"] = to_json(quantizer);
    std::string_view bytes(reinterpret_cast<const char*>(weights->matrix.values.data()),
                           weights->matrix.values.size() * sizeof(float));
    settings["weights_hash"] = std::hash<std::string_view>{}(bytes);
  }
  return fmt::format("{:016x}", std::hash<std::string>{}(settings.dump()));
}

Result<Json> measure_point(const GridPoint& point, const SweepMeasures& m) {
  const auto start = std::chrono::steady_clock::now();
  const Config& config = point.config;
  const auto area = flow::measure_area(config, {.liberty = m.liberty, .work = m.work},
                                       {.synthesis = {.netlist = m.timing || m.power}});
  if (!area) return Error(area.error());
  const flow::DesignArea& own = area->configuration;
  auto cycles = throughput(config, m);
  if (!cycles) return Error(cycles.error());
  Json json = {{"config_hash", config_hash(config)},
               {"config", Json::parse(msq::to_json(config))},
               {"rows", config.rows},
               {"cols", config.cols},
               {"outlier_path", std::string(outlier_path_name(config.outlier_path))},
               {"sum_bits", config.acc_width()},
               {"library", own.report().library},
               {"area_um2", synth::to_um2(own.report().area)},
               {"gate_equivalents", own.report().gate_equivalents()},
               {"memory_bits", own.memory_bits},
               {"flip_flops", own.report().flip_flops},
               {"blocks", Json::object()},
               {"throughput", std::move(*cycles)}};
  for (const synth::BlockArea& block : own.blocks) json["blocks"][block.block] = synth::to_um2(block.area);
  if (m.timing || m.power) {
    if (auto added = add_netlist_figures(config, own, m, json); !added) return Error(added.error());
  }
  if (m.weights) {
    auto errors = weight_errors(config, m);
    if (!errors) return Error(errors.error());
    json["weight_error"] = std::move(*errors);
  }
  json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return json;
}

}  // namespace msq::cli
