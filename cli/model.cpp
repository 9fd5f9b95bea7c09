#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.hpp"
#include "cli/hardware_options.hpp"
#include "cli/layer_patterns.hpp"
#include "cli/options.hpp"
#include "cli/presets.hpp"
#include "cli/text.hpp"
#include "model/cycles.hpp"
#include "model/machines.hpp"
#include "model/shapes.hpp"

namespace msq::cli {
namespace {

const std::map<std::string, tb::OutputFormat> kOutputs = {{"raw", tb::OutputFormat::raw},
                                                          {"fp32", tb::OutputFormat::fp32},
                                                          {"mx8", tb::OutputFormat::mx8},
                                                          {"mx4", tb::OutputFormat::mx4}};

struct ModelOptions {
  HardwareOptions hardware;
  std::string model, shapes, quantized, phase;
  std::int64_t tokens = 0;
  int mode = 0;
  std::optional<double> rate;
  model::PortRates rates;
  model::Platform platform;
  std::string output = "fp32";
  unsigned seed = 1;
  bool json = false;

  [[nodiscard]] bool decode() const { return phase == "decode"; }
  /// M of a GEMM without experts.
  [[nodiscard]] std::int64_t at_once() const { return decode() ? 1 : tokens; }
  /// How often all of it is run.
  [[nodiscard]] std::int64_t repeats() const { return decode() ? tokens : 1; }
};

/// A layer on all machines: cycles of one of its GEMMs, and how many there are.
struct LayerTimes {
  std::string name;
  model::LayerShape shape;
  std::int64_t count = 1;  ///< repeats included
  model::CyclePrediction top;
  model::Roofline ideal;  ///< MicroScopiQ
  std::vector<model::Roofline> machines;

