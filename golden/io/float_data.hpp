#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "golden/io/byte_source.hpp"

namespace msq::golden {

/// Stored float types the readers convert.
enum class FloatType { f8_e4m3, f8_e5m2, f8_e8m0, f16, bf16, f32, f64 };

/// Bytes of one stored element.
[[nodiscard]] constexpr std::int64_t element_bytes(FloatType type) {
  switch (type) {
    case FloatType::f8_e4m3:
    case FloatType::f8_e5m2:
    case FloatType::f8_e8m0:
      return 1;
    case FloatType::f16:
    case FloatType::bf16:
      return 2;
    case FloatType::f32:
      return 4;
    case FloatType::f64:
      break;
  }
  return 8;
}

/// Reads `count` elements that start at byte `offset`. The range is checked against the source's size before
/// memory is allocated. `order` is that of the bytes of an element. All types are exact except f64, which
/// rounds to the nearest float32 (ties to even). Error: the range is not in the source, reading fails, or a
/// finite f64 is beyond float32's range (its index is named).
[[nodiscard]] Result<std::vector<float>> read_floats(const ByteSource& source, std::uint64_t offset,
                                                     std::int64_t count, FloatType type,
                                                     std::endian order = std::endian::little);

}  // namespace msq::golden
