#pragma once

#include "golden/io/matrix.hpp"

namespace msq::golden {

/// [R][C] to [C][R].
[[nodiscard]] Matrix transposed(const Matrix& matrix);

}  // namespace msq::golden
