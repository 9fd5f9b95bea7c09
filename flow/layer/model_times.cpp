#include "flow/layer/model_times.hpp"

#include <fmt/format.h>

#include <limits>
#include <set>
#include <utility>

#include "flow/layer/layer_patterns.hpp"

namespace msq::flow {
namespace {

/// Everything that follows from the request before the first layer is calculated.
struct Setup {
  model::Hardware hardware;
  model::ModelShapes shapes;
  std::vector<model::Machine> machines = model::compared_machines();
  std::vector<int> modes;  ///< of each layer
  double rate = 0;         ///< of micro-blocks with outliers
  /// Of each layer, in the order of the shapes; empty: they are drawn.
  std::vector<std::vector<model::TilePattern>> patterns;
};

Result<> take_file(const std::string& file, Setup& setup) {
  MSQ_TRY(std::vector<PatternLayer> layers,
          load_patterns(file, setup.hardware.config, std::numeric_limits<std::int64_t>::max()));
  setup.shapes.name = file;
  double entries = 0;
  double blocks = 0;
  for (PatternLayer& layer : layers) {
    setup.modes.push_back(layer.mode);
    setup.shapes.layers.push_back({layer.name, layer.k, layer.n});
    for (const model::TilePattern& tile : layer.tiles) entries += tile.entries();
    blocks += static_cast<double>(layer.k) * static_cast<double>(layer.n) / setup.hardware.config.micro_block;
    setup.patterns.push_back(std::move(layer.tiles));
  }
  setup.rate = entries / blocks;
  if (!setup.hardware.config.has_outliers() && entries > 0) {
    return Error(
        fmt::format("{}: found outliers; allowed with outlier_path \"none\": weights without", file));
  }
  return {};
}

Result<> take_shapes(const ModelRequest& r, Setup& setup) {
  MSQ_TRY(setup.shapes, r.shapes.empty() ? model::find_model(r.model) : model::load_shapes(r.shapes));
  const Config& config = setup.hardware.config;
  const int mode = r.mode == 0 ? config.modes.front() : r.mode;
  setup.modes.assign(setup.shapes.layers.size(), mode);
  if (!config.has_outliers() && r.rate.value_or(0) > 0) {
    return Error(fmt::format("--outlier-rate: found {}; allowed with outlier_path \"none\": 0", *r.rate));
  }
  setup.rate = config.has_outliers() ? r.rate.value_or(model::paper_rate(mode)) : 0;
  return {};
}

Result<Setup> set_up(const ModelRequest& r) {
  MSQ_TRY(const Config config, r.array.load());
  if (r.model.empty() && r.shapes.empty() && r.quantized.empty()) {
    return Error("shapes: found none; allowed: one of --model, --shapes and --quantized");
  }
  Setup setup;
  setup.hardware = {config, r.rates, r.output};
  MSQ_CHECK(r.quantized.empty() ? take_shapes(r, setup) : take_file(r.quantized, setup));
  return setup;
}

Result<LayerTimes> time_layer(const ModelRequest& r, const Setup& setup, std::size_t index) {
  const model::LinearLayer& layer = setup.shapes.layers[index];
  const model::Gemms gemms = model::gemms_of(layer, r.at_once());
  LayerTimes times{.name = layer.name,
                   .shape = {gemms.tokens, layer.k, layer.n, setup.modes[index]},
                   .count = gemms.count * r.repeats(),
                   .top = {},
                   .ideal = {},
                   .machines = {}};
  if (auto valid = model::validate(setup.hardware, times.shape); !valid) {
    return Error(fmt::format("layer {}: {}", layer.name, valid.error()));
  }
  times.top = setup.patterns.empty() ? model::predict_random(setup.hardware, times.shape, setup.rate, r.seed)
                                     : model::predict(setup.hardware, times.shape, setup.patterns[index]);
  model::Platform platform = r.platform;
  platform.rows = setup.hardware.config.rows;
  platform.cols = setup.hardware.config.cols;
  platform.tokens_max = model::cut(setup.hardware, times.shape).tokens;  // the same buffers
  const auto on = [&](const model::Machine& machine) {
    return model::roofline(machine, platform, times.shape.m, layer.k, layer.n);
  };
  times.ideal = on(model::ideal_machine(times.shape.mode, times.bits_per_weight()));
  for (const model::Machine& machine : setup.machines) times.machines.push_back(on(machine));
  return times;
}

}  // namespace

ModelTimesTotals ModelTimes::totals() const {
  ModelTimesTotals t;
  double weights = 0;
  for (const LayerTimes& layer : layers) {
    const auto count = static_cast<double>(layer.count);
    const double own = count * static_cast<double>(layer.shape.k) * static_cast<double>(layer.shape.n);
    weights += own;
    t.bits_per_weight += own * layer.bits_per_weight();
    t.cycles += count * layer.cycles();
    t.ideal += count * layer.ideal.cycles();
    const double macs = own * static_cast<double>(layer.shape.m);
    t.macs += macs;
    t.peak_cycles += macs / hardware.config.weights_per_tile(layer.shape.mode);
    t.weight_bytes += count * static_cast<double>(layer.top.weight_bytes);
    t.activation_bytes += count * static_cast<double>(layer.top.activation_bytes);
    t.output_bytes += count * static_cast<double>(layer.top.output_bytes);
    t.accesses += count * static_cast<double>(layer.top.recon_accesses);
    t.waits += count * static_cast<double>(layer.top.recon_waits);
    t.machines.resize(layer.machines.size());
    for (std::size_t i = 0; i < layer.machines.size(); ++i)
      t.machines[i] += count * layer.machines[i].cycles();
  }
  if (weights > 0) t.bits_per_weight /= weights;
  return t;
}

double ModelTimes::utilization() const {
  const ModelTimesTotals t = totals();
  return t.peak_cycles / t.cycles;
}

std::vector<int> ModelTimes::modes() const {
  std::set<int> found;
  for (const LayerTimes& layer : layers) found.insert(layer.shape.mode);
  return {found.begin(), found.end()};
}

Result<ModelTimes> time_model(const ModelRequest& request) {
  MSQ_TRY(Setup setup, set_up(request));
  std::vector<LayerTimes> layers;
  for (std::size_t i = 0; i < setup.shapes.layers.size(); ++i) {
    MSQ_TRY(LayerTimes times, time_layer(request, setup, i));
    layers.push_back(std::move(times));
  }
  return ModelTimes{setup.shapes.name,
                    request.decode,
                    request.tokens,
                    request.seed,
                    std::move(setup.hardware),
                    setup.rate,
                    std::move(setup.machines),
                    std::move(layers)};
}

}  // namespace msq::flow
