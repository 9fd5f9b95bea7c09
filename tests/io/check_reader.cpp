#include "check_reader.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "golden/io/npy.hpp"
#include "golden/io/onnx.hpp"
#include "golden/io/quantized_file.hpp"
#include "golden/io/safetensors.hpp"
#include "golden/quantize/validate.hpp"

namespace msq::golden::testing {
namespace {

/// Stops both a test and a fuzzer.
void require(bool condition, const std::string& what) {
  if (!condition) {
    std::fprintf(stderr, "broken promise: %s\n", what.c_str());
    std::abort();
  }
}

template <class T>
void require_message(const Result<T>& result) {
  require(result.has_value() || (result.error().starts_with("fuzz: ") && result.error().size() < 1500),
          "message: " + (result.has_value() ? std::string() : result.error()));
}

void require_valid(const Result<Matrix>& matrix) {
  require_message(matrix);
  require(!matrix || (matrix->rows >= 1 && matrix->columns >= 1 &&
                      matrix->values.size() == static_cast<std::size_t>(matrix->rows * matrix->columns)),
          "matrix size");
}

}  // namespace

bool check_npy(std::span<const std::byte> bytes) {
  const auto source = memory_source(bytes, "fuzz");
  const auto matrix = read_npy(*source);
  require_valid(matrix);
  const auto array = read_npy_array(*source);
  require_message(array);
  require(array.has_value() || !matrix.has_value(), "a matrix is an array");
  return array.has_value();
}

bool check_safetensors(std::span<const std::byte> bytes) {
  const auto reader = SafetensorsReader::open(memory_source(bytes, "fuzz"));
  require_message(reader);
  if (!reader) {
    return false;
  }
  require_valid(reader->load_matrix(""));
  constexpr std::size_t kLoaded = 20;  // every load looks its name up among all tensors
  for (const TensorInfo& info :
       std::span(reader->tensors()).first(std::min(kLoaded, reader->tensors().size()))) {
    require(info.begin <= info.end && info.end <= bytes.size(), "offsets");
    require_valid(reader->load_matrix(info.name));
    const auto data = reader->load_bytes(info.name, info.dtype);
    require(data && data->size() == info.end - info.begin, "bytes");
  }
  for (const char* layer : {"layer", ""}) {
    const auto quantized = load_quantized(*reader, layer);
    require_message(quantized);
    require(!quantized || validate(quantized->tensor).has_value(), "quantized tensor");
  }
  return true;
}

bool check_onnx(std::span<const std::byte> bytes) {
  const auto reader = OnnxReader::open(memory_source(bytes, "fuzz"), "");
  require_message(reader);
  if (!reader) {
    return false;
  }
  require_valid(reader->load_matrix(""));
  constexpr std::size_t kLoaded = 20;
  for (const OnnxTensor& tensor :
       std::span(reader->tensors()).first(std::min(kLoaded, reader->tensors().size()))) {
    require(!tensor.name.empty() && !tensor.use.empty(), "name and use");
    require(!tensor.layout || tensor.shape.size() == 2, "only matrices have a layout");
    const auto matrix = reader->load_matrix(tensor.name);
    require_valid(matrix);
    require(!matrix || matrix->values.size() <= bytes.size(), "no more values than bytes");
  }
  return true;
}

}  // namespace msq::golden::testing
