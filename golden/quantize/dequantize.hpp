#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/tensor.hpp"

namespace msq::golden {

/// Values of row `row`, exact: inlier q * 2^Isf, outlier (-1)^s * S * 2^(Isf + r - 2), pruned 0. `values` is
/// [n]. The tensor must be valid (golden/quantize/validate.hpp).
void dequantize_row(const QuantizedTensor& tensor, std::int64_t row, std::span<double> values);

/// All values, [k][n]. Every one is exact in double.
[[nodiscard]] std::vector<double> dequantize(const QuantizedTensor& tensor);

}  // namespace msq::golden
