#include "golden/io/onnx.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <span>
#include <utility>

#include "golden/io/describe.hpp"
#include "golden/io/onnx_model.hpp"

namespace msq::golden {
namespace {

constexpr std::uint64_t kMaxBytes = std::numeric_limits<std::int32_t>::max();

/// The field that may hold the elements of a float type one by one.
std::pair<const char*, OnnxData::Kind> list_of(FloatType type) {
  switch (type) {
    case FloatType::f32:
      return {"float_data", OnnxData::Kind::floats};
    case FloatType::f64:
      return {"double_data", OnnxData::Kind::doubles};
    case FloatType::f16:
    case FloatType::bf16:
    case FloatType::f8_e4m3:
    case FloatType::f8_e5m2:
    case FloatType::f8_e8m0:
      break;
  }
  return {"int32_data", OnnxData::Kind::ints};
}

/// Nothing if the data of a float tensor in the model file fill its shape, else the problem.
std::string check_data(const OnnxTensor& tensor) {
  const auto type = onnx_float_type(tensor.type);
  if (!type || tensor.data.kind == OnnxData::Kind::external) {
    return {};  // other types are listed only; external data are checked when they are loaded
  }
  std::int64_t bytes = 0;
  if (!byte_count(tensor.shape, element_bytes(*type), bytes)) {
    return fmt::format("shape {} has more elements than any file", shape_text(tensor.shape));
  }
  const OnnxData& data = tensor.data;
  const std::int64_t wanted = bytes / element_bytes(*type);
  if (data.kind == OnnxData::Kind::raw) {
    const std::uint64_t found = data.end - data.begin;
    return found == static_cast<std::uint64_t>(bytes)
               ? ""
               : fmt::format("{} of shape {} needs {} bytes of raw_data, found {}", tensor.type,
                             shape_text(tensor.shape), bytes, found);
  }
  const auto [list, kind] = list_of(*type);
  const bool fits = data.kind == OnnxData::Kind::none || data.kind == kind;
  return fits && data.count == wanted
             ? ""
             : fmt::format("{} of shape {} needs {} elements of raw_data or {}, found {}", tensor.type,
                           shape_text(tensor.shape), wanted, list,
                           fits ? fmt::to_string(data.count) : "another list");
}

std::string check_tensors(const std::vector<OnnxTensor>& tensors) {
  std::set<std::string_view> names;
  for (const OnnxTensor& tensor : tensors) {
    std::string error = names.insert(tensor.name).second ? check_data(tensor) : "a name used twice";
    if (!error.empty()) {
      return fmt::format("tensor {}: {}", in_quotes(tensor.name), error);
    }
  }
  return {};
}

/// The file that holds external data. Error: a location that could lead out of the model's directory.
Result<std::filesystem::path> external_path(const std::filesystem::path& directory,
                                            const std::string& location) {
  const std::filesystem::path relative(location);
  const bool climbs = std::ranges::any_of(relative, [](const auto& part) { return part == ".."; });
  if (location.empty() || relative.is_absolute() || climbs || location.find('\0') != std::string::npos) {
    return Error(
        fmt::format("external data in {}; allowed: a path relative to the model's directory, without '..'",
                    in_quotes(location)));
  }
  if (directory.empty()) {
    return Error(fmt::format("external data in {}, but the model has no directory", in_quotes(location)));
  }
  return directory / relative;
}

Result<std::vector<float>> read_external(const std::filesystem::path& directory, const OnnxTensor& tensor,
                                         std::int64_t count, FloatType type) {
  const OnnxData& data = tensor.data;
  MSQ_TRY(const auto path, external_path(directory, data.location));
  const auto needed = static_cast<std::uint64_t>(count * element_bytes(type));
  if (data.length && *data.length != needed) {
    return Error(fmt::format("external data of {} bytes; {} of shape {} needs {}", *data.length, tensor.type,
                             shape_text(tensor.shape), needed));
  }
  const auto source = open_file(path);
  if (!source) {
    return Error(fmt::format("external data: {}", source.error()));
  }
  auto values = read_floats(**source, data.offset, count, type);
  if (!values) {
    return Error(fmt::format("external data: {}", values.error()));
  }
  return values;
}

/// Names that contain the requested one come first: they are the likeliest to have been meant.
std::string unknown(const std::vector<OnnxTensor>& tensors, std::string_view wanted) {
  constexpr std::size_t kListed = 5;
  std::vector<std::string_view> names;
  for (const OnnxTensor& tensor : tensors) {
    if (tensor.shape.size() == 2 && onnx_float_type(tensor.type)) {
      names.emplace_back(tensor.name);
    }
  }
  std::ranges::sort(names);
  std::stable_partition(names.begin(), names.end(), [wanted](std::string_view name) {
    return name.find(wanted) != std::string_view::npos;
  });
  std::string list;
  for (const std::string_view name : std::span(names).first(std::min(names.size(), kListed))) {
    list += fmt::format("{}{}", list.empty() ? "" : ", ", in_quotes(name));
  }
  const std::string what =
      wanted.empty() ? "no tensor name given" : fmt::format("no tensor {}", in_quotes(wanted));
  if (names.empty()) {
    return fmt::format("{}; the file has no two-dimensional float tensors", what);
  }
  return fmt::format("{}; two-dimensional float tensors in the file: {}{}", what, list,
                     names.size() > kListed ? fmt::format(" and {} more", names.size() - kListed) : "");
}

}  // namespace

Result<OnnxReader> OnnxReader::open(const std::filesystem::path& path) {
  MSQ_TRY(auto source, open_file(path));
  const std::filesystem::path directory = path.parent_path();
  return open(std::move(source), directory.empty() ? "." : directory);
}

Result<OnnxReader> OnnxReader::open(std::unique_ptr<ByteSource> source,
                                    const std::filesystem::path& directory) {
  if (source->size() > kMaxBytes) {
    return Error(
        fmt::format("{}: an ONNX model of {} bytes; allowed: {} (protobuf's limit; larger models keep their "
                    "weights in external data files)",
                    source->name(), source->size(), kMaxBytes));
  }
  auto model = parse_onnx(*source);
  if (!model) {
    return Error(fmt::format("{}: {}", source->name(), model.error()));
  }
  auto tensors = find_uses(std::move(*model));
  if (!tensors) {
    return Error(fmt::format("{}: {}", source->name(), tensors.error()));
  }
  if (const std::string error = check_tensors(*tensors); !error.empty()) {
    return Error(fmt::format("{}: {}", source->name(), error));
  }
  OnnxReader reader;
  reader.source_ = std::move(source);
  reader.directory_ = directory;
  reader.tensors_ = std::move(*tensors);
  return reader;
}

const OnnxTensor* OnnxReader::find(std::string_view tensor) const {
  const auto found = std::ranges::find(tensors_, tensor, &OnnxTensor::name);
  return found == tensors_.end() ? nullptr : &*found;
}

std::vector<std::filesystem::path> OnnxReader::external_files() const {
  std::set<std::filesystem::path> files;
  for (const OnnxTensor& tensor : tensors_) {
    if (tensor.data.kind != OnnxData::Kind::external) {
      continue;
    }
    if (auto path = external_path(directory_, tensor.data.location)) {
      files.insert(std::move(*path));
    }
  }
  return {files.begin(), files.end()};
}

Result<Matrix> OnnxReader::load_matrix(std::string_view tensor) const {
  const OnnxTensor* found = find(tensor);
  if (found == nullptr) {
    return Error(fmt::format("{}: {}", name(), unknown(tensors_, tensor)));
  }
  const auto type = onnx_float_type(found->type);
  if (!type) {
    return Error(fmt::format("{}: tensor {} has type {}; allowed: DOUBLE, FLOAT, FLOAT16, BFLOAT16", name(),
                             in_quotes(tensor), found->type));
  }
  if (found->shape.size() != 2 || std::ranges::count(found->shape, 0) != 0) {
    return Error(fmt::format("{}: tensor {} has shape {}; allowed: two dimensions, each at least 1", name(),
                             in_quotes(tensor), shape_text(found->shape)));
  }
  std::int64_t bytes = 0;
  if (!byte_count(found->shape, sizeof(float), bytes)) {  // external data are not checked before
    return Error(fmt::format("{}: tensor {}: shape {} has more elements than any file", name(),
                             in_quotes(tensor), shape_text(found->shape)));
  }
  const std::int64_t count = found->shape[0] * found->shape[1];
  const OnnxData& data = found->data;
  if (data.kind == OnnxData::Kind::external) {
    auto values = read_external(directory_, *found, count, *type);
    if (!values) {
      return Error(fmt::format("{}: tensor {}: {}", name(), in_quotes(tensor), values.error()));
    }
    return Matrix{found->shape[0], found->shape[1], std::move(*values)};
  }
  auto values = data.kind == OnnxData::Kind::raw ? read_floats(*source_, data.begin, count, *type)
                                                 : read_onnx_list(*source_, data, *type);
  if (values && static_cast<std::int64_t>(values->size()) != count) {
    values = Error(fmt::format("{}: the file changed while it was read", name()));
  }
  if (!values) {
    return Error(fmt::format("{} (tensor {})", values.error(), in_quotes(tensor)));
  }
  return Matrix{found->shape[0], found->shape[1], std::move(*values)};
}

}  // namespace msq::golden
