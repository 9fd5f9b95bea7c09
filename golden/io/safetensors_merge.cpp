#include "golden/io/safetensors_merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "golden/io/atomic_file.hpp"
#include "golden/io/describe.hpp"
#include "golden/io/safetensors.hpp"
#include "golden/io/safetensors_header.hpp"

namespace msq::golden {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

/// Tensors of all parts, and where each comes from. One part is open at a time: there may be more parts than
/// a process may have open files.
class PartMerge {
 public:
  explicit PartMerge(std::span<const std::filesystem::path> parts) : parts_(parts) {}

  Result<> read_headers() {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      MSQ_TRY(const auto reader, SafetensorsReader::open(parts_[i]));
      for (const TensorInfo& tensor : reader.tensors()) {
        tensors_.push_back(tensor);
        part_of_.push_back(i);
      }
      for (const auto& [key, value] : reader.metadata()) {
        const auto [found, added] = metadata_.emplace(key, value);
        if (added || found->second == value) continue;
        return Error(fmt::format("{}: metadata {} is {}, and {} in other parts; allowed: one value",
                                 reader.name(), in_quotes(key), in_quotes(value), in_quotes(found->second)));
      }
    }
    order_.resize(tensors_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::stable_sort(
        order_, [&](std::size_t a, std::size_t b) { return comes_before(tensors_[a], tensors_[b]); });
    return {};
  }

  Result<> write(FileSink& sink) {
    MSQ_TRY(const std::string header, header_bytes());
    MSQ_CHECK(sink.write(std::as_bytes(std::span(header))));
    for (const std::size_t tensor : order_) MSQ_CHECK(copy(tensor, sink));
    return {};
  }

 private:
  [[nodiscard]] Result<std::string> header_bytes() const {
    std::vector<TensorInfo> moved;
    moved.reserve(order_.size());
    std::uint64_t end = 0;
    for (const std::size_t tensor : order_) {
      TensorInfo info = tensors_[tensor];
      const std::uint64_t length = info.end - info.begin;
      info.begin = end;
      info.end = end += length;
      moved.push_back(std::move(info));
    }
    return safetensors_header_bytes(moved, metadata_);
  }

  Result<> copy(std::size_t tensor, FileSink& sink) {
    if (!open_ || open_part_ != part_of_[tensor]) {
      MSQ_TRY(SafetensorsReader reader, SafetensorsReader::open(parts_[part_of_[tensor]]));
      open_.emplace(std::move(reader));
      open_part_ = part_of_[tensor];
    }
    const TensorInfo& info = tensors_[tensor];
    std::vector<std::byte> buffer;
    for (std::uint64_t first = info.begin; first < info.end; first += buffer.size()) {
      buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kCopyBytes, info.end - first)));
      MSQ_CHECK(open_->read_data(first, buffer));
      MSQ_CHECK(sink.write(buffer));
    }
    return {};
  }

  std::span<const std::filesystem::path> parts_;
  std::vector<TensorInfo> tensors_;
  std::vector<std::size_t> part_of_;  ///< of each tensor
  std::vector<std::size_t> order_;    ///< of the tensors in the output
  Metadata metadata_;
  std::optional<SafetensorsReader> open_;
  std::size_t open_part_ = 0;
};

}  // namespace

Result<> merge_safetensors(const std::filesystem::path& output,
                           std::span<const std::filesystem::path> parts) {
  PartMerge merge(parts);
  MSQ_CHECK(merge.read_headers());
  return write_file_atomically(output, [&merge](FileSink& sink) { return merge.write(sink); });
}

}  // namespace msq::golden
