#include "golden/io/float_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "golden/io/float16.hpp"
#include "golden/io/float8.hpp"

namespace msq::golden {
namespace {

static_assert(std::endian::native == std::endian::little, "little-endian elements are read without swapping");

constexpr std::size_t kChunkBytes = 16384;

template <class T>
T element(std::span<const std::byte> bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

float convert(std::span<const std::byte> bytes, std::size_t index, FloatType type) {
  switch (type) {
    case FloatType::f8_e4m3:
      return from_float8_e4m3(element<std::uint8_t>(bytes, index));
    case FloatType::f8_e5m2:
      return from_float8_e5m2(element<std::uint8_t>(bytes, index));
    case FloatType::f8_e8m0:
      return from_float8_e8m0(element<std::uint8_t>(bytes, index));
    case FloatType::f16:
      return from_float16(element<std::uint16_t>(bytes, index));
    case FloatType::bf16:
      return from_bfloat16(element<std::uint16_t>(bytes, index));
    case FloatType::f32:
      return element<float>(bytes, index);
    case FloatType::f64:
      break;
  }
  return static_cast<float>(element<double>(bytes, index));
}

/// Reverses the bytes of each element.
void swap_bytes(std::span<std::byte> elements, std::size_t width) {
  for (std::size_t first = 0; first < elements.size(); first += width) {
    std::ranges::reverse(elements.subspan(first, width));
  }
}

/// A finite double that became infinite.
bool overflowed(std::span<const std::byte> bytes, std::size_t index, FloatType type, float value) {
  return type == FloatType::f64 && std::isinf(value) && std::isfinite(element<double>(bytes, index));
}

}  // namespace

Result<std::vector<float>> read_floats(const ByteSource& source, std::uint64_t offset, std::int64_t count,
                                       FloatType type, std::endian order) {
  const auto width = static_cast<std::uint64_t>(element_bytes(type));
  if (count < 0 || offset > source.size() ||
      static_cast<std::uint64_t>(count) > (source.size() - offset) / width) {
    return Error(fmt::format("{}: {} elements of {} bytes at byte {} do not fit the file's {} bytes",
                             source.name(), count, width, offset, source.size()));
  }
  std::vector<float> values(static_cast<std::size_t>(count));
  std::array<std::byte, kChunkBytes> buffer;
  const std::size_t per_chunk = kChunkBytes / width;
  for (std::size_t first = 0; first < values.size(); first += per_chunk) {
    const std::size_t here = std::min(per_chunk, values.size() - first);
    const std::span<std::byte> chunk = std::span(buffer).first(here * width);
    MSQ_CHECK(source.read(offset + first * width, chunk));
    if (order != std::endian::native) swap_bytes(chunk, width);
    for (std::size_t i = 0; i < here; ++i) {
      values[first + i] = convert(chunk, i, type);
      if (overflowed(chunk, i, type, values[first + i])) {
        return Error(fmt::format("{}: element {} (in stored order) is {:g}; allowed: values of float32",
                                 source.name(), first + i, element<double>(chunk, i)));
      }
    }
  }
  return values;
}

}  // namespace msq::golden
