#include "flow/layer/fit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gen/config/fields.hpp"
#include "golden/exec/gemm.hpp"
#include "golden/exec/plan.hpp"
#include "golden/io/quantized_file.hpp"
#include "tb/host/array_sizes.hpp"
#include "tb/host/operands.hpp"

namespace msq::flow {
namespace {

/// Rows of an activation block: tiles never cross its end.
constexpr int kActivationBlock = 128;

Result<> add_file(const Config& config, const std::string& file, FitNeeds& needs) {
  MSQ_TRY(const auto reader, golden::SafetensorsReader::open(file));
  for (const std::string& name : golden::quantized_layers(reader)) {
    MSQ_TRY(const golden::QuantizedLayer layer, golden::load_quantized(reader, name));
    const golden::QuantizedTensor& tensor = layer.tensor;
    if (auto fits = tb::check_format(config, tensor); !fits)
      return Error(fmt::format("{}: layer {}: {}", file, name, fits.error()));
    // Its tiles are counted below.
    if (outlier_path_traits(config.outlier_path).splits_tiles) {
      if (auto fits = tb::check_ranges(config, tensor, kActivationBlock); !fits)
        return Error(fmt::format("{}: layer {}: {}", file, name, fits.error()));
    }
    ++needs.layers;
    needs.acc_bits = std::max(needs.acc_bits, golden::needed_acc_bits(tensor, kActivationBlock,
                                                                      config.logical_rows(tensor.format.bits),
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
Config fitted(const Config& config, const FitNeeds& needs) {
  Config result = config;
  result.name = config.name.substr(0, kMaxNameLength - 4) + "-fit";
  result.acc_bits.reset();
  // Where tiles can be split, rare columns and shifts do not set the widths.
  const bool splits = outlier_path_traits(config.outlier_path).splits_tiles;
  if (config.has_outliers())
    result.outlier_shift_max = splits ? std::min(needs.shift, config.largest_shift()) : needs.shift;
  const int most = splits ? result.default_acc_bits() : result.exact_acc_bits();
  const int width = std::clamp(needs.acc_bits, min_acc_bits(result), most);
  if (width != result.default_acc_bits()) result.acc_bits = width;
  return result;
}

}  // namespace

Result<FitFindings> fit(const Config& config, const std::vector<std::string>& files) {
  FitNeeds needs;
  for (const std::string& file : files) MSQ_CHECK(add_file(config, file, needs));
  if (needs.layers == 0)
    return Error("found no quantized layer; allowed: files that `microscopiq quantize` wrote");
  return FitFindings{config, needs, fitted(config, needs)};
}

}  // namespace msq::flow
