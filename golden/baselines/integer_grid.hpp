#pragma once

#include <cstdint>
#include <span>

#include "support/result.hpp"

namespace msq::golden::baselines {

/// Integer codes of `bits` bits with one FP16 scale, and if asymmetric one zero point of `bits` bits, for
/// each `group` consecutive k of one column.
struct IntegerOptions {
  int bits = 4;              ///< 2, 3, 4 or 8
  std::int64_t group = 128;  ///< any >= 1; the last group of a column is shorter where it does not divide k
  bool symmetric = true;     ///< zero point fixed at 2^(bits-1) and not stored
  bool mse_search = false;   ///< shrink the range for the smallest sum of |error|^2.4
};

/// Error names the field, its value and the allowed values.
[[nodiscard]] Result<> validate(const IntegerOptions& options);

/// The numbers scale * (code - zero), code = 0..max_code.
struct IntegerGrid {
  double scale = 1;  ///< an FP16 number > 0
  int zero = 0;      ///< 0..max_code
  int max_code = 0;  ///< 2^bits - 1

  /// Nearest number of the grid, halves to the even code (before the zero point is added).
  [[nodiscard]] double round(double value) const;
};

/// The grid of one group by Frantar et al., "GPTQ" (ICLR 2023), section 5 ("min-max grid"), and the
/// quantizer published with it: the range is [min(0, least), max(0, largest)], symmetric: [-m, m] with m the
/// largest magnitude; [-1, 1] if all is zero; scale = range / max_code, zero = round(-low / scale). The
/// search multiplies the range by 1, 0.99, .. 0.21 (`maxshrink` 0.8 of a `grid` of 100) and takes the first
/// with the least sum of |error|^2.4 (`norm` 2.4).
///
/// Differences: the scale is rounded to FP16 before it is used, in every step of the search too.
/// A symmetric group without a negative weight gets the symmetric range too (the published program keeps
/// [0, m], whose upper half its fixed zero point then cuts off).
[[nodiscard]] IntegerGrid fit_grid(std::span<const double> group, const IntegerOptions& options);

/// Bits of the codes, scales and zero points of [k][n].
[[nodiscard]] std::int64_t integer_bits(std::int64_t k, std::int64_t n, const IntegerOptions& options);

/// ceil(k / group).
[[nodiscard]] std::int64_t group_count(std::int64_t k, std::int64_t group);

}  // namespace msq::golden::baselines
