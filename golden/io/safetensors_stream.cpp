#include "golden/io/safetensors_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "golden/io/safetensors_header.hpp"

namespace msq::golden {
namespace {

constexpr std::uint64_t kPortionBytes = std::uint64_t{1} << 20;

Result<std::string> stream_header(std::span<const StreamedTensor> tensors, const Metadata& metadata) {
  std::vector<TensorInfo> placed;
  placed.reserve(tensors.size());
  std::uint64_t end = 0;
  for (const StreamedTensor& tensor : tensors) {
    placed.push_back({tensor.name, tensor.dtype, tensor.shape, end, end + tensor.bytes});
    end += tensor.bytes;
  }
  return safetensors_header_bytes(placed, metadata);
}

}  // namespace

Result<> stream_safetensors(const std::filesystem::path& path, std::span<const StreamedTensor> tensors,
                            const Metadata& metadata) {
  const auto header = stream_header(tensors, metadata);
  if (!header) return Error(fmt::format("{}: {}", path.string(), header.error()));
  return write_file_atomically(path, [&](FileSink& sink) -> Result<> {
    MSQ_CHECK(sink.write(std::as_bytes(std::span(*header))));
    for (const StreamedTensor& tensor : tensors) MSQ_CHECK(tensor.data(sink));
    return {};
  });
}

Result<> copy_data(const SafetensorsReader& reader, std::uint64_t begin, std::uint64_t end, FileSink& sink) {
  std::vector<std::byte> buffer;
  for (std::uint64_t first = begin; first < end; first += buffer.size()) {
    buffer.resize(static_cast<std::size_t>(std::min(kPortionBytes, end - first)));
    MSQ_CHECK(reader.read_data(first, buffer));
    MSQ_CHECK(sink.write(buffer));
  }
  return {};
}

}  // namespace msq::golden
