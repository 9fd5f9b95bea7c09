#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "golden/io/float_write.hpp"
#include "golden/io/safetensors_stream.hpp"

namespace msq::flow::testing {

/// A tensor of a checkpoint that a test writes: any type, the elements as they are stored.
struct MadeTensor {
  std::string name, dtype;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;
};

inline std::int64_t count_of(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

/// Values that differ, with a few large ones; in type f16, bf16 or f32.
inline MadeTensor made(std::string name, std::vector<std::int64_t> shape, golden::FloatType type) {
  MadeTensor tensor{std::move(name), {}, std::move(shape), {}};
  tensor.dtype = type == golden::FloatType::f16 ? "F16" : type == golden::FloatType::bf16 ? "BF16" : "F32";
  for (std::int64_t i = 0; i < count_of(tensor.shape); ++i) {
    const double value = std::sin(static_cast<double>(i * i + 1)) * (i % 37 == 5 ? 9 : 1);
    golden::append_float(tensor.bytes, value, type);
  }
  return tensor;
}

inline void write_tensors(const std::filesystem::path& path, const std::vector<MadeTensor>& tensors,
                          const golden::Metadata& metadata = {{"format", "pt"}}) {
  std::vector<golden::StreamedTensor> streamed;
  streamed.reserve(tensors.size());
  for (const MadeTensor& tensor : tensors) {
    streamed.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.bytes.size(),
                        [&tensor](golden::FileSink& sink) { return sink.write(tensor.bytes); }});
  }
  const auto written = golden::stream_safetensors(path, streamed, metadata);
  ASSERT_TRUE(written) << written.error();
}

/// Type, shape and bytes of a tensor of a file.
inline MadeTensor read_tensor(const std::filesystem::path& path, const std::string& name) {
  const auto reader = golden::SafetensorsReader::open(path);
  if (!reader || reader->find(name) == nullptr) return {name, "missing", {}, {}};
  const golden::TensorInfo& info = *reader->find(name);
  MadeTensor tensor{info.name, info.dtype, info.shape, std::vector<std::byte>(info.end - info.begin)};
  EXPECT_TRUE(reader->read_data(info.begin, tensor.bytes));
  return tensor;
}

inline bool operator==(const MadeTensor& a, const MadeTensor& b) {
  return a.name == b.name && a.dtype == b.dtype && a.shape == b.shape && a.bytes == b.bytes;
}

}  // namespace msq::flow::testing
