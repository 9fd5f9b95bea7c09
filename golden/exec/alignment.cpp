#include "golden/exec/alignment.hpp"

#include <algorithm>
#include <utility>

#include "golden/exec/gemm.hpp"

namespace msq::golden {
namespace {

/// Smallest and largest of the exponents seen; empty until one is.
class ExponentRange {
 public:
  void include(std::optional<int> exponent) {
    if (!exponent) return;
    min_ = min_ ? std::min(*min_, *exponent) : *exponent;
    max_ = max_ ? std::max(*max_, *exponent) : *exponent;
  }
  [[nodiscard]] std::optional<int> min() const { return min_; }
  [[nodiscard]] int reference(int spread) const {
    return min_ ? std::max(*min_, *max_ - spread) : kZeroReference;
  }

 private:
  std::optional<int> min_;
  std::optional<int> max_;
};

}  // namespace

WeightAlignment::WeightAlignment(const QuantizedTensor& tensor, std::vector<RowRange> ranges)
    : per_row_(tensor.axis == Axis::output),
      macro_block_(tensor.format.macro_block),
      slots_(per_row_ ? tensor.groups() : tensor.n),
      ranges_(std::move(ranges)),
      exponents_(ranges_.size() * static_cast<std::size_t>(slots_)) {
  if (per_row_) row_exponents_.resize(static_cast<std::size_t>(tensor.k * slots_));
  const auto padded = static_cast<int>(tensor.n_padded());
  for (std::size_t t = 0; t < ranges_.size(); ++t) {
    std::vector<ExponentRange> seen(static_cast<std::size_t>(slots_));
    for (int row = 0; row < ranges_[t].rows; ++row) {
      const std::int64_t k = ranges_[t].k0 + row;
      const std::vector<std::int64_t> weights = integer_weights(extract_tile(tensor, k, 0, 1, padded));
      for (std::int64_t n = 0; n < tensor.n; ++n) {
        if (weights[static_cast<std::size_t>(n)] == 0) continue;
        seen[static_cast<std::size_t>(slot(n))].include(tensor.scale(k, n));
        if (per_row_) row_exponents_[static_cast<std::size_t>(k * slots_ + slot(n))] = tensor.scale(k, n);
      }
    }
    for (std::size_t s = 0; s < seen.size(); ++s) exponents_[t * seen.size() + s] = seen[s].min();
  }
  for (std::int64_t n = 0; n < tensor.n; ++n) {
    ExponentRange range;
    for (std::size_t t = 0; t < ranges_.size(); ++t) range.include(exponent(t, n));
    reference_.push_back(range.reference(kWeightSpread));
  }
}

std::int64_t WeightAlignment::slot(std::int64_t n) const { return per_row_ ? n / macro_block_ : n; }

std::optional<int> WeightAlignment::exponent(std::size_t t, std::int64_t n) const {
  return exponents_[t * static_cast<std::size_t>(slots_) + static_cast<std::size_t>(slot(n))];
}

std::vector<int> WeightAlignment::row_shifts(std::size_t t, std::int64_t n) const {
  const RowRange range = ranges_[t];
  std::vector<int> shifts(static_cast<std::size_t>(range.rows), 0);
  if (!per_row_) return shifts;
  const std::optional<int> common = exponent(t, n);
  for (int row = 0; row < range.rows; ++row) {
    const auto own = row_exponents_[static_cast<std::size_t>((range.k0 + row) * slots_ + slot(n))];
    if (own) shifts[static_cast<std::size_t>(row)] = *own - *common;
  }
  return shifts;
}

int WeightAlignment::max_row_shift() const {
  int largest = 0;
  if (!per_row_) return largest;
  for (std::size_t t = 0; t < ranges_.size(); ++t) {
    for (std::int64_t s = 0; s < slots_; ++s) {
      const std::vector<int> shifts = row_shifts(t, s * macro_block_);
      largest = std::max(largest, *std::max_element(shifts.begin(), shifts.end()));
    }
  }
  return largest;
}

ActivationAlignment::ActivationAlignment(const QuantizedActivations& activations)
    : groups_(activations.groups()), exponents_(static_cast<std::size_t>(activations.m * groups_)) {
  for (std::int64_t m = 0; m < activations.m; ++m) {
    ExponentRange range;
    for (std::int64_t g = 0; g < groups_; ++g) {
      const auto first = activations.values.begin() + m * activations.k + g * activations.block;
      const auto count = std::min<std::int64_t>(activations.block, activations.k - g * activations.block);
      if (std::all_of(first, first + count, [](std::int8_t x) { return x == 0; })) continue;
      const auto index = static_cast<std::size_t>(m * groups_ + g);
      exponents_[index] = activations.scales[index];
      range.include(exponents_[index]);
    }
    reference_.push_back(range.reference(kActivationSpread));
  }
}

}  // namespace msq::golden
