#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/presets.hpp"
#include "cli/quantization.hpp"
#include "cli/quantized_source.hpp"
#include "cli/simulation.hpp"
#include "cli/text.hpp"

namespace msq::cli {
namespace {

struct SimulateOptions {
  std::string config, quantized, layer, trace;
  WeightsSource weights;
  ActivationsSource activations;
  QuantizerChoices quantizer;
  double stalls = 0;
  unsigned seed = 1;
  std::int64_t first_tile = 0;
  std::optional<std::int64_t> tiles;
  std::uint64_t trace_from = 0, trace_cycles = 1000;
  bool json = false;

  [[nodiscard]] tb::LayerRunOptions run_options() const {
    tb::LayerRunOptions run;
    run.stalls = {stalls, stalls};
    run.seed = seed;
    run.first_tile = first_tile;
    run.tile_limit = tiles;
    return run;
  }
  /// The command line that names the same configuration and operands.
  [[nodiscard]] std::string command() const {
    std::string text = "microscopiq simulate --config " + shell_word(config);
    if (quantized.empty()) {
      text +=
          fmt::format(" {} --bits {}{}", weights.options(), quantizer.options.bits, quantizer.arguments());
    } else {
      text += " --quantized " + shell_word(quantized);
      if (!layer.empty()) text += " --layer " + shell_word(layer);
    }
    text += " " + activations.options();
    return stalls > 0 ? text + fmt::format(" --stalls {}", stalls) : text;
  }
};

/// Weights as the array takes them, and where they come from.
struct Operand {
  golden::QuantizedTensor tensor;
  std::string source;
  std::vector<float> input_scales;  ///< [k]; empty: activations are taken as they are
};

tl::expected<Operand, std::string> load_operand(const SimulateOptions& o, const Config& config) {
  if (!o.quantized.empty()) {
    auto layer = load_quantized_layer(o.quantized, o.layer);
    if (!layer) return Failure(layer.error());
    return Operand{std::move(layer->tensor), o.quantized, std::move(layer->input_scales)};
  }
  const auto weights = load_weights(o.weights, o.seed);
  if (!weights) return Failure(weights.error());
  auto quantization = quantize_weights(*weights, o.quantizer.for_config(config, o.quantizer.options.bits));
  if (!quantization) return Failure(quantization.error());
  return Operand{std::move(quantization->tensor), weights->source, {}};
}

void print(const SimulateOptions& o, const Config& config, const Operand& weights,
           const LabelledMatrix& activations, const Simulation& simulation, std::uint64_t traced) {
  if (o.json) {
    Json json = {{"config", config.name}, {"weights", weights.source}, {"activations", activations.source}};
    json.update(to_json(simulation));
    if (!o.trace.empty()) {
      json["trace"] = {{"file", o.trace}, {"from_cycle", o.trace_from}, {"cycles", traced}};
    }
    fmt::print("{}", json_text(json));
    return;
  }
  fmt::print("{} at {} bits: {} tokens x [{}][{}]\n", config.name, simulation.bits, simulation.m,
             simulation.k, simulation.n);
  fmt::print("{}{}{}", item("weights", weights.source), item("activations", activations.source),
             to_text(simulation));
  if (!o.trace.empty()) {
    fmt::print("{}", item("trace", fmt::format("{}: {} cycles from {} on", o.trace, traced, o.trace_from)));
  }
}

Outcome run_simulate(const SimulateOptions& o) {
  const auto config = find_config(o.config);
  if (!config) return Failure(config.error());
  if (o.quantized.empty() && o.weights.file.empty() && o.weights.synthetic.empty()) {
    return Failure(std::string("weights: found none; allowed: one of --quantized, --weights, --synthetic"));
  }
  const auto weights = load_operand(o, *config);
  if (!weights) return Failure(weights.error());
  auto activations = load_activations(o.activations, weights->tensor.k, weights->source, o.seed);
  if (!activations) return Failure(activations.error());
  divide_inputs(activations->matrix, weights->input_scales);
  const auto quantized =
      quantize_activations(*activations, config->act_bits, weights->tensor.format.macro_block);
  if (!quantized) return Failure(quantized.error());

  const Design design = build_design(*config);
  const auto simulation = simulate(design, weights->tensor, weights->source, *quantized, o.run_options());
  if (!simulation) return Failure(simulation.error());
  std::uint64_t traced = 0;
  if (!o.trace.empty()) {
    const auto cycles = record_trace(design, weights->tensor, *quantized, o.run_options(),
                                     {o.trace, o.trace_from, o.trace_cycles});
    if (!cycles) return Failure(cycles.error());
    traced = *cycles;
  }
  print(o, *config, *weights, *activations, *simulation, traced);
  fmt::print(stderr, "{}", failure_text(*simulation, *config, o.command()));
  return simulation->result.ok() ? kOk : kCheckFailed;
}

void add_run_options(CLI::App& command, SimulateOptions& o) {
  constexpr std::int64_t kMaxTiles = std::int64_t{1} << 40;
  command
      .add_option("--stalls", o.stalls, "Probability of a pause of each input stream in a cycle, 0 to 0.95")
      ->check(CLI::Range(0.0, 0.95))
      ->capture_default_str();
  command
      .add_option("--first-tile", o.first_tile,
                  "Leave out the tiles before this one (then only sums are compared)")
      ->check(CLI::Range(std::int64_t{0}, kMaxTiles))
      ->capture_default_str();
  command.add_option("--tiles", o.tiles, "Run at most so many tiles, at least 1. Default: all")
      ->check(CLI::Range(std::int64_t{1}, kMaxTiles));
  command.add_option("--trace", o.trace, "Also record signals to this file (FST, for GTKWave)");
  command.add_option("--trace-from", o.trace_from, "First cycle recorded, counted from the first tile")
      ->capture_default_str();
  command.add_option("--trace-cycles", o.trace_cycles, "Cycles recorded, 1 to 1000000")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1000000}))
      ->capture_default_str();
}

}  // namespace

void add_simulate(CLI::App& app, Action& action) {
  auto options = std::make_shared<SimulateOptions>();
  CLI::App* command =
      app.add_subcommand("simulate", "Run a layer on the simulated core and compare every bit");
  add_config(*command, options->config, true);
  add_weights(*command, options->weights);
  add_quantizer_choices(*command, options->quantizer);
  auto* bits = command->add_option("-b,--bits", options->quantizer.options.bits, "Bits of a weight")
                   ->check(CLI::IsMember({2, 4}))
                   ->capture_default_str();
  command->add_option("-q,--quantized", options->quantized, "Instead of weights: a file that quantize wrote")
      ->excludes("--weights")
      ->excludes("--synthetic")
      ->excludes(bits);
  command->add_option("--layer", options->layer, "Layer in that file, if it holds several")
      ->needs("--quantized");
  add_activations(*command, options->activations);
  add_seed(*command, options->seed);
  add_run_options(*command, *options);
  add_json(*command, options->json);
  command->footer(
      "\nExit code 1 if anything differs from the golden model; the message names the place and the command "
      "that records it.\n\nExample:\n  microscopiq simulate --config 8x8 --synthetic 384x1536 --bits 2 "
      "--tokens 8");
  command->callback([options, &action] { action = [options] { return run_simulate(*options); }; });
}

}  // namespace msq::cli
