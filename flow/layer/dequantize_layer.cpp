#include "flow/layer/dequantize_layer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "golden/io/describe.hpp"
#include "golden/io/float_write.hpp"
#include "golden/quantize/dequantize.hpp"

namespace msq::flow {
namespace {

using golden::FloatType;

constexpr std::size_t kPortion = std::size_t{1} << 20;  ///< bytes passed to the sink at a time

Error beyond_range(const std::string& name, std::int64_t row, std::int64_t column, double value) {
  return Error(
      fmt::format("{}: weight [{}][{}] is {:g}, beyond the range of its type; allowed: type bf16 or f32",
                  name, row, column, value));
}

/// Appends a row of finite values. Error: one of them is beyond the range of the type.
Result<> append_row(std::vector<std::byte>& bytes, std::span<const double> values, FloatType type,
                    const std::string& name, std::int64_t row) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!golden::append_float(bytes, values[i], type)) {
      return beyond_range(name, row, static_cast<std::int64_t>(i), values[i]);
    }
  }
  return {};
}

/// Row k over its input scale, if there are any.
void weights_of_row(const golden::QuantizedLayer& layer, std::int64_t k, std::span<double> row) {
  golden::dequantize_row(layer.tensor, k, row);
  if (layer.input_scales.empty()) return;
  const double scale = layer.input_scales[static_cast<std::size_t>(k)];
  for (double& value : row) value /= scale;
}

/// Elements [K][N] of a layer.
Result<std::vector<std::byte>> elements_of(const golden::QuantizedLayer& layer, FloatType type) {
  const golden::QuantizedTensor& tensor = layer.tensor;
  std::vector<double> row(static_cast<std::size_t>(tensor.n));
  std::vector<std::byte> bytes;
  bytes.reserve(static_cast<std::size_t>(tensor.k * tensor.n * golden::element_bytes(type)));
  const std::string name = fmt::format("layer {}", golden::in_quotes(layer.name));
  for (std::int64_t k = 0; k < tensor.k; ++k) {
    weights_of_row(layer, k, row);
    MSQ_CHECK(append_row(bytes, row, type, name, k));
  }
  return bytes;
}

/// Passes [rows][columns] elements of `width` bytes to the sink as [columns][rows].
Result<> write_transposed(std::span<const std::byte> elements, std::size_t rows, std::size_t columns,
                          std::size_t width, golden::FileSink& sink) {
  const std::size_t step = std::clamp<std::size_t>(kPortion / (rows * width), 1, columns);
  std::vector<std::byte> portion;
  for (std::size_t first = 0; first < columns; first += step) {
    const std::size_t count = std::min(step, columns - first);
    portion.resize(count * rows * width);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::byte* from = &elements[(row * columns + first) * width];
      for (std::size_t i = 0; i < count; ++i) {
        std::memcpy(&portion[(i * rows + row) * width], from + i * width, width);
      }
    }
    MSQ_CHECK(sink.write(portion));
  }
  return {};
}

}  // namespace

Result<> write_dequantized(const golden::QuantizedLayer& layer, golden::Layout layout, FloatType type,
                           golden::FileSink& sink) {
  MSQ_TRY(const std::vector<std::byte> elements, elements_of(layer, type));
  if (layout == golden::Layout::k_by_n) return sink.write(elements);
  return write_transposed(elements, static_cast<std::size_t>(layer.tensor.k),
                          static_cast<std::size_t>(layer.tensor.n),
                          static_cast<std::size_t>(golden::element_bytes(type)), sink);
}

double cosine_to(const golden::QuantizedLayer& layer, const golden::Matrix& original) {
  const auto columns = static_cast<std::size_t>(layer.tensor.n);
  std::vector<double> row(columns);
  double product = 0, own = 0, others = 0;
  for (std::int64_t k = 0; k < layer.tensor.k; ++k) {
    weights_of_row(layer, k, row);
    const float* other = &original.values[static_cast<std::size_t>(k) * columns];
    for (std::size_t n = 0; n < columns; ++n) {
      product += row[n] * other[n];
      own += row[n] * row[n];
      others += double{other[n]} * other[n];
    }
  }
  return own == 0 || others == 0 ? 1 : product / std::sqrt(own * others);
}

Result<> write_rounded(const golden::Matrix& matrix, const std::string& name, FloatType type,
                       golden::FileSink& sink) {
  const auto columns = static_cast<std::size_t>(matrix.columns);
  std::vector<std::byte> bytes;
  for (std::int64_t row = 0; row < matrix.rows; ++row) {
    const auto values = std::span(matrix.values).subspan(static_cast<std::size_t>(row) * columns, columns);
    MSQ_CHECK(append_row(bytes, std::vector<double>(values.begin(), values.end()), type, name, row));
    if (bytes.size() < kPortion && row + 1 < matrix.rows) continue;
    MSQ_CHECK(sink.write(bytes));
    bytes.clear();
  }
  return {};
}

}  // namespace msq::flow