  /// The generated top behind the platform's memories.
  [[nodiscard]] double cycles() const {
    return std::max({static_cast<double>(top.cycles), ideal.off_chip, ideal.on_chip});
  }
  [[nodiscard]] std::string binds() const {
    return cycles() > static_cast<double>(top.cycles) ? ideal.binds() : top.binds();
  }
  [[nodiscard]] double bits_per_weight() const {
    return static_cast<double>(top.weight_bits_of_a_pass) /
           (static_cast<double>(shape.k) * static_cast<double>(shape.n));
  }
};

struct Totals {
  double cycles = 0, ideal = 0, macs = 0, weight_bytes = 0, activation_bytes = 0, output_bytes = 0;
  double accesses = 0, waits = 0;
  std::vector<double> machines;
};

/// What the options stand for.
struct Setup {
  model::Hardware hardware;
  model::ModelShapes shapes;
  std::vector<model::Machine> machines = model::compared_machines();
  model::Machine ideal;
  int mode = 4;
  double rate = 0;  ///< of micro-blocks with outliers
  /// Of each layer, in the order of the shapes; empty: they are drawn.
  std::vector<std::vector<model::TilePattern>> patterns;
};

Result<> take_file(const std::string& file, Setup& setup) {
  auto patterns = load_patterns(file, setup.hardware.config, std::numeric_limits<std::int64_t>::max());
  if (!patterns) return Error(patterns.error());
  setup.mode = patterns->mode;
  setup.shapes.name = file;
  double entries = 0;
  double blocks = 0;
  for (PatternLayer& layer : patterns->layers) {
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

Result<> take_shapes(const ModelOptions& o, Setup& setup) {
  auto shapes = o.shapes.empty() ? model::find_model(o.model) : model::load_shapes(o.shapes);
  if (!shapes) return Error(shapes.error());
  setup.shapes = std::move(*shapes);
  const Config& config = setup.hardware.config;
  setup.mode = o.mode == 0 ? config.modes.front() : o.mode;
  if (!config.has_outliers() && o.rate.value_or(0) > 0) {
    return Error(fmt::format("--outlier-rate: found {}; allowed with outlier_path \"none\": 0", *o.rate));
  }
  setup.rate = config.has_outliers() ? o.rate.value_or(model::paper_rate(setup.mode)) : 0;
  return {};
}

Result<Setup> set_up(const ModelOptions& o) {
  const auto config = o.hardware.load();
  if (!config) return Error(config.error());
  if (o.model.empty() && o.shapes.empty() && o.quantized.empty()) {
    return Error(std::string("shapes: found none; allowed: one of --model, --shapes and --quantized"));
  }
  Setup setup;
  setup.hardware = {*config, o.rates, kOutputs.at(o.output)};
  auto taken = o.quantized.empty() ? take_shapes(o, setup) : take_file(o.quantized, setup);
  if (!taken) return Error(taken.error());
  setup.ideal = model::ideal_machine(setup.mode, config->micro_block, setup.rate);
  return setup;
}

Result<LayerTimes> time_layer(const ModelOptions& o, const Setup& setup, std::size_t index) {
  const model::LinearLayer& layer = setup.shapes.layers[index];
  const model::Gemms gemms = model::gemms_of(layer, o.at_once());
  LayerTimes times{.name = layer.name,
                   .shape = {gemms.tokens, layer.k, layer.n, setup.mode},
                   .count = gemms.count * o.repeats(),
                   .top = {},
                   .ideal = {},
                   .machines = {}};
  if (auto valid = model::validate(setup.hardware, times.shape); !valid) {
    return Error(fmt::format("layer {}: {}", layer.name, valid.error()));
  }
  times.top = setup.patterns.empty() ? model::predict_random(setup.hardware, times.shape, setup.rate, o.seed)
                                     : model::predict(setup.hardware, times.shape, setup.patterns[index]);
  model::Platform platform = o.platform;
  platform.rows = setup.hardware.config.rows;
  platform.cols = setup.hardware.config.cols;
  platform.tokens_max = model::cut(setup.hardware, times.shape).tokens;  // the same buffers
  const auto on = [&](const model::Machine& machine) {
    return model::roofline(machine, platform, times.shape.m, layer.k, layer.n);
  };
  times.ideal = on(setup.ideal);
  for (const model::Machine& machine : setup.machines) times.machines.push_back(on(machine));
  return times;
}

Totals sum(const std::vector<LayerTimes>& layers) {
  Totals t;
  for (const LayerTimes& layer : layers) {
    const auto count = static_cast<double>(layer.count);
    t.cycles += count * layer.cycles();
    t.ideal += count * layer.ideal.cycles();
    t.macs += count * static_cast<double>(layer.shape.m) * static_cast<double>(layer.shape.k) *
              static_cast<double>(layer.shape.n);
    t.weight_bytes += count * static_cast<double>(layer.top.weight_bytes);
    t.activation_bytes += count * static_cast<double>(layer.top.activation_bytes);
    t.output_bytes += count * static_cast<double>(layer.top.output_bytes);
    t.accesses += count * static_cast<double>(layer.top.recon_accesses);
    t.waits += count * static_cast<double>(layer.top.recon_waits);
    t.machines.resize(layer.machines.size());
    for (std::size_t i = 0; i < layer.machines.size(); ++i)
      t.machines[i] += count * layer.machines[i].cycles();
  }
  return t;
}

double utilization(const Setup& setup, const Totals& t) {
  const Config& config = setup.hardware.config;
  return t.macs / (t.cycles * config.rows * config.logical_columns(setup.mode));
}

Json bytes_json(double weights, double activations, double outputs) {
  return {{"weights", weights}, {"activations", activations}, {"outputs", outputs}};
}

Json json(const Setup& setup, const LayerTimes& layer) {
  const model::CyclePrediction& p = layer.top;
  Json machines = Json::object();
  for (std::size_t i = 0; i < layer.machines.size(); ++i) {
    const model::Roofline& roof = layer.machines[i];
    machines[setup.machines[i].name] = {{"compute", roof.compute},
                                        {"off_chip", roof.off_chip},
                                        {"on_chip", roof.on_chip},
                                        {"binds", roof.binds()},
                                        {"speed", roof.cycles() / layer.cycles()}};
  }
  return {{"name", layer.name},
          {"m", layer.shape.m},
          {"k", layer.shape.k},
          {"n", layer.shape.n},
          {"count", layer.count},
          {"cycles", layer.cycles()},
          {"top_cycles", p.cycles},
          {"exact", p.exact},
          {"binds", layer.binds()},
          {"utilization", p.utilization(setup.hardware, layer.shape)},
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

/// ReCoN units, or outliers that a micro-block of a band can hold; null without an outlier path.
Json outlier_units(const Config& config) {
  if (config.has_recon()) return config.recon.units;
  return config.has_inline() ? Json(config.outlier_units()) : Json(nullptr);
}

Json json(const ModelOptions& o, const Setup& setup, const std::vector<LayerTimes>& layers) {
  const Totals t = sum(layers);
  Json all = {{"model", setup.shapes.name},
              {"config", setup.hardware.config.name},
              {"outlier_path", outlier_path_name(setup.hardware.config.outlier_path)},
              {"units", outlier_units(setup.hardware.config)},
              {"phase", o.phase},
              {"tokens", o.tokens},
              {"mode", setup.mode},
              {"outlier_rate", setup.rate},
              {"seed", o.seed},
              {"layers", Json::array()}};
  for (const LayerTimes& layer : layers) all["layers"].push_back(json(setup, layer));
  Json machines = Json::object();
  for (std::size_t i = 0; i < setup.machines.size(); ++i) {
    machines[setup.machines[i].name] = {{"cycles", t.machines[i]},
                                        {"speed", t.machines[i] / t.cycles},
                                        {"speed_ideal", t.machines[i] / t.ideal},
                                        {"weight_bits", setup.machines[i].weight_bits},
                                        {"assumption", setup.machines[i].assumption}};
  }
  all["total"] = {{"cycles", t.cycles},
                  {"ideal_cycles", t.ideal},
                  {"utilization", utilization(setup, t)},
                  {"recon_accesses", t.accesses},
                  {"recon_waits", t.waits},
                  {"bytes", bytes_json(t.weight_bytes, t.activation_bytes, t.output_bytes)},
                  {"machines", machines}};
  return all;
}

std::string count_text(double value) { return grouped(std::llround(value)); }
std::string megabytes(double bytes) { return fmt::format("{:.1f}", bytes / 1e6); }

std::string layer_table(const Setup& setup, const std::vector<LayerTimes>& layers) {
  std::vector<std::string> header = {"layer",   "M",     "K",    "N",          "GEMMs",   "cycles",
                                     "of peak", "binds", "bits", "weights MB", "acts MB", "outputs MB"};
  for (const model::Machine& machine : setup.machines) header.push_back("x " + machine.name);
  Table table(header);
  for (const LayerTimes& layer : layers) {
    const auto count = static_cast<double>(layer.count);
    const double of_peak = layer.top.utilization(setup.hardware, layer.shape) *
                           static_cast<double>(layer.top.cycles) / layer.cycles();
    std::vector<std::string> row = {layer.name,
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

std::string machine_table(const Setup& setup, const Totals& t) {
  Table table({"machine", "bits", "cycles", "MicroScopiQ faster by", "and ideal"});
  for (std::size_t i = 0; i < setup.machines.size(); ++i) {
    table.add({setup.machines[i].name, fmt::format("{:.3f}", setup.machines[i].weight_bits),
               count_text(t.machines[i]), fmt::format("{:.2f}", t.machines[i] / t.cycles),
               fmt::format("{:.2f}", t.machines[i] / t.ideal)});
  }
  table.add({setup.ideal.name, fmt::format("{:.3f}", setup.ideal.weight_bits), count_text(t.ideal),
             fmt::format("{:.2f}", t.ideal / t.cycles), "1.00"});
  return table.str();
}

std::string text(const ModelOptions& o, const Setup& setup, const std::vector<LayerTimes>& layers) {
  const Totals t = sum(layers);
  const Config& config = setup.hardware.config;
  std::string out = fmt::format("{} on {} ({}), mode {}, {} of micro-blocks with outliers: {}, {} tokens\n",
                                setup.shapes.name, config.name, outlier_text(config), setup.mode,
                                percent(setup.rate), o.phase, grouped(o.tokens));
  out += layer_table(setup, layers);
  out += item("cycles of all", count_text(t.cycles));
  out += item("of peak", percent(utilization(setup, t)));
  if (config.has_recon()) {
    out += item("ReCoN accesses", fmt::format("{}, {} waited", count_text(t.accesses), count_text(t.waits)));
  }
  out += item("bytes",
              fmt::format("{} MB of weights, {} of activations, {} of outputs", megabytes(t.weight_bytes),
                          megabytes(t.activation_bytes), megabytes(t.output_bytes)));
  return out + machine_table(setup, t);
}

Outcome run_model(const ModelOptions& o) {
  const auto setup = set_up(o);
  if (!setup) return Error(setup.error());
  std::vector<LayerTimes> layers;
  for (std::size_t i = 0; i < setup->shapes.layers.size(); ++i) {
    auto times = time_layer(o, *setup, i);
    if (!times) return Error(times.error());
    layers.push_back(std::move(*times));
  }
  fmt::print("{}", o.json ? json_text(json(o, *setup, layers)) : text(o, *setup, layers));
  return kOk;
}

void add_top_options(CLI::App& command, ModelOptions& o) {
  std::vector<std::string> outputs;
  outputs.reserve(kOutputs.size());
  for (const auto& [name, unused] : kOutputs) outputs.push_back(name);
  command.add_option("--output", o.output, "Format in which outputs leave")
      ->check(CLI::IsMember(outputs))
      ->capture_default_str();
  const auto rate = [&command](const char* name, double& value, const char* what) {
    command.add_option(name, value, fmt::format("Beats a cycle of {}, more than 0 to 1", what))
        ->check(CLI::Range(1e-6, 1.0))
        ->capture_default_str();
  };
  rate("--weight-rate", o.rates.weights, "the weight stream");
  rate("--activation-rate", o.rates.activations, "the activation stream");
  rate("--output-rate", o.rates.outputs, "the output port");
  command.add_option("--off-chip", o.platform.off_chip, "Bytes a cycle from off chip")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--on-chip", o.platform.on_chip, "Bytes a cycle between on-chip memory and array")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

}  // namespace

void add_model(CLI::App& app, Action& action) {
  auto options = std::make_shared<ModelOptions>();
  ModelOptions& o = *options;
  CLI::App* command = app.add_subcommand(
      "model", "Cycles of a transformer's linear layers, calculated, beside other machines");
  add_hardware(*command, o.hardware);
  command->add_option("--units", o.hardware.units, "ReCoN units. Default: the configuration's")
      ->check(CLI::Range(1, 128));
  std::vector<std::string> names;
  for (const auto& known : model::known_models()) names.push_back(known.name);
  auto* name = command->add_option("--model", o.model, fmt::format("One of {}", fmt::join(names, ", ")));
  auto* file =
      command->add_option("--shapes", o.shapes, "Layers from a CSV file with the header name,k,n,count")
          ->excludes(name);
  auto* quantized = command
                        ->add_option("-q,--quantized", o.quantized,
                                     "The layers of a file that `quantize` wrote, with their outliers")
                        ->excludes(name)
                        ->excludes(file);
  command->add_option("--phase", o.phase, "prefill: the tokens at once; decode: one after the other")
      ->required()
      ->check(CLI::IsMember({"prefill", "decode"}));
  command->add_option("-m,--tokens", o.tokens, "Number of tokens, 1 to 1048576")
      ->required()
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20));
  command->add_option("--mode", o.mode, "Bits of a weight. Default: the fewest of the configuration")
      ->check(CLI::IsMember({2, 4}))
      ->excludes(quantized);
  command
      ->add_option(
          "--outlier-rate", o.rate,
          "Share of micro-blocks with outliers, 0 to 1. Default: the paper's, 0.09 in mode 2, 0.0375 "
          "in mode 4")
      ->check(CLI::Range(0.0, 1.0))
      ->excludes(quantized);
  add_top_options(*command, o);
  add_seed(*command, o.seed);
  add_json(*command, o.json);
  command->footer("\nExample:\n  microscopiq model --model llama-3-8b --phase decode --tokens 1");
  command->callback([options, &action] { action = [options] { return run_model(*options); }; });
}

}  // namespace msq::cli
