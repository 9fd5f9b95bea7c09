#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "golden/io/safetensors_header.hpp"
#include "temporary_directory.hpp"

namespace msq::golden::testing {

/// A tensor of any dtype, as a file stores it.
struct RawTensor {
  std::string name, dtype;
  std::vector<std::int64_t> shape;
  std::string bytes;
};

inline std::int64_t elements_of(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

/// A float32 tensor of `first`, `first` + 1, ...
inline RawTensor counting(std::string name, std::vector<std::int64_t> shape, float first = 0) {
  std::vector<float> values(static_cast<std::size_t>(elements_of(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i);
  return {std::move(name), "F32", std::move(shape),
          std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float))};
}

/// A file of the tensors, data in the order given.
inline std::string raw_safetensors(const std::vector<RawTensor>& tensors) {
  std::vector<TensorInfo> infos;
  std::string data;
  for (const RawTensor& tensor : tensors) {
    infos.push_back(
        {tensor.name, tensor.dtype, tensor.shape, data.size(), data.size() + tensor.bytes.size()});
    data += tensor.bytes;
  }
  return safetensors_header_bytes(infos, {}).value() + data;
}

/// An index in the directory; `weight_map` is TENSOR, SHARD.
inline void write_index(const std::filesystem::path& directory,
                        const std::vector<std::pair<std::string, std::string>>& weight_map) {
  nlohmann::json map = nlohmann::json::object();
  for (const auto& [tensor, shard] : weight_map) map[tensor] = shard;
  write_text(directory / "model.safetensors.index.json", nlohmann::json{{"weight_map", map}}.dump());
}

}  // namespace msq::golden::testing
