#pragma once

#include <cstddef>
#include <cstdint>

#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// Largest number of rows or columns; keeps every product of sizes within 64 bits.
inline constexpr std::int64_t kMaxDimension = std::int64_t{1} << 28;

/// bits 2 or 4, micro_block 4, 8 or 16, macro_block 32, 64 or 128, identifier_group 1, 4, 8 or 16, and the
/// fields of the encoding. Error: names the field, its value and the allowed ones.
[[nodiscard]] Result<> validate(const Format& format);

/// Axis `reduction`, or `output` with an encoding that allows it.
[[nodiscard]] Result<> validate(Axis axis, Encoding encoding);

/// Rows and columns in 1..kMaxDimension.
[[nodiscard]] Result<> validate_shape(std::int64_t k, std::int64_t n);

/// Number of Isf of a tensor of this shape and axis (not the size of its vector).
[[nodiscard]] std::size_t scale_count(const QuantizedTensor& tensor);

/// Every invariant of a quantized tensor: format, shape, axis, sizes; scales and factors in range; codes of
/// inliers, zero beyond N; halves that can be halves and belong together; lists ascending, of different
/// positions, routable, at most B_mu / 2 entries, Upper within N; r in 0..r_max and 0 without outliers. The
/// error names the first place that breaks one.
[[nodiscard]] Result<> validate(const QuantizedTensor& tensor);

}  // namespace msq::golden
