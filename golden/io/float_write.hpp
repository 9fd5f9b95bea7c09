#pragma once

#include <cstddef>
#include <vector>

#include "golden/io/float_data.hpp"

namespace msq::golden {

/// Rounds a value to a stored type, ties to even; infinite beyond its range. `type` is f16, bf16 or f32; f64
/// keeps the value.
[[nodiscard]] double round_to(double value, FloatType type);

/// Appends a value, rounded by round_to, as a stored element (little-endian). `type` as there. Returns false
/// if a finite value became infinite.
bool append_float(std::vector<std::byte>& bytes, double value, FloatType type);

}  // namespace msq::golden
