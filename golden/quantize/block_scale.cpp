#include "golden/quantize/block_scale.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "golden/encoding/encoding.hpp"

namespace msq::golden {
namespace {

int clamp_exponent(const Format& format, int exponent) {
  const ExponentLimits limits = exponent_limits(format);
  return std::clamp(exponent, limits.min, limits.max);
}

// Scale of a block that has outliers but only zeros as inliers: the smallest outlier needs r = 0, unless the
// largest then needed more than r_max. (The contract's e0 does not exist, and the least scale would lose the
// outliers.)
int exponent_from_outliers(const QuantizerOptions& options, std::span<const double> values) {
  int lowest = std::numeric_limits<int>::max();
  int highest = std::numeric_limits<int>::min();
  for (const double value : values) {
    if (value == 0) continue;
    lowest = std::min(lowest, floor_log2(std::fabs(value)));
    highest = std::max(highest, floor_log2(std::fabs(value)));
  }
  const Format format = options.format();
  return clamp_exponent(format,
                        std::max(lowest, highest - options.outlier_shift_max) - outlier_exponent(format));
}

// Squared error of the inliers at one step. Rounds by adding and subtracting 1.5 * 2^52, which is half to
// even for every |ratio| in reach and lets the compiler use vectors; the sum is taken in ascending order.
class InlierError {
 public:
  InlierError(const Format& format, std::span<const double> values, std::span<const double> importance)
      : low_(qmin(format)),
        high_(qmax(format)),
        values_(values),
        importance_(importance),
        terms_(values.size()) {}

  double at(double step) {
    constexpr double kRound = 6755399441055744.0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const double ratio = std::min(std::max(values_[i] / step, low_), high_);
      const double difference = values_[i] - ((ratio + kRound) - kRound) * step;
      terms_[i] = importance_[i] * (difference * difference);
    }
    double error = 0;
    for (const double term : terms_) error += term;
    return error;
  }

 private:
  double low_;
  double high_;
  std::span<const double> values_;
  std::span<const double> importance_;
  std::vector<double> terms_;
};

}  // namespace

BlockScale zero_block_scale(const Format& format) {
  return {exponent_limits(format).min, scale_factors(format).front()};
}

BlockScale choose_block_scale(const QuantizerOptions& options, std::span<const double> values,
                              std::span<const double> importance) {
  const Format format = options.format();
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (importance[i] != 0) largest = std::max(largest, std::fabs(values[i]));
  }
  const ScaleFactors factors = scale_factors(format);
  if (largest == 0) return {exponent_from_outliers(options, values), factors.front()};
  const int e0 = floor_log2(largest) - (format.bits - 2);
  BlockScale best{clamp_exponent(format, e0), factors.front()};
  if (options.inlier_rule == InlierRule::ocp) return best;

  InlierError error(format, values, importance);
  double best_error = error.at(step_of(format, best));
  const auto consider = [&](const BlockScale& candidate) {
    const double candidate_error = error.at(step_of(format, candidate));
    if (candidate_error < best_error) {
      best = candidate;
      best_error = candidate_error;
    }
  };
  for (const int exponent : {e0, e0 - 1, e0 + 1}) {
    for (const int factor : factors) consider({clamp_exponent(format, exponent), factor});
  }
  return best;
}

}  // namespace msq::golden
