// What of an array's widths quantized weights need: sums, outlier shift, outlier units.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/presets.hpp"
#include "cli/text.hpp"
#include "gen/config/fields.hpp"
#include "gen/config/serialize.hpp"
#include "golden/exec/gemm.hpp"
#include "golden/exec/plan.hpp"
#include "golden/io/atomic_file.hpp"
#include "golden/io/quantized_file.hpp"
#include "tb/host/array_sizes.hpp"
#include "tb/host/operands.hpp"

namespace msq::cli {
namespace {

/// Rows of an activation block: tiles never cross its end.
constexpr int kActivationBlock = 128;

struct FitOptions {
  std::string config, output;
  std::vector<std::string> files;
  bool json = false;
};

/// What the weights of all files need.
struct Needs {
  std::int64_t layers = 0;
  int acc_bits = 0;
  int shift = 0;
  int outliers = 0;  ///< most in a micro-block
  std::array<std::int64_t, golden::kOutlierShiftLimit + 1>
      shifts{};                             ///< micro-blocks with outliers, by shift
  std::array<std::int64_t, 9> counts{};     ///< and by number of outliers
  std::int64_t tiles = 0, extra_tiles = 0;  ///< path inline: of them for outliers without a unit
};

Result<> add_file(const Config& config, const std::string& file, Needs& needs) {
  const auto reader = golden::SafetensorsReader::open(file);
  if (!reader) return Error(reader.error());
  for (const std::string& name : golden::quantized_layers(*reader)) {
    const auto layer = golden::load_quantized(*reader, name);
    if (!layer) return Error(layer.error());
    const golden::QuantizedTensor& tensor = layer->tensor;
    if (auto fits = tb::check_format(config, tensor); !fits)
      return Error(fmt::format("{}: layer {}: {}", file, name, fits.error()));
    ++needs.layers;
    needs.acc_bits = std::max(needs.acc_bits, golden::needed_acc_bits(tensor, kActivationBlock, config.rows,
                                                                      config.activation_max()));
    for (const golden::MicroBlock& block : tensor.blocks) {
      if (!block.has_outliers()) continue;
      ++needs.shifts.at(block.shift);
      ++needs.counts.at(block.pairs.size());
      needs.shift = std::max(needs.shift, int{block.shift});
      needs.outliers = std::max(needs.outliers, static_cast<int>(block.pairs.size()));
    }
    const golden::TileCount count =
        golden::count_tiles(tb::array_sizes(Dimensions(config)), tensor, kActivationBlock);
    needs.tiles += count.tiles;
    needs.extra_tiles += count.extra;
  }
  return {};
}

/// The configuration with the smallest widths that hold these weights.
Config fitted(const Config& config, const Needs& needs) {
  Config result = config;
  result.name = config.name.substr(0, kMaxNameLength - 4) + "-fit";
  result.acc_bits.reset();
  if (config.has_outliers()) result.outlier_shift_max = needs.shift;
  const int width = std::clamp(needs.acc_bits, min_acc_bits(result), result.derived_acc_bits());
  if (width < result.derived_acc_bits()) result.acc_bits = width;
  return result;
}

std::string shares(std::span<const std::int64_t> counts) {
  std::int64_t total = 0;
  for (const std::int64_t count : counts) total += count;
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", i,
                        percent(static_cast<double>(counts[i]) / static_cast<double>(total), 3));
  }
  return text.empty() ? "no outliers" : text;
}

Json to_json(const Config& config, const Config& fit, const Needs& n) {
  return {
      {"config", config.name},
      {"layers", n.layers},
      {"acc_bits", {{"configured", config.acc_width()}, {"needed", n.acc_bits}, {"fitted", fit.acc_width()}}},
      {"outlier_shift", {{"configured", config.outlier_shift_max}, {"largest", n.shift}}},
      {"micro_blocks_by_shift", n.shifts},
      {"micro_blocks_by_outliers", n.counts},
      {"tiles", n.tiles},
      {"extra_tiles", n.extra_tiles},
      {"fitted", Json::parse(msq::to_json(fit))}};
}

std::string to_text(const Config& config, const Config& fit, const Needs& n) {
  std::string text = fmt::format("{}: {} layers\n", config.name, n.layers);
  text +=
      item("partial sums", fmt::format("{} bits hold every column whatever the activations; configured {}",
                                       n.acc_bits, config.acc_width()));
  text += item("outlier shift",
               fmt::format("{} is the largest; configured {}", n.shift, config.outlier_shift_max));
  text += item("by shift", shares(n.shifts));
  text += item("by outliers", shares(n.counts));
  if (config.has_inline()) {
    text += item("tiles", fmt::format("{}, and {} more ({}) for outliers without a unit", grouped(n.tiles),
                                      grouped(n.extra_tiles),
                                      percent(static_cast<double>(n.extra_tiles) /
                                              static_cast<double>(std::max<std::int64_t>(n.tiles, 1)))));
  }
  return text + item("fitted", fmt::format("acc_bits {}, outlier_shift_max {}", fit.acc_width(),
                                           fit.outlier_shift_max));
}

Outcome run_fit(const FitOptions& o) {
  const auto config = find_config(o.config);
  if (!config) return Error(config.error());
  Needs needs;
  for (const std::string& file : o.files) {
    if (auto added = add_file(*config, file, needs); !added) return Error(added.error());
  }
  if (needs.layers == 0)
    return Error(std::string("found no quantized layer; allowed: files that `microscopiq quantize` wrote"));
  const Config fit = fitted(*config, needs);
  if (!o.output.empty()) {
    if (auto written = golden::write_file_atomically(o.output, msq::to_json(fit)); !written)
      return Error(written.error());
  }
  fmt::print("{}", o.json ? json_text(to_json(*config, fit, needs)) : to_text(*config, fit, needs));
  return kOk;
}

}  // namespace

void add_fit(CLI::App& app, Action& action) {
  auto options = std::make_shared<FitOptions>();
  CLI::App* command = app.add_subcommand(
      "fit", "The narrowest sums and outlier shift that hold quantized weights, with a proof per column");
  add_config(*command, options->config, true);
  command->add_option("-q,--quantized", options->files, "Files that `quantize` wrote; may be repeated")
      ->required();
  command->add_option("-o,--output", options->output, "Write the fitted configuration to this JSON file");
  add_json(*command, options->json);
  command->footer(
      "\nExample:\n  microscopiq fit --config 64x64 -q q2.safetensors -q q4.safetensors -o narrow.json");
  command->callback([options, &action] { action = [options] { return run_fit(*options); }; });
}

}  // namespace msq::cli
