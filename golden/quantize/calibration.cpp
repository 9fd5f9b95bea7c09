#include "golden/quantize/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace msq::golden {
namespace {

constexpr std::int64_t kBatchValues = std::int64_t{1} << 22;

}  // namespace

Result<> Calibration::add(std::span<const float> activations) {
  MSQ_CHECK(hessian.add(activations));
  for (std::size_t i = 0; i < activations.size(); ++i) {
    float& most = largest[i % largest.size()];
    most = std::max(most, std::fabs(activations[i]));
  }
  return {};
}

Result<Calibration> calibrate(const RowReader& activations, const CalibrationProgress& progress) {
  Calibration calibration(activations.columns());
  const std::int64_t batch =
      std::max<std::int64_t>(1, kBatchValues / kHessianTokens / activations.columns()) * kHessianTokens;
  for (std::int64_t first = 0; first < activations.rows(); first += batch) {
    MSQ_TRY(const auto rows, activations.read(first, std::min(batch, activations.rows() - first)));
    if (auto added = calibration.add(rows); !added) {
      return Error(fmt::format("{}: {}", activations.name(), added.error()));
    }
    if (progress) {
      const std::int64_t done = std::min(first + batch, activations.rows());
      progress(static_cast<double>(done) / static_cast<double>(activations.rows()));
    }
  }
  return calibration;
}

}  // namespace msq::golden
