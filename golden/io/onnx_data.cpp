#include <fmt/format.h>

#include <limits>

#include "golden/io/float16.hpp"
#include "golden/io/onnx_fields.hpp"
#include "golden/io/onnx_model.hpp"
#include "golden/io/onnx_wire.hpp"

namespace msq::golden {

using namespace onnx_fields;

std::optional<FloatType> onnx_float_type(std::string_view type) {
  if (type == "FLOAT") {
    return FloatType::f32;
  }
  if (type == "FLOAT16") {
    return FloatType::f16;
  }
  if (type == "DOUBLE") {
    return FloatType::f64;
  }
  return type == "BFLOAT16" ? std::optional(FloatType::bf16) : std::nullopt;
}

Result<std::vector<float>> read_onnx_list(const ByteSource& source, const OnnxData& data, FloatType type) {
  WireReader wire(source, {data.begin, data.end});
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(data.count));
  wire.fields([&](int number) {
    const bool floats = number == tensor::floats && data.kind == OnnxData::Kind::floats;
    const bool doubles = number == tensor::doubles && data.kind == OnnxData::Kind::doubles;
    if (floats || doubles) {
      const FloatType stored = floats ? FloatType::f32 : FloatType::f64;
      const auto width = static_cast<std::size_t>(element_bytes(stored));
      const WireReader::Range range = wire.elements(width);
      const auto part =
          read_floats(source, range.begin, static_cast<std::int64_t>(range.size() / width), stored);
      if (!part) {
        wire.fail(part.error());
      } else {
        values.insert(values.end(), part->begin(), part->end());
      }
    } else if (number == tensor::int32s && data.kind == OnnxData::Kind::ints) {
      wire.integers([&](std::int64_t code) {
        if (code < 0 || code > std::numeric_limits<std::uint16_t>::max()) {
          wire.fail(
              fmt::format("element {} is {}; allowed: a 16-bit code, 0 to 65535,", values.size(), code));
        }
        const auto bits = static_cast<std::uint16_t>(code);
        values.push_back(type == FloatType::f16 ? from_float16(bits) : from_bfloat16(bits));
      });
    }
  });
  if (!wire.ok()) {
    return Error(fmt::format("{}: {}", source.name(), wire.error()));
  }
  return values;
}

}  // namespace msq::golden
