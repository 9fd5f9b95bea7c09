#include "golden/quantize/quantizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "golden/quantize/rows.hpp"

namespace msq::golden {
namespace {

tl::unexpected<std::string> error(std::string text) { return tl::unexpected<std::string>(std::move(text)); }

Result<void> check_range(const char* field, int value, int low, int high) {
  if (low <= value && value <= high) return {};
  return error(fmt::format("{} is {}; allowed are {}..{}", field, value, low, high));
}

Result<void> check_weights(std::span<const float> weights, std::int64_t k, std::int64_t n) {
  if (auto shape = validate_shape(k, n); !shape) return shape;
  if (weights.size() != static_cast<std::size_t>(k) * static_cast<std::size_t>(n)) {
    return error(fmt::format("shape [k={}][n={}] needs {} weights, got {}", k, n, k * n, weights.size()));
  }
  const auto bad = std::find_if(weights.begin(), weights.end(), [](float w) { return !std::isfinite(w); });
  if (bad == weights.end()) return {};
  const std::int64_t index = bad - weights.begin();
  return error(
      fmt::format("weight [k={}][n={}] is {}; every weight must be finite", index / n, index % n, *bad));
}

QuantizedTensor empty_tensor(std::int64_t k, std::int64_t n, const QuantizerOptions& options) {
  QuantizedTensor tensor;
  tensor.format = options.format();
  tensor.axis = options.axis;
  tensor.outlier_shift_max = options.outlier_shift_max;
  tensor.k = k;
  tensor.n = n;
  tensor.codes.resize(static_cast<std::size_t>(k * tensor.n_padded()));
  tensor.blocks.resize(static_cast<std::size_t>(k * tensor.blocks_per_row()));
  tensor.scales.resize(scale_count(tensor));
  return tensor;
}

// Quantizes rows first_row.., one aligned run of B_M rows, `weights` being [rows][n]. This is where a
// compensating quantizer differs: it quantizes a row, then corrects the ones that follow.
void quantize_run(const QuantizerOptions& options, std::span<const double> weights, std::int64_t first_row,
                  QuantizeOutput& output) {
  QuantizedTensor& tensor = output.tensor;
  MacroBlockEntry entry = enter_macro_blocks(options, weights, first_row, tensor.n);
  if (options.axis == Axis::output) limit_scale_spread(entry, options.row_align_bits);
  std::copy(entry.scales.begin(), entry.scales.end(),
            tensor.scales.begin() + static_cast<std::ptrdiff_t>(tensor.scale_index(first_row, 0)));

  const auto n = static_cast<std::size_t>(tensor.n);
  std::vector<double> saliency(n);
  for (std::int64_t r = 0; r < entry.rows; ++r) {
    const auto row = weights.subspan(static_cast<std::size_t>(r) * n, n);
    std::transform(row.begin(), row.end(), saliency.begin(), [](double w) { return w * w; });
    quantize_row(options, entry, first_row + r, row, saliency, tensor, output.statistics);
  }
}

}  // namespace

Result<void> validate(const QuantizerOptions& options) {
  if (auto format = validate(options.format()); !format) return format;
  if (auto ok = check_range("outliers_per_block", options.max_outliers(), 0, options.micro_block / 2); !ok)
    return ok;
  if (auto ok = check_range("outlier_shift_max", options.outlier_shift_max, 0, kOutlierShiftLimit); !ok)
    return ok;
  if (auto ok = check_range("row_align_bits", options.row_align_bits, 0, 7); !ok) return ok;
  if (!std::isfinite(options.outlier_sigma) || options.outlier_sigma <= 0) {
    return error(
        fmt::format("outlier_sigma is {}; allowed are finite numbers above 0", options.outlier_sigma));
  }
  return {};
}

Result<QuantizeOutput> quantize(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                const QuantizerOptions& options) {
  if (auto ok = validate(options); !ok) return error(ok.error());
  if (auto ok = check_weights(weights, k, n); !ok) return error(ok.error());
  QuantizeOutput output;
  output.tensor = empty_tensor(k, n, options);
  for (std::int64_t first = 0; first < k; first += options.macro_block) {
    const std::int64_t rows = std::min<std::int64_t>(options.macro_block, k - first);
    const auto run = weights.subspan(static_cast<std::size_t>(first * n), static_cast<std::size_t>(rows * n));
    const std::vector<double> values(run.begin(), run.end());
    quantize_run(options, values, first, output);
  }
  return output;
}

}  // namespace msq::golden
