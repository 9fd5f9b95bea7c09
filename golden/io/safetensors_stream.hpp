#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "golden/io/atomic_file.hpp"
#include "golden/io/safetensors.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// A tensor whose data is made while the file is written.
struct StreamedTensor {
  std::string name, dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t bytes = 0;                       ///< of the data; those of dtype and shape
  std::function<Result<>(FileSink& sink)> data;  ///< passes exactly so many bytes to the sink
};

/// Writes a .safetensors file atomically, the tensors in this order. Memory used does not depend on their
/// size. Error: those of safetensors_header_bytes and write_file_atomically, and that of a tensor's data.
[[nodiscard]] Result<> stream_safetensors(const std::filesystem::path& path,
                                          std::span<const StreamedTensor> tensors, const Metadata& metadata);

/// Passes bytes [begin, end) of the data section to the sink, in portions. Error: that of reading or writing.
[[nodiscard]] Result<> copy_data(const SafetensorsReader& reader, std::uint64_t begin, std::uint64_t end,
                                 FileSink& sink);

}  // namespace msq::golden
