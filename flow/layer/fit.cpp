#include "flow/layer/fit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gen/config/fields.hpp"
#include "golden/exec/gemm.hpp"
#include "golden/exec/mapping.hpp"
#include "golden/io/quantized_file.hpp"
#include "tb/layer_run.hpp"
#include "tb/streams.hpp"

namespace msq::flow {
namespace {

/// Rows of an activation block: tiles never cross its end.
constexpr int kActivationBlock = 128;

void add_tiles(const Config& config, const golden::QuantizedTensor& tensor, FitNeeds& needs) {
  const golden::UnitLimits limits = tb::unit_limits(config);
  const int columns = config.logical_columns(tensor.format.bits);
  for (const golden::RowRange& range : golden::split_rows(tensor, kActivationBlock, config.rows)) {
    for (std::int64_t n0 = 0; n0 < tensor.n; n0 += columns) {
      ++needs.tiles;
      if (!config.has_inline()) continue;
      const golden::Tile tile =
          golden::pad_rows(golden::extract_tile(tensor, range.k0, n0, range.rows, columns), config.rows);
      const auto parts = golden::map_to_units(golden::outlier_lanes(tile), limits);
      needs.extra_tiles += static_cast<std::int64_t>(parts.size()) - 1;
    }
  }
}

Result<> add_file(const Config& config, const std::string& file, FitNeeds& needs) {
  MSQ_TRY(const auto reader, golden::SafetensorsReader::open(file));
  for (const std::string& name : golden::quantized_layers(reader)) {
    MSQ_TRY(const golden::QuantizedLayer layer, golden::load_quantized(reader, name));
    const golden::QuantizedTensor& tensor = layer.tensor;
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
    add_tiles(config, tensor, needs);
  }
  return {};
}

/// The configuration with the smallest widths that hold these weights.
Config fitted(const Config& config, const FitNeeds& needs) {
  Config result = config;
  result.name = config.name.substr(0, kMaxNameLength - 4) + "-fit";
  result.acc_bits.reset();
  if (config.has_outliers()) result.outlier_shift_max = needs.shift;
  const int width = std::clamp(needs.acc_bits, min_acc_bits(result), result.derived_acc_bits());
  if (width < result.derived_acc_bits()) result.acc_bits = width;
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
