#include "golden/quantize/massive.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace msq::golden {
namespace {

/// Share of the squares from which an input is hardly seen.
constexpr double kHardlySeen = 0.25;

/// The upper one of an even number; 0 if all are zero.
float median_above_zero(std::vector<float> values) {
  std::erase(values, 0.0F);
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

HardlySeenInputs hardly_seen(const Calibration& calibration) {
  HardlySeenInputs found;
  const double massive = kMassive * median_above_zero(calibration.largest);
  for (std::size_t k = 0; k < calibration.largest.size(); ++k) {
    const double largest = calibration.largest[k];
    if (largest == 0 || largest < massive) continue;
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

}  // namespace msq::golden
