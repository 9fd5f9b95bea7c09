#include "golden/io/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golden/io/describe.hpp"
#include "golden/io/onnx_model.hpp"
#include "golden/io/transpose.hpp"

namespace msq::golden {
namespace {

constexpr std::string_view kSafetensors = ".safetensors";
constexpr std::string_view kOnnx = ".onnx";

/// The layout of a tensor of an ONNX model: the graph's word counts, and a user may fill its silence.
Result<Layout> onnx_layout(const OnnxReader& reader, const OnnxTensor& tensor, std::optional<Layout> wanted) {
  if (tensor.layout && wanted && *tensor.layout != *wanted) {
    return Error(fmt::format("{}: tensor {}: layout {} was asked for, but by the graph ({}) it is {}",
                             reader.name(), in_quotes(tensor.name), layout_name(*wanted), tensor.use,
                             layout_name(*tensor.layout)));
  }
  if (!tensor.layout && !wanted) {
    return Error(
        fmt::format("{}: tensor {}: the graph does not tell its layout ({}); allowed: with "
                    "the layout given, k_by_n or n_by_k",
                    reader.name(), in_quotes(tensor.name), tensor.use));
  }
  return tensor.layout ? *tensor.layout : *wanted;
}

Result<Matrix> as_k_by_n(Result<Matrix> stored, Layout layout) {
  if (stored && layout == Layout::n_by_k) {
    return transposed(*stored);
  }
  return stored;
}

}  // namespace

const char* layout_name(Layout layout) { return layout == Layout::k_by_n ? "k_by_n" : "n_by_k"; }

bool ModelFile::is_model(const std::filesystem::path& path) {
  return path.extension() == kSafetensors || path.extension() == kOnnx;
}

Result<ModelFile> ModelFile::open(const std::filesystem::path& path) {
  ModelFile file;
  if (path.extension() == kOnnx) {
    MSQ_TRY(auto reader, OnnxReader::open(path));
    file.onnx_ = std::make_unique<const OnnxReader>(std::move(reader));
    return file;
  }
  if (path.extension() == kSafetensors) {
    MSQ_TRY(auto reader, SafetensorsReader::open(path));
    file.safetensors_ = std::make_unique<const SafetensorsReader>(std::move(reader));
    return file;
  }
  return Error(fmt::format("{}: file name extension {}; allowed: {}, {}", path.string(),
                           in_quotes(path.extension().string()), kSafetensors, kOnnx));
}

const std::string& ModelFile::name() const { return onnx_ ? onnx_->name() : safetensors_->name(); }

std::vector<StoredTensor> ModelFile::tensors() const {
  std::vector<StoredTensor> listed;
  if (onnx_) {
    for (const OnnxTensor& tensor : onnx_->tensors()) {
      listed.push_back({tensor.name, tensor.type, tensor.shape, onnx_float_type(tensor.type).has_value(),
                        tensor.layout, tensor.use});
    }
    return listed;
  }
  for (const TensorInfo& tensor : safetensors_->tensors()) {
    const bool loadable = tensor.dtype == "F32" || tensor.dtype == "F16" || tensor.dtype == "BF16";
    listed.push_back({tensor.name, tensor.dtype, tensor.shape, loadable, std::nullopt, ""});
  }
  return listed;
}

std::vector<std::filesystem::path> ModelFile::files() const {
  std::vector<std::filesystem::path> all{name()};
  if (onnx_) {
    std::ranges::copy(onnx_->external_files(), std::back_inserter(all));
  }
  return all;
}

Result<Matrix> ModelFile::load(std::string_view tensor, std::optional<Layout> layout) const {
  if (!onnx_) {
    return as_k_by_n(safetensors_->load_matrix(tensor), layout.value_or(Layout::n_by_k));
  }
  auto stored = onnx_->load_matrix(tensor);
  if (!stored) {
    return stored;
  }
  MSQ_TRY(const auto known, onnx_layout(*onnx_, *onnx_->find(tensor), layout));
  return as_k_by_n(std::move(stored), known);
}

}  // namespace msq::golden
