#include "flow/sweep/point.hpp"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "flow/layer/choices_json.hpp"
#include "flow/layer/layer_operands.hpp"
#include "flow/measure/area.hpp"
#include "flow/measure/memories.hpp"
#include "flow/measure/netlist.hpp"
#include "flow/measure/timing.hpp"
#include "gen/arch/design.hpp"
#include "model/cycles.hpp"
#include "support/files.hpp"
#include "support/tool.hpp"
#include "synth/recipe.hpp"
#include "tb/sim/build_model.hpp"

namespace msq::flow {
namespace {

Result<Throughput> throughput_of(const Config& config, const SweepMeasures& m) {
  const model::Hardware hardware{config, {}, tb::OutputFormat::fp32};
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
  return Throughput{.model = m.shapes.name,
                    .tokens = m.tokens,
                    .bits = bits,
                    .outlier_rate = rate,
                    .cycles = cycles,
                    .macs_per_cycle = macs / cycles,
                    .peak_macs_per_cycle = static_cast<double>(config.weights_per_tile(bits))};
}

/// Operands for power: the weights of the sweep, or random ones, at the fewest bits of the configuration.
Result<LayerOperands> power_operands(const Config& config, const SweepMeasures& m) {
  WeightsSource random_layer;
  random_layer.synthetic = "256x256";
  MSQ_TRY(const LabelledMatrix random,
          m.weights ? Result<LabelledMatrix>(LabelledMatrix{}) : load_weights(random_layer, m.seed));
  const LabelledMatrix& weights = m.weights ? *m.weights : random;
  MSQ_TRY(auto quantization, quantize_weights(weights, m.quantizer.for_config(config, config.modes.front())));
  return with_activations(
      {std::move(quantization.tensor), weights.source, std::move(quantization.input_scales)}, {}, config,
      m.seed);
}

Result<PowerFindings> power_of(const PreparedNetlist& netlist, const SweepMeasures& m) {
  MSQ_TRY(const auto operands, power_operands(netlist.design.config, m));
  MSQ_TRY(auto power, measure_power(netlist, operands, {.seed = m.seed}));
  if (power.run.ok) return power;
  return Error(
      fmt::format("{}: the netlist computes other sums than the golden model", netlist.design.config.name));
}

/// Times of the memories, whose area is added to the point.
Result<synth::MemoryTimings> add_memories(const Design& design, const SweepMeasures& m, SweepPoint& point) {
  MSQ_TRY(const auto memories, price_memories(design, m.flow, {}, m.timing));
  if (!memories)
    return Error(
        fmt::format("--top: found library {}; allowed: one that the model of memories knows", point.library));
  point.memory_um2 = memories->area();
  return memories->timings();
}

/// Timing and power, of the netlist that gave the area.
Result<> add_netlist_figures(const Synthesized& synthesized, const SweepMeasures& m,
                             const synth::MemoryTimings& memories, SweepPoint& point) {
  MSQ_TRY(const auto netlist, prepare_netlist(synthesized, m.flow));
  if (m.timing) {
    MSQ_TRY(const auto timing, measure_timing(netlist, memories));
    point.period = timing.period();
  }
  if (m.power) {
    MSQ_TRY(point.power, power_of(netlist, m));
  }
  return {};
}

Result<std::vector<WeightError>> weight_errors(const Config& config, const SweepMeasures& m) {
  std::vector<WeightError> errors;
  for (const int bits : config.modes) {
    MSQ_TRY(const auto quantization, quantize_weights(*m.weights, m.quantizer.for_config(config, bits)));
    errors.push_back({bits, quantization.findings.weight_error});
  }
  return errors;
}

void add_area(const DesignArea& area, SweepPoint& point) {
  point.library = area.report().library;
  point.area_um2 = area.report().um2(area.report().area);
  if (area.clock) point.clock = area.clock->points.front();
  point.gate_equivalents = area.report().gate_equivalents();
  point.memory_bits = area.memory_bits;
  point.flip_flops = area.report().flip_flops;
  for (const synth::BlockArea& block : area.blocks)
    point.blocks.push_back({block.block, area.report().um2(block.area)});
}

}  // namespace

std::vector<ToolVersion> SweepMeasures::tools() const {
  std::vector<Tool> tools = {Tool::yosys};
  if (needs_netlist()) tools.push_back(Tool::opensta);
  return tool_versions(tools);
}

std::string SweepMeasures::clock_settings() const {
  if (flow.periods.empty()) return {};
  std::string text;
  for (const char* name : {"clock", "adders", "size_area", "size_relaxed", "size_delay"})
    text += synth::recipe_text(name);
  return text;
}

SweepMeasures SweepMeasures::at(double period) const {
  SweepMeasures measures = *this;
  measures.flow.periods.clear();
  if (period > 0) measures.flow.periods.push_back(period);
  return measures;
}

Result<std::string> SweepMeasures::digest() const {
  MSQ_TRY(const std::string cells, read_text(flow.liberty));
  nlohmann::ordered_json settings = {{"version", generator_version()},
                                     {"recipe", synth::mapping_script("", "", "")},
                                     {"clock", clock_settings()},
                                     {"liberty", std::hash<std::string>{}(cells)},
                                     {"top", top},
                                     {"timing", timing},
                                     {"power", power},
                                     {"max_fanout", needs_netlist() ? flow.max_fanout : 0},
                                     {"model", shapes.name},
                                     {"tokens", tokens},
                                     {"seed", seed}};
  for (const model::LinearLayer& l : shapes.layers)
    settings["layers"].push_back({l.k, l.n, l.count, l.experts, l.active});
  for (const ToolVersion& tool : tools()) settings["tools"][tool.tool] = tool.version;
  if (weights) {
    settings["weights"] = weights->source;
    settings["quantizer"] = to_json(quantizer);
    std::string_view bytes(reinterpret_cast<const char*>(weights->matrix.values.data()),
                           weights->matrix.values.size() * sizeof(float));
    settings["weights_hash"] = std::hash<std::string_view>{}(bytes);
  }
  return fmt::format("{:016x}", std::hash<std::string>{}(settings.dump(
                                    -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)));
}

Result<SweepPoint> measure_point(const Config& config, const SweepMeasures& m) {
  const auto start = std::chrono::steady_clock::now();
  MSQ_TRY(const auto area,
          measure_area(config, m.flow, {.synthesis = {.netlist = m.timing || m.power}, .top = m.top}));
  SweepPoint point;
  point.config = config;
  add_area(area.configuration, point);
  MSQ_TRY(point.throughput, throughput_of(config, m));
  const Synthesized& synthesized = area.configuration.synthesized;
  synth::MemoryTimings memories;
  if (m.top) {
    MSQ_TRY(memories, add_memories(synthesized.design, m, point));
  }
  if (m.timing || m.power) MSQ_CHECK(add_netlist_figures(synthesized, m, memories, point));
  if (m.weights) {
    MSQ_TRY(point.weight_errors, weight_errors(config, m));
  }
  point.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return point;
}

}  // namespace msq::flow
