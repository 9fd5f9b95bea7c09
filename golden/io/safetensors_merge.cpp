#include "golden/io/safetensors_merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "golden/io/describe.hpp"
#include "golden/io/safetensors.hpp"
#include "golden/io/safetensors_header.hpp"
#include "golden/io/safetensors_stream.hpp"

namespace msq::golden {
namespace {

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

  Result<> write(const std::filesystem::path& output) {
    std::vector<StreamedTensor> all;
    all.reserve(order_.size());
    for (const std::size_t tensor : order_) {
      const TensorInfo& info = tensors_[tensor];
      all.push_back({info.name, info.dtype, info.shape, info.end - info.begin,
                     [this, tensor](FileSink& sink) { return copy(tensor, sink); }});
    }
    return stream_safetensors(output, all, metadata_);
  }

 private:
  Result<> copy(std::size_t tensor, FileSink& sink) {
    if (!open_ || open_part_ != part_of_[tensor]) {
      MSQ_TRY(SafetensorsReader reader, SafetensorsReader::open(parts_[part_of_[tensor]]));
      open_.emplace(std::move(reader));
      open_part_ = part_of_[tensor];
    }
    return copy_data(*open_, tensors_[tensor].begin, tensors_[tensor].end, sink);
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
  return merge.write(output);
}

}  // namespace msq::golden
