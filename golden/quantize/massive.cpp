#include "golden/quantize/massive.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace msq::golden {
namespace {

/// Share of the squares from which an input is hardly seen.
constexpr double kHardlySeen = 0.25;

/// Least value that is massive: kMassive times the median of those above 0, the upper one of an even number.
double massive_from(std::vector<float> values) {
  std::erase(values, 0.0F);
  if (values.empty()) return std::numeric_limits<double>::infinity();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return kMassive * *middle;
}

}  // namespace

HardlySeenInputs hardly_seen(const Calibration& calibration) {
  HardlySeenInputs found;
  const double massive = massive_from(calibration.largest);
  for (std::size_t k = 0; k < calibration.largest.size(); ++k) {
    const double largest = calibration.largest[k];
    if (largest < massive) continue;
    const auto index = static_cast<Eigen::Index>(k);
    const double squares = calibration.hessian.lower()(index, index) / 2;
    const double share = largest * largest / std::max(squares, largest * largest);
    if (share <= kHardlySeen) continue;
    ++found.count;
    if (share <= found.share) continue;
    found.worst = static_cast<std::int64_t>(k);
    found.share = share;
  }
  return found;
}

std::vector<float> largest_of_tokens(std::span<const float> activations, std::int64_t k) {
  std::vector<float> largest(activations.size() / static_cast<std::size_t>(k), 0.0F);
  for (std::size_t i = 0; i < activations.size(); ++i) {
    float& most = largest[i / static_cast<std::size_t>(k)];
    most = std::max(most, std::fabs(activations[i]));
  }
  return largest;
}

std::vector<double> token_counts(const std::vector<float>& largest, double massive_weight) {
  const double massive = massive_from(largest);
  std::vector<double> counts;
  counts.reserve(largest.size());
  for (const float most : largest) counts.push_back(most < massive ? 1 : massive_weight);
  return counts;
}

}  // namespace msq::golden
