#pragma once

#include <cstdint>
#include <vector>

namespace msq::golden {

/// How a file stores a weight matrix.
enum class Layout {
  k_by_n,  ///< [K][N], as the contract and a matrix product write it
  n_by_k   ///< [N][K], as PyTorch stores Linear weights
};

/// Dense float32 matrix, row-major: values[row * columns + column]. Readers return rows, columns >= 1.
/// Values may be NaN or infinite; the quantizer, not the reader, refuses them.
struct Matrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::vector<float> values;
};

}  // namespace msq::golden
