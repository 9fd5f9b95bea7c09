#include "golden/quantize/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "golden/quantize/massive.hpp"

namespace msq::golden {
namespace {

constexpr std::int64_t kBatchValues = std::int64_t{1} << 22;

/// Passes the rows on in batches, with the number of the first one.
Result<> for_each_batch(
    const RowReader& activations,
    const std::function<Result<>(std::int64_t first, std::span<const float> rows)>& take) {
  const std::int64_t batch =
      std::max<std::int64_t>(1, kBatchValues / kHessianTokens / activations.columns()) * kHessianTokens;
  for (std::int64_t first = 0; first < activations.rows(); first += batch) {
    MSQ_TRY(const auto rows, activations.read(first, std::min(batch, activations.rows() - first)));
    MSQ_CHECK(take(first, rows));
  }
  return {};
}

/// How often each token counts; empty: once.
Result<std::vector<double>> counts_of(const RowReader& activations, double massive_weight) {
  if (massive_weight == 1) return std::vector<double>();
  std::vector<float> largest;
  MSQ_CHECK(for_each_batch(activations, [&](std::int64_t, std::span<const float> rows) -> Result<> {
    std::ranges::copy(largest_of_tokens(rows, activations.columns()), std::back_inserter(largest));
    return {};
  }));
  return token_counts(largest, massive_weight);
}

}  // namespace

Result<> Calibration::add(std::span<const float> activations, std::span<const double> counts) {
  MSQ_CHECK(hessian.add(activations, counts));
  for (std::size_t i = 0; i < activations.size(); ++i) {
    float& most = largest[i % largest.size()];
    most = std::max(most, std::fabs(activations[i]));
  }
  return {};
}

Result<Calibration> calibrate(const RowReader& activations, double massive_weight,
                              const CalibrationProgress& progress) {
  MSQ_TRY(const std::vector<double> counts, counts_of(activations, massive_weight));
  Calibration calibration(activations.columns());
  MSQ_CHECK(for_each_batch(activations, [&](std::int64_t first, std::span<const float> rows) -> Result<> {
    const auto tokens = static_cast<std::int64_t>(rows.size()) / activations.columns();
    const auto some = counts.empty() ? std::span<const double>()
                                     : std::span(counts).subspan(static_cast<std::size_t>(first),
                                                                 static_cast<std::size_t>(tokens));
    if (auto added = calibration.add(rows, some); !added)
      return Error(fmt::format("{}: {}", activations.name(), added.error()));
    if (progress) progress(static_cast<double>(first + tokens) / static_cast<double>(activations.rows()));
    return {};
  }));
  return calibration;
}

}  // namespace msq::golden
