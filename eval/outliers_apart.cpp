#include "eval/outliers_apart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "golden/encoding/encoding.hpp"
#include "golden/quantize/block_scale.hpp"
#include "golden/quantize/rows.hpp"

namespace msq::eval {
namespace {

using golden::MacroBlockEntry;

class Apart {
 public:
  Apart(std::span<const float> weights, std::int64_t k, std::int64_t n, const ApartOptions& options)
      : weights_(weights.begin(), weights.end()), k_(k), n_(n), group_(options.group) {
    options_.bits = options.bits;
    options_.outliers_per_block = 0;
    result_.values.resize(weights_.size());
  }

  Quantized run() {
    const std::int64_t run = options_.macro_block;
    for (std::int64_t first = 0; first < k_; first += run) quantize_run(first, std::min(run, k_ - first));
    const auto count = static_cast<double>(weights_.size());
    result_.bits_stored = options_.bits + static_cast<double>(metadata_) / count;
    result_.outliers.weights = static_cast<std::int64_t>(weights_.size());
    return std::move(result_);
  }

 private:
  std::size_t at(std::int64_t row, std::int64_t column) const {
    return static_cast<std::size_t>(row * n_ + column);
  }

  bool is_outlier(const MacroBlockEntry& entry, std::int64_t row, std::int64_t column) const {
    const auto block = static_cast<std::size_t>(column);
    return std::fabs(weights_[at(row, column)] - entry.mean[block]) > entry.threshold[block];
  }

  void quantize_run(std::int64_t first, std::int64_t rows) {
    const std::span<const double> run = std::span(weights_).subspan(at(first, 0), at(rows, 0));
    const std::vector<double> importance(static_cast<std::size_t>(rows), 1.0);
    MacroBlockEntry entry = golden::enter_macro_blocks(options_, run, first, n_, importance, 0.0);
    for (std::int64_t column = 0; column < n_; ++column) set_scale(entry, column);
    metadata_ += 8 * n_;
    for (std::int64_t row = first; row < first + rows; ++row) {
      for (std::int64_t column = 0; column < n_; column += group_) quantize_group(entry, row, column);
    }
  }

  // The entry's scale counts values beyond the threshold as inliers; here they are not.
  void set_scale(MacroBlockEntry& entry, std::int64_t column) const {
    const auto block = static_cast<std::size_t>(column);
    if (entry.all_zero[block] != 0) return;
    std::vector<double> values;
    std::vector<double> inlier;
    for (std::int64_t row = entry.first_row; row < entry.first_row + entry.rows; ++row) {
      values.push_back(weights_[at(row, column)]);
      inlier.push_back(is_outlier(entry, row, column) ? 0.0 : 1.0);
    }
    entry.set_scale(options_.format(), block, golden::choose_block_scale(options_, values, inlier));
  }

  void quantize_group(const MacroBlockEntry& entry, std::int64_t row, std::int64_t first) {
    const golden::Format format = options_.format();
    std::vector<std::int64_t> outliers;
    for (std::int64_t column = first; column < std::min(first + group_, n_); ++column) {
      const double step = entry.steps[static_cast<std::size_t>(column)];
      const double weight = weights_[at(row, column)];
      result_.values[at(row, column)] = golden::nearest_inlier(format, weight, step) * step;
      if (is_outlier(entry, row, column)) outliers.push_back(column);
    }
    metadata_ += 1;
    if (outliers.empty()) return;
    const int place = std::countr_zero(static_cast<unsigned>(group_));
    metadata_ += 8 + place + static_cast<std::int64_t>(outliers.size()) * (options_.bits + place);
    result_.outliers.outliers_wanted += static_cast<std::int64_t>(outliers.size());
    result_.outliers.outliers_kept += static_cast<std::int64_t>(outliers.size());
    set_outliers(entry, row, outliers);
  }

  // With the r of least error; of equal ones the smallest.
  void set_outliers(const MacroBlockEntry& entry, std::int64_t row,
                    const std::vector<std::int64_t>& outliers) {
    double least = 0;
    for (int shift = 0; shift <= options_.outlier_shift_max; ++shift) {
      std::vector<double> values;
      double error = 0;
      for (const std::int64_t column : outliers) {
        values.push_back(outlier(entry, row, column, shift));
        error += std::pow(weights_[at(row, column)] - values.back(), 2);
      }
      if (shift > 0 && error >= least) continue;
      least = error;
      for (std::size_t i = 0; i < outliers.size(); ++i) result_.values[at(row, outliers[i])] = values[i];
    }
  }

  double outlier(const MacroBlockEntry& entry, std::int64_t row, std::int64_t column, int shift) const {
    const golden::Format format = options_.format();
    const double unit = golden::outlier_unit(format, entry.steps[static_cast<std::size_t>(column)], shift);
    return golden::nearest_outlier(format, weights_[at(row, column)], unit) * unit;
  }

  std::vector<double> weights_;
  std::int64_t k_;
  std::int64_t n_;
  std::int64_t group_;
  golden::QuantizerOptions options_;
  std::int64_t metadata_ = 0;  // bits beyond bb a weight
  Quantized result_;
};

}  // namespace

Result<Quantized> outliers_apart(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                 const ApartOptions& options) {
  if (options.bits != 2 && options.bits != 4)
    return Error(fmt::format("bits is {}; allowed: 2, 4", options.bits));
  if (options.group < 2 || options.group > 128 || !std::has_single_bit(static_cast<unsigned>(options.group)))
    return Error(fmt::format("group is {}; allowed: powers of two, 2..128", options.group));
  if (auto ok = golden::validate_shape(k, n); !ok) return Error(ok.error());
  if (std::cmp_not_equal(weights.size(), k * n))
    return Error(fmt::format("shape [k={}][n={}] needs {} weights, got {}", k, n, k * n, weights.size()));
  return Apart(weights, k, n, options).run();
}

}  // namespace msq::eval
