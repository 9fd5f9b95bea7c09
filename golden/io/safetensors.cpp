#include "golden/io/safetensors.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "golden/io/describe.hpp"
#include "golden/io/float_data.hpp"
#include "golden/io/safetensors_header.hpp"

namespace msq::golden {
namespace {

constexpr std::uint64_t kLengthBytes = 8;

/// Header text, its length checked against the file before memory is allocated.
Result<std::string> header_text(const ByteSource& source) {
  if (source.size() < kLengthBytes + 2) {
    return Error(fmt::format("{}: not a .safetensors file: {} bytes long, the shortest has 10", source.name(),
                             source.size()));
  }
  std::uint64_t length = 0;
  MSQ_CHECK(source.read(0, std::as_writable_bytes(std::span(&length, 1))));
  if (length > source.size() - kLengthBytes || length > kMaxSafetensorsHeaderBytes) {
    return Error(
        fmt::format("{}: header length {} in a file of {} bytes; allowed: at most {} and within the file "
                    "(truncated, or not a .safetensors file?)",
                    source.name(), length, source.size(), kMaxSafetensorsHeaderBytes));
  }
  std::string text(static_cast<std::size_t>(length), '\0');
  MSQ_CHECK(source.read(kLengthBytes, std::as_writable_bytes(std::span(text))));
  if (!text.starts_with('{')) {
    return Error(fmt::format("{}: not a .safetensors file: its header must begin with '{{'", source.name()));
  }
  return text;
}

}  // namespace

std::optional<FloatType> safetensors_float_type(std::string_view dtype) {
  if (dtype == "F32") return FloatType::f32;
  if (dtype == "F16") return FloatType::f16;
  if (dtype == "BF16") return FloatType::bf16;
  return dtype == "F64" ? std::optional(FloatType::f64) : std::nullopt;
}

std::optional<FloatType> safetensors_stored_type(std::string_view dtype) {
  if (dtype == "F8_E4M3") return FloatType::f8_e4m3;
  if (dtype == "F8_E5M2") return FloatType::f8_e5m2;
  return dtype == "F8_E8M0" ? std::optional(FloatType::f8_e8m0) : safetensors_float_type(dtype);
}

Result<SafetensorsReader> SafetensorsReader::open(const std::filesystem::path& path) {
  MSQ_TRY(auto source, open_file(path));
  return open(std::move(source));
}

Result<SafetensorsReader> SafetensorsReader::open(std::unique_ptr<ByteSource> source) {
  MSQ_TRY(const auto text, header_text(*source));
  SafetensorsReader reader;
  reader.data_begin_ = kLengthBytes + text.size();
  auto header = parse_safetensors_header(text, source->size() - reader.data_begin_);
  if (!header) {
    return Error(fmt::format("{}: {}", source->name(), header.error()));
  }
  reader.source_ = std::move(source);
  reader.tensors_ = std::move(header->tensors);
  reader.metadata_ = std::move(header->metadata);
  return reader;
}

const TensorInfo* SafetensorsReader::find(std::string_view tensor) const {
  const auto found = std::ranges::find(tensors_, tensor, &TensorInfo::name);
  return found == tensors_.end() ? nullptr : &*found;
}

Error no_such_tensor(const std::string& file, std::span<const TensorInfo> tensors, std::string_view tensor) {
  constexpr std::size_t kListed = 5;
  std::vector<std::string_view> names;
  for (const TensorInfo& info : tensors) {
    if (info.shape.size() == 2 && safetensors_stored_type(info.dtype)) {
      names.emplace_back(info.name);
    }
  }
  // Names that contain the requested one are the likeliest to have been meant.
  std::ranges::sort(names);
  std::stable_partition(names.begin(), names.end(), [tensor](std::string_view name) {
    return name.find(tensor) != std::string_view::npos;
  });
  std::string list;
  for (const std::string_view name : std::span(names).first(std::min(names.size(), kListed))) {
    list += fmt::format("{}{}", list.empty() ? "" : ", ", in_quotes(name));
  }
  const std::string what =
      tensor.empty() ? "no tensor name given" : fmt::format("no tensor {}", in_quotes(tensor));
  if (names.empty()) {
    return Error(fmt::format("{}: {}; the file has no two-dimensional float tensors", file, what));
  }
  return Error(
      fmt::format("{}: {}; two-dimensional float tensors in the file: {}{}", file, what, list,
                  names.size() > kListed ? fmt::format(" and {} more", names.size() - kListed) : ""));
}

Error SafetensorsReader::bad_shape(const TensorInfo& tensor) const {
  return Error(fmt::format("{}: tensor {} has shape {}; allowed: two dimensions, each at least 1", name(),
                           in_quotes(tensor.name), shape_text(tensor.shape)));
}

Result<StoredMatrix> SafetensorsReader::locate_matrix(std::string_view tensor) const {
  const TensorInfo* info = find(tensor);
  if (info == nullptr) {
    return no_such_tensor(name(), tensors_, tensor);
  }
  const auto type = safetensors_float_type(info->dtype);
  if (!type) {
    return Error(fmt::format("{}: tensor {} has dtype {}; allowed: F64, F32, F16, BF16", name(),
                             in_quotes(tensor), in_quotes(info->dtype)));
  }
  if (info->shape.size() != 2) return bad_shape(*info);
  return StoredMatrix{info->shape[0], info->shape[1], *type, data_begin_ + info->begin};
}

Result<Matrix> SafetensorsReader::load_matrix(std::string_view tensor) const {
  MSQ_TRY(const auto place, locate_matrix(tensor));
  if (place.rows == 0 || place.columns == 0) return bad_shape(*find(tensor));
  MSQ_TRY(auto values, load_values(*find(tensor), 0, place.rows * place.columns));
  return Matrix{place.rows, place.columns, std::move(values)};
}

Result<std::vector<float>> SafetensorsReader::load_values(const TensorInfo& tensor, std::int64_t first,
                                                          std::int64_t count) const {
  const auto type = safetensors_stored_type(tensor.dtype);
  if (!type) {
    return Error(fmt::format("{}: tensor {} has dtype {}; allowed: a float type", name(),
                             in_quotes(tensor.name), in_quotes(tensor.dtype)));
  }
  const std::uint64_t begin =
      data_begin_ + tensor.begin + static_cast<std::uint64_t>(first * element_bytes(*type));
  auto values = read_floats(*source_, begin, count, *type);
  if (!values) return Error(fmt::format("{} (tensor {})", values.error(), in_quotes(tensor.name)));
  return values;
}

Result<std::vector<std::byte>> SafetensorsReader::load_bytes(std::string_view tensor,
                                                             std::string_view dtype) const {
  const TensorInfo* info = find(tensor);
  if (info == nullptr) {
    return Error(fmt::format("{}: no tensor {}", name(), in_quotes(tensor)));
  }
  if (info->dtype != dtype) {
    return Error(fmt::format("{}: tensor {} has dtype {}; allowed: {}", name(), in_quotes(tensor),
                             in_quotes(info->dtype), dtype));
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(info->end - info->begin));
  MSQ_CHECK(source_->read(data_begin_ + info->begin, bytes));
  return bytes;
}

}  // namespace msq::golden
