#include "golden/quantize/dequantize.hpp"

#include <cmath>

#include "golden/encoding/encoding.hpp"

namespace msq::golden {

void dequantize_row(const QuantizedTensor& tensor, std::int64_t row, std::span<double> values) {
  const Format& format = tensor.format;
  with_rules(format, [&](auto rules) {
    for (std::int64_t column = 0; column < tensor.n; ++column) {
      const int q = rules.inlier_value(format, tensor.code(row, column));
      const int exponent = tensor.scale(row, column) - format.scale_mantissa_bits;
      values[static_cast<std::size_t>(column)] = std::ldexp(q * tensor.factor(row, column), exponent);
    }
  });
  for (std::int64_t index = 0; index < tensor.blocks_per_row(); ++index) {
    const MicroBlock& block = tensor.block(row, index);
    const std::int64_t first = index * format.micro_block;
    for (const OutlierPair& pair : block.pairs) {
      const std::int64_t upper = first + pair.upper;
      const std::int64_t lower = first + pair.lower;
      const Halves halves{tensor.code(row, upper), tensor.code(row, lower)};
      const int exponent =
          tensor.scale(row, upper) + block.shift - format.fraction_bits - format.scale_mantissa_bits;
      values[static_cast<std::size_t>(upper)] =
          std::ldexp(outlier_integer(format, halves) * tensor.factor(row, upper), exponent);
      if (lower < tensor.n) values[static_cast<std::size_t>(lower)] = 0;
    }
  }
}

std::vector<double> dequantize(const QuantizedTensor& tensor) {
  const auto n = static_cast<std::size_t>(tensor.n);
  std::vector<double> values(static_cast<std::size_t>(tensor.k) * n);
  for (std::int64_t row = 0; row < tensor.k; ++row) {
    dequantize_row(tensor, row, std::span(values).subspan(static_cast<std::size_t>(row) * n, n));
  }
  return values;
}

}  // namespace msq::golden
