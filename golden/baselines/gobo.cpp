#include "golden/baselines/gobo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "golden/check.hpp"

namespace msq::golden::baselines {
namespace {

// Normal distribution fitted to the weights of a layer.
class Normal {
 public:
  explicit Normal(std::span<const float> weights) {
    const auto count = static_cast<double>(weights.size());
    mean_ = std::accumulate(weights.begin(), weights.end(), 0.0) / count;
    for (const float w : weights) variance_ += (w - mean_) * (w - mean_) / count;
  }

  [[nodiscard]] double log_density(double value) const {
    if (variance_ == 0) return std::numeric_limits<double>::infinity();
    const double distance = value - mean_;
    return -distance * distance / (2 * variance_) - 0.5 * std::log(2 * std::numbers::pi * variance_);
  }

 private:
  double mean_ = 0;
  double variance_ = 0;
};

float mean_of(std::span<const float> values) {
  return static_cast<float>(std::accumulate(values.begin(), values.end(), 0.0) /
                            static_cast<double>(values.size()));
}

// Means of bins of equal population of `sorted`, not empty.
std::vector<float> first_centroids(std::span<const float> sorted, std::size_t count) {
  std::vector<float> centroids;
  for (std::size_t bin = 0; bin < count; ++bin) {
    const std::size_t begin = bin * sorted.size() / count;
    const std::size_t end = (bin + 1) * sorted.size() / count;
    centroids.push_back(begin < end ? mean_of(sorted.subspan(begin, end - begin)) : sorted[begin]);
  }
  return centroids;
}

// The index of the first weight of each centroid in `sorted`, and their number as last element. Centroids
// ascend, so the weights nearest to one are consecutive.
std::vector<std::size_t> assign(std::span<const float> sorted, std::span<const float> centroids) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 1; i < centroids.size(); ++i) {
    const double middle = (static_cast<double>(centroids[i - 1]) + centroids[i]) / 2;
    const auto next = std::upper_bound(sorted.begin(), sorted.end(), middle);
    starts.push_back(std::max(starts.back(), static_cast<std::size_t>(next - sorted.begin())));
  }
  starts.push_back(sorted.size());
  return starts;
}

double l1_distance(std::span<const float> sorted, std::span<const float> centroids,
                   std::span<const std::size_t> starts) {
  double sum = 0;
  for (std::size_t i = 0; i < centroids.size(); ++i) {
    for (std::size_t j = starts[i]; j < starts[i + 1]; ++j) {
      sum += std::fabs(static_cast<double>(sorted[j]) - centroids[i]);
    }
  }
  return sum;
}

std::vector<float> find_centroids(std::vector<float> inliers, std::size_t count) {
  if (inliers.empty()) return std::vector<float>(count);
  std::sort(inliers.begin(), inliers.end());
  const std::span<const float> sorted(inliers);
  std::vector<float> best;
  std::vector<float> centroids = first_centroids(sorted, count);
  for (double least = std::numeric_limits<double>::infinity();;) {
    const std::vector<std::size_t> starts = assign(sorted, centroids);
    const double sum = l1_distance(sorted, centroids, starts);
    if (sum >= least) return best;
    least = sum;
    best = centroids;
    for (std::size_t i = 0; i < count; ++i) {
      if (starts[i] == starts[i + 1]) continue;
      centroids[i] = mean_of(sorted.subspan(starts[i], starts[i + 1] - starts[i]));
    }
  }
}

int nearest(std::span<const float> centroids, float value) {
  const auto found = std::min_element(centroids.begin(), centroids.end(), [value](double a, double b) {
    return std::fabs(a - value) < std::fabs(b - value);
  });
  return static_cast<int>(found - centroids.begin());
}

}  // namespace

Result<GoboCodes> gobo_codes(std::span<const float> weights, std::int64_t k, std::int64_t n,
                             const GoboOptions& options) {
  MSQ_CHECK(check_choice("bits", options.bits, {2, 3, 4}));
  if (!std::isfinite(options.log_probability)) {
    return Error(fmt::format("log_probability is {}; allowed are finite numbers", options.log_probability));
  }
  MSQ_CHECK(check_weights(weights, k, n));
  const Normal normal(weights);
  const auto is_outlier = [&](float w) { return normal.log_density(w) < options.log_probability; };
  std::vector<float> inliers;
  std::remove_copy_if(weights.begin(), weights.end(), std::back_inserter(inliers), is_outlier);
  GoboCodes result{find_centroids(std::move(inliers), std::size_t{1} << options.bits), {}};
  for (const float w : weights)
    result.weights.push_back({nearest(result.centroids, w), is_outlier(w) ? std::optional(w) : std::nullopt});
  return result;
}

Result<BaselineResult> gobo(std::span<const float> weights, std::int64_t k, std::int64_t n,
                            const GoboOptions& options) {
  MSQ_TRY(const auto codes, gobo_codes(weights, k, n, options));
  BaselineResult result;
  std::int64_t outliers = 0;
  for (const GoboWeight& w : codes.weights) {
    result.values.push_back(codes.value(w));
    outliers += w.outlier.has_value();
  }
  const auto position_bits = static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(k * n - 1)));
  const std::int64_t table_bits = std::int64_t{32} << options.bits;
  result.stored_bits = k * n * options.bits + table_bits + 32 + outliers * (32 + position_bits);
  return result;
}

}  // namespace msq::golden::baselines
