#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/tensor.hpp"

namespace msq::golden {

/// Values of row `row`, exact: inlier q * scale, outlier (-1)^s * S or M * scale * 2^(r - F), pruned 0.
/// `values` is [n]. The tensor must be valid (golden/quantize/validate.hpp).
void dequantize_row(const QuantizedTensor& tensor, std::int64_t row, std::span<double> values);

/// All values, [k][n]. Every one is exact in double.
[[nodiscard]] std::vector<double> dequantize(const QuantizedTensor& tensor);

}  // namespace msq::golden
