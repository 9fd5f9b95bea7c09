#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "golden/tensor.hpp"

namespace msq::golden::testing {

/// A .npy file: magic, version `major`.0, the header padded to 64 bytes, the data.
[[nodiscard]] std::string npy_file(int major, std::string header, std::string_view data);

/// The header text NumPy writes.
[[nodiscard]] std::string npy_dictionary(std::string_view descr, bool fortran, std::string_view shape);

/// A .safetensors file: length of the header, header, data.
[[nodiscard]] std::string safetensors_file(std::string_view header, std::string_view data);

/// Little-endian bytes of values.
template <class T>
std::string bytes_of(std::initializer_list<T> values) {
  return {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T)};
}

/// A valid 3 x 10 tensor of bb = 2, B_mu = 8 whose first micro-block is the worked example of
/// docs/reference/numerics.md.
[[nodiscard]] QuantizedTensor small_quantized_tensor();

/// Small valid files from which the mutation test and the fuzzers start.
[[nodiscard]] std::vector<std::string> npy_seeds();
[[nodiscard]] std::vector<std::string> safetensors_seeds();
[[nodiscard]] std::vector<std::string> onnx_seeds();

}  // namespace msq::golden::testing
