#include "flow/layer/width_limit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>

#include "flow/layer/layer_patterns.hpp"
#include "gen/config/fields.hpp"
#include "golden/io/describe.hpp"
#include "golden/quantize/quantizer.hpp"
#include "model/cycles.hpp"
#include "tb/host/array_sizes.hpp"
#include "tb/host/operands.hpp"

namespace msq::flow {
namespace {

model::LayerShape shape_of(const CycleTarget& target, std::int64_t k, std::int64_t n, int bits) {
  return {target.tokens, k, n, bits};
}

/// The most outliers and the largest shift that the choices allow, whatever the weights.
Result<> check_outlier_choices(const Config& config, const golden::QuantizerOptions& o) {
  const int most = config.has_outliers() ? config.list_entries() : 0;
  if (o.max_outliers() > most) {
    return Error(fmt::format("--outliers-per-block: found {}; allowed by configuration {}: at most {}",
                             o.max_outliers(), config.name, most));
  }
  const bool splits = outlier_path_traits(config.outlier_path).splits_tiles;
  if (most > 0 && !splits && o.outlier_shift_max > config.largest_shift()) {
    return Error(fmt::format("--outlier-shift-max: found {}; allowed by configuration {}: at most {}",
                             o.outlier_shift_max, config.name, config.largest_shift()));
  }
  const int one = exact_sum_bits(config, 1, most > 0 ? std::optional(config.largest_shift()) : std::nullopt);
  if (splits && config.acc_width() < one) {
    return Error(
        fmt::format("--config: found acc_bits {} in configuration {}; allowed: at least {}, one outlier",
                    config.acc_width(), config.name, one));
  }
  return {};
}

}  // namespace

Result<> CycleTarget::check(const QuantizerChoices& choices) const {
  if (config.modes.size() != 2) {
    return Error(fmt::format("--config: found {}, of mode {}; allowed: a configuration of modes 2 and 4",
                             config.name, fmt::join(config.modes, ", ")));
  }
  const auto refuse = [](const std::string& error) { return Error(fmt::format("--config: {}", error)); };
  golden::QuantizedTensor empty;
  empty.format = choices.options.format();
  empty.axis = choices.options.axis;
  for (const int bits : config.modes) {
    empty.format.bits = bits;
    if (auto fits = check_patterns("a layer", empty, config); !fits) return refuse(fits.error());
    if (auto fits = tb::check_format(config, empty); !fits) return refuse(fits.error());
  }
  return check_outlier_choices(config, choices.options);
}

Result<> CycleTarget::check_shape(const std::string& layer, std::int64_t k, std::int64_t n) const {
  for (const int bits : config.modes) {
    if (auto valid = model::validate({config, {}}, shape_of(*this, k, n, bits)); !valid) {
      return Error(fmt::format("--config: layer {}: {}", golden::in_quotes(layer), valid.error()));
    }
  }
  return {};
}

std::int64_t CycleTarget::cycles(const golden::QuantizedTensor& tensor) const {
  const int bits = tensor.format.bits;
  const auto patterns = model::layer_patterns(tb::array_sizes(Dimensions(config)), tensor,
                                              std::numeric_limits<std::int64_t>::max());
  return model::predict({config, {}}, shape_of(*this, tensor.k, tensor.n, bits), patterns).cycles;
}

}  // namespace msq::flow
