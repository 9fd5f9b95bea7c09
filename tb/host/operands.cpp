#include "tb/host/operands.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "gen/arch/dimensions.hpp"
#include "golden/encoding/encoding.hpp"
#include "golden/exec/gemm.hpp"
#include "golden/exec/tile.hpp"
#include "golden/quantize/option_names.hpp"

namespace msq::tb {
namespace {

using golden::QuantizedActivations;
using golden::QuantizedTensor;

/// Encoding, and the bits it gives to sums and scales.
Result<> check_encoding(const Config& config, const QuantizedTensor& w) {
  const golden::Format own = array_format(config, w.format.bits);
  const auto name = [](const golden::Format& f) { return golden::option_name(f.encoding); };
  if (w.format.encoding != own.encoding) {
    return Error(fmt::format("weights of encoding {}: configuration {} has encoding {}", name(w.format),
                             config.name, name(own)));
  }
  if (w.format.fraction_bits != own.fraction_bits ||
      w.format.scale_mantissa_bits != own.scale_mantissa_bits) {
    return Error(fmt::format(
        "weights with fraction_bits {} and scale_mantissa_bits {}: configuration {} has {} and {}",
        w.format.fraction_bits, w.format.scale_mantissa_bits, config.name, own.fraction_bits,
        own.scale_mantissa_bits));
  }
  return {};
}

std::size_t most_outliers(const QuantizedTensor& w) {
  std::size_t most = 0;
  for (const golden::MicroBlock& block : w.blocks) most = std::max(most, block.pairs.size());
  return most;
}

Result<> check_outliers(const Config& config, const QuantizedTensor& w) {
  const std::size_t most = most_outliers(w);
  if (!config.has_outliers() && most > 0) {
    return Error(
        fmt::format("weights with outliers: configuration {} has outlier_path \"none\"; quantize "
                    "with 0 outliers per block",
                    config.name));
  }
  if (!config.has_outliers()) return {};
  if (std::cmp_greater(most, config.list_entries())) {
    return Error(fmt::format("weights with {} outliers in a micro-block: configuration {} takes {}", most,
                             config.name, config.list_entries()));
  }
  const int shift = golden::largest_shift(w);
  if (shift > config.largest_shift() && !outlier_path_traits(config.outlier_path).splits_tiles) {
    return Error(fmt::format("weights with an outlier shift of {}: configuration {} has outlier_shift_max {}",
                             shift, config.name, config.largest_shift()));
  }
  return {};
}

}  // namespace

golden::Format array_format(const Config& config, int bits) {
  // Fields that the encoding does not have keep their defaults.
  return golden::with_fixed_fields(
      {.bits = bits,
       .micro_block = config.micro_block,
       .encoding = golden::option_value<golden::Encoding>(encoding_name(config.encoding)).value(),
       .list_entries = config.list_entries(),
       .fraction_bits = config.fraction_bits,
       .scale_mantissa_bits = config.scale_mantissa_bits});
}

Result<> check_format(const Config& config, const QuantizedTensor& w) {
  if (!config.has_mode(w.format.bits)) {
    return Error(fmt::format("weights of {} bits: allowed by \"modes\" of configuration {}: {}",
                             w.format.bits, config.name, fmt::join(config.modes, ", ")));
  }
  if (w.format.micro_block != config.micro_block) {
    return Error(fmt::format("weights with micro_block {}: configuration {} takes micro_block {}",
                             w.format.micro_block, config.name, config.micro_block));
  }
  MSQ_CHECK(check_encoding(config, w));
  return check_outliers(config, w);
}

namespace {

Result<> check_sums(const Config& config, const QuantizedTensor& weights, int activation_block) {
  if (config.acc_width() >= config.exact_acc_bits()) return {};
  const int rows = config.logical_rows(weights.format.bits);
  const auto overflow = outlier_path_traits(config.outlier_path).splits_tiles
                            ? golden::prove_rows(weights, activation_block, rows, config.acc_width(),
                                                 config.activation_max(), config.largest_shift())
                            : golden::prove_accumulator(weights, activation_block, rows, config.acc_width(),
                                                        config.activation_max());
  if (!overflow) return {};
  return Error(overflow->message(config.acc_width()));
}

/// Output accumulators hold every tensor with the shifts that they are made for; others are looked at.
Result<> check_output_accumulators(const Config& config, const QuantizedTensor& weights) {
  if (golden::largest_shift(weights) <= config.accumulated_shift()) return {};
  const int needed = golden::needed_output_bits(weights, config.activation_max());
  const int most = Dimensions(config).out_acc_bits;
  if (needed <= most) return {};
  return Error(
      fmt::format("outlier shifts of up to {} need output accumulators of {} bits; configuration {} has {}",
                  golden::largest_shift(weights), needed, config.name, most));
}

}  // namespace

Result<> check_ranges(const Config& config, const QuantizedTensor& weights, int activation_block) {
  MSQ_CHECK(check_sums(config, weights, activation_block));
  return check_output_accumulators(config, weights);
}

Result<> check_operands(const Config& config, const QuantizedTensor& weights,
                        const QuantizedActivations& activations) {
  MSQ_CHECK(check_format(config, weights));
  if (activations.bits != config.act_bits) {
    return Error(fmt::format("activations of {} bits: configuration {} has act_bits {}", activations.bits,
                             config.name, config.act_bits));
  }
  if (activations.k != weights.k) {
    return Error(
        fmt::format("activations are [{}][{}], weights [{}][{}]: the second extent of the "
                    "activations must be the first of the weights (K)",
                    activations.m, activations.k, weights.k, weights.n));
  }
  return check_ranges(config, weights, activations.block);
}

}  // namespace msq::tb
