#include "flow/layer/layer_patterns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "golden/io/quantized_file.hpp"
#include "golden/quantize/option_names.hpp"
#include "tb/host/array_sizes.hpp"
#include "tb/host/operands.hpp"

namespace msq::flow {
namespace {

/// As the model of cycles takes it, and golden::split_rows cuts it into tiles of at most 128 rows.
constexpr int kMacroBlock = 128;

}  // namespace

Result<> check_patterns(const std::string& where, const golden::QuantizedTensor& tensor,
                        const Config& config) {
  const golden::Format& format = tensor.format;
  if (!config.has_mode(format.bits) || tensor.axis != golden::Axis::reduction ||
      format.micro_block != config.micro_block || format.macro_block != kMacroBlock) {
    return Error(fmt::format(
        "{} has {} bits, micro-block {}, macro-block {}, axis {}; allowed by "
        "configuration {}: {} bits, micro-block {}, macro-block {}, axis reduction",
        where, format.bits, format.micro_block, format.macro_block, golden::option_name(tensor.axis),
        config.name, fmt::join(config.modes, " or "), config.micro_block, kMacroBlock));
  }
  return {};
}

Result<PatternFile> load_patterns(const std::string& file, const Config& config, std::int64_t limit) {
  MSQ_TRY(const auto reader, golden::SafetensorsReader::open(file));
  PatternFile result;
  for (const std::string& name : golden::quantized_layers(reader)) {
    MSQ_TRY(const golden::QuantizedLayer layer, golden::load_quantized(reader, name));
    const golden::QuantizedTensor& tensor = layer.tensor;
    const std::string where = fmt::format("{}: layer \"{}\"", file, name);
    MSQ_CHECK(check_patterns(where, tensor, config));
    if (result.mode != 0 && result.mode != tensor.format.bits) {
      return Error(fmt::format("{} has {} bits and others {}; allowed: one bit budget a file", where,
                               tensor.format.bits, result.mode));
    }
    result.mode = tensor.format.bits;
    if (outlier_path_traits(config.outlier_path).splits_tiles) {
      if (auto fits = tb::check_ranges(config, tensor, kMacroBlock); !fits)
        return Error(fmt::format("{}: {}", where, fits.error()));
    }
    result.layers.push_back({name, tensor.k, tensor.n,
                             model::layer_patterns(tb::array_sizes(Dimensions(config)), tensor, limit)});
  }
  if (result.layers.empty()) {
    return Error(
        fmt::format("{}: found no quantized layer; allowed: a file that `microscopiq quantize` wrote", file));
  }
  return result;
}

}  // namespace msq::flow
