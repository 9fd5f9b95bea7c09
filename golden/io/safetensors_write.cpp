#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <tuple>

#include "golden/io/atomic_file.hpp"
#include "golden/io/describe.hpp"
#include "golden/io/safetensors.hpp"

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

/// Wide types first: the data section then needs no padding to align every tensor.
std::vector<const NamedTensor*> ordered(std::span<const NamedTensor> tensors) {
  std::vector<const NamedTensor*> order;
  for (const NamedTensor& tensor : tensors) {
    order.push_back(&tensor);
  }
  std::ranges::sort(order, [](const NamedTensor* a, const NamedTensor* b) {
    return std::tuple(-text_of(a->dtype).bytes, std::string_view(a->name)) <
           std::tuple(-text_of(b->dtype).bytes, std::string_view(b->name));
  });
  return order;
}

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

Result<std::string> safetensors_bytes(std::span<const NamedTensor> tensors, const Metadata& metadata) {
  const std::vector<const NamedTensor*> order = ordered(tensors);
  nlohmann::json header = nlohmann::json::object();  // keys sorted: the bytes do not depend on insertion
  if (!metadata.empty()) {
    header["__metadata__"] = metadata;
  }
  std::size_t end = 0;
  for (const NamedTensor* tensor : order) {
    assert_length(*tensor);
    if (tensor->name == "__metadata__" || header.contains(tensor->name)) {
      return Error(fmt::format("tensor name {} is {}", in_quotes(tensor->name),
                               tensor->name == "__metadata__" ? "reserved" : "used twice"));
    }
    const std::size_t begin = end;
    end += tensor->bytes.size();
    header[tensor->name] = {
        {"dtype", text_of(tensor->dtype).name}, {"shape", tensor->shape}, {"data_offsets", {begin, end}}};
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {  // the only thing dump rejects
    return Error(std::string("a tensor name or a metadata text is not UTF-8"));
  }
  constexpr std::size_t kAlignment = 8;
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  const std::uint64_t length = text.size();
  std::string out(sizeof(length), '\0');
  std::memcpy(out.data(), &length, sizeof(length));
  out += text;
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
