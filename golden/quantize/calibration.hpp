#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "golden/io/row_reader.hpp"
#include "golden/quantize/hessian.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// Sums over a layer's calibration activations X[tokens][k] that the quantizer needs.
struct Calibration {
  explicit Calibration(std::int64_t k) : hessian(k), largest(static_cast<std::size_t>(k), 0.0F) {}
  /// Sums made elsewhere; without `largest` there is no migration.
  explicit Calibration(Hessian sums) : hessian(std::move(sums)) {}

  /// Adds activations [tokens][k], row-major, each token as often as `counts` [tokens] says; empty: once.
  /// Error: those of Hessian::add.
  [[nodiscard]] Result<> add(std::span<const float> activations, std::span<const double> counts = {});

  Hessian hessian;
  std::vector<float> largest;  ///< [k], the largest |activation| of each input; empty if unknown
  std::vector<float> target;   ///< [k][n], 2 X^T Y of wanted outputs Y; empty: Y = X W
};

/// Called with the share that has been read, 0..1.
using CalibrationProgress = std::function<void(double)>;

/// Reads all activations in batches of about 16 MiB, with the same result as of all at once. Massive tokens
/// count `massive_weight` times (massive.hpp), for which the activations are read twice. Error: those of
/// RowReader::read and Hessian::add, with the file's name.
[[nodiscard]] Result<Calibration> calibrate(const RowReader& activations, double massive_weight = 1,
                                            const CalibrationProgress& progress = {});

}  // namespace msq::golden
