#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

#include "golden/io/atomic_file.hpp"
#include "golden/io/describe.hpp"
#include "golden/io/safetensors.hpp"
#include "golden/io/safetensors_header.hpp"

namespace msq::golden {
namespace {

struct DTypeText {
  const char* name;
  std::int64_t bytes;
};

DTypeText text_of(DType dtype) {
  switch (dtype) {
    case DType::u8:
      return {"U8", 1};
    case DType::i8:
      return {"I8", 1};
    case DType::i32:
      return {"I32", 4};
    case DType::i64:
      return {"I64", 8};
    case DType::f32:
      break;
  }
  return {"F32", 4};
}

template <class T>
NamedTensor make_tensor(std::string name, DType dtype, std::vector<std::int64_t> shape,
                        std::span<const T> values) {
  const auto bytes = std::as_bytes(values);
  return {std::move(name), dtype, std::move(shape), {bytes.begin(), bytes.end()}};
}

constexpr std::string_view kMetadata = "__metadata__";

/// The text of a header, entry by entry: one document of all entries would take many times as much memory.
class HeaderText {
 public:
  void add(std::string_view key, const nlohmann::json& value) {
    text_ += fmt::format("{}{}:{}", text_.size() > 1 ? "," : "", nlohmann::json(key).dump(), value.dump());
  }

  /// The first time, and if there is any.
  void add_metadata(const Metadata& metadata) {
    if (!std::exchange(metadata_, true) && !metadata.empty()) add(kMetadata, metadata);
  }

  /// With its length in front.
  [[nodiscard]] Result<std::string> finished() && {
    constexpr std::size_t kAlignment = 8;
    text_ += '}';
    text_.append((kAlignment - text_.size() % kAlignment) % kAlignment, ' ');
    if (text_.size() > kMaxSafetensorsHeaderBytes) {
      return Error(fmt::format("the header would have {} bytes; allowed: at most {} (fewer tensors)",
                               text_.size(), kMaxSafetensorsHeaderBytes));
    }
    const std::uint64_t length = text_.size();
    std::string out(sizeof(length), '\0');
    std::memcpy(out.data(), &length, sizeof(length));
    return out + text_;
  }

 private:
  std::string text_ = "{";
  bool metadata_ = false;
};

void assert_length(const NamedTensor& tensor) {
  std::int64_t expected = 0;
  if (!byte_count(tensor.shape, text_of(tensor.dtype).bytes, expected) ||
      static_cast<std::uint64_t>(expected) != tensor.bytes.size()) {
    throw std::logic_error(fmt::format("tensor {}: {} bytes do not fill shape {}", in_quotes(tensor.name),
                                       tensor.bytes.size(), shape_text(tensor.shape)));
  }
}

}  // namespace

NamedTensor named_tensor(std::string name, std::vector<std::int64_t> shape,
                         std::span<const std::uint8_t> values) {
  return make_tensor(std::move(name), DType::u8, std::move(shape), values);
}
NamedTensor named_tensor(std::string name, std::vector<std::int64_t> shape,
                         std::span<const std::int8_t> values) {
  return make_tensor(std::move(name), DType::i8, std::move(shape), values);
}
NamedTensor named_tensor(std::string name, std::vector<std::int64_t> shape,
                         std::span<const std::int32_t> values) {
  return make_tensor(std::move(name), DType::i32, std::move(shape), values);
}
NamedTensor named_tensor(std::string name, std::vector<std::int64_t> shape,
                         std::span<const std::int64_t> values) {
  return make_tensor(std::move(name), DType::i64, std::move(shape), values);
}
NamedTensor named_tensor(std::string name, std::vector<std::int64_t> shape, std::span<const float> values) {
  return make_tensor(std::move(name), DType::f32, std::move(shape), values);
}

bool comes_before(const TensorInfo& a, const TensorInfo& b) {
  return std::tuple(-dtype_bytes(a.dtype).value_or(0), std::string_view(a.name)) <
         std::tuple(-dtype_bytes(b.dtype).value_or(0), std::string_view(b.name));
}

Result<std::string> safetensors_header_bytes(std::span<const TensorInfo> tensors, const Metadata& metadata) {
  std::vector<const TensorInfo*> by_name;  // keys sorted: the bytes do not depend on the order of the data
  by_name.reserve(tensors.size());
  for (const TensorInfo& tensor : tensors) by_name.push_back(&tensor);
  std::ranges::sort(by_name, {}, [](const TensorInfo* tensor) { return std::string_view(tensor->name); });
  HeaderText text;
  try {
    for (std::size_t i = 0; i < by_name.size(); ++i) {
      const TensorInfo& tensor = *by_name[i];
      if (tensor.name == kMetadata || (i > 0 && tensor.name == by_name[i - 1]->name)) {
        return Error(fmt::format("tensor name {} is {}", in_quotes(tensor.name),
                                 tensor.name == kMetadata ? "reserved" : "used twice"));
      }
      if (tensor.name > kMetadata) text.add_metadata(metadata);
      text.add(
          tensor.name,
          {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {tensor.begin, tensor.end}}});
    }
    text.add_metadata(metadata);
  } catch (const nlohmann::json::exception&) {  // the only thing dump rejects
    return Error(std::string("a tensor name or a metadata text is not UTF-8"));
  }
  return std::move(text).finished();
}

Result<std::string> safetensors_bytes(std::span<const NamedTensor> tensors, const Metadata& metadata) {
  std::vector<TensorInfo> infos;
  infos.reserve(tensors.size());
  for (const NamedTensor& tensor : tensors) {
    assert_length(tensor);
    // Until the order is known, begin is the place in `tensors`.
    infos.push_back({tensor.name, text_of(tensor.dtype).name, tensor.shape, infos.size(), 0});
  }
  std::ranges::stable_sort(infos, comes_before);
  std::vector<const NamedTensor*> order;
  order.reserve(tensors.size());
  std::uint64_t end = 0;
  for (TensorInfo& info : infos) {
    order.push_back(&tensors[info.begin]);
    info.begin = end;
    info.end = end += order.back()->bytes.size();
  }
  MSQ_TRY(std::string out, safetensors_header_bytes(infos, metadata));
  for (const NamedTensor* tensor : order) {
    out.append(reinterpret_cast<const char*>(tensor->bytes.data()), tensor->bytes.size());
  }
  return out;
}

Result<> write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                           const Metadata& metadata) {
  const auto bytes = safetensors_bytes(tensors, metadata);
  if (!bytes) {
    return Error(fmt::format("{}: {}", path.string(), bytes.error()));
  }
  return write_file_atomically(path, *bytes);
}

}  // namespace msq::golden
