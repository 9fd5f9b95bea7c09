#pragma once

#include <cstdint>
#include <vector>

namespace msq::golden {

/// Dense float32 matrix, row-major: values[row * columns + column]. Readers return rows, columns >= 1.
/// Values may be NaN or infinite; the quantizer, not the reader, refuses them.
struct Matrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::vector<float> values;
};

}  // namespace msq::golden
