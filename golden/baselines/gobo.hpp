#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "golden/baselines/result.hpp"
#include "support/result.hpp"

namespace msq::golden::baselines {

struct GoboOptions {
  int bits = 3;                 ///< 2, 3 or 4: 2^bits centroids
  double log_probability = -4;  ///< outliers are less likely than this; finite
};

/// GOBO: Zadeh et al., "GOBO: Quantizing Attention-Based NLP Models for Low Latency and Energy Efficient
/// Inference" (MICRO 2020), the section on its quantization. One normal distribution is fitted to all
/// weights of the layer; a weight whose log (base e) of the density is below -4 is an outlier and keeps its
/// float32. The others get codes of a table of 2^bits float32 centroids: sorted weights are split into bins
/// of equal population, whose means are the first centroids; then each weight goes to the nearest centroid
/// and each centroid to the mean of its weights, as long as the sum of |weight - centroid| (L1) falls; the
/// centroids with the least sum stay.
///
/// The density has a unit: the same weights in another unit have other outliers, and a layer with a standard
/// deviation above 21.8 has outliers only, as published.
///
/// Choices that the publication leaves open: the standard deviation is that of the population; a deviation of
/// 0 has no outliers; populations of bins differ by at most 1; ties go to the smaller centroid; a centroid
/// without weights stays where it is; centroids are float32 in every iteration.
///
/// Stored: a code for every weight (that of an outlier means nothing, but keeps all codes at their places);
/// the table, 2^bits * 32; the number of outliers, 32; for each outlier its 32 bits and its position in
/// ceil(log2(k * n)) bits. The publication does not fix the list of positions.
///
/// `weights` is [k][n]. Errors: options, a shape that does not fit, NaN or infinity (position named).
[[nodiscard]] Result<BaselineResult> gobo(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                          const GoboOptions& options);

/// A weight as the array reads it.
struct GoboWeight {
  int index = 0;                   ///< of the nearest centroid, also for an outlier
  std::optional<float> outlier{};  ///< value of an outlier
};

struct GoboCodes {
  std::vector<float> centroids;     ///< 2^bits, ascending
  std::vector<GoboWeight> weights;  ///< [k][n]

  /// Value of a weight.
  [[nodiscard]] float value(const GoboWeight& weight) const {
    return weight.outlier.value_or(centroids[static_cast<std::size_t>(weight.index)]);
  }
};

/// The codes whose values gobo gives. Errors: as gobo.
[[nodiscard]] Result<GoboCodes> gobo_codes(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                           const GoboOptions& options);

}  // namespace msq::golden::baselines
