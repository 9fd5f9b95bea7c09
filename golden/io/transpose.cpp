#include "golden/io/transpose.hpp"

#include <algorithm>

namespace msq::golden {

Matrix transposed(const Matrix& matrix) {
  constexpr std::int64_t kBlock = 32;  // a block of both matrices stays in the cache
  Matrix out{matrix.columns, matrix.rows, std::vector<float>(matrix.values.size())};
  for (std::int64_t row0 = 0; row0 < matrix.rows; row0 += kBlock) {
    for (std::int64_t column0 = 0; column0 < matrix.columns; column0 += kBlock) {
      const std::int64_t row_end = std::min(row0 + kBlock, matrix.rows);
      const std::int64_t column_end = std::min(column0 + kBlock, matrix.columns);
      for (std::int64_t row = row0; row < row_end; ++row) {
        for (std::int64_t column = column0; column < column_end; ++column) {
          out.values[static_cast<std::size_t>(column * matrix.rows + row)] =
              matrix.values[static_cast<std::size_t>(row * matrix.columns + column)];
        }
      }
    }
  }
  return out;
}

}  // namespace msq::golden
