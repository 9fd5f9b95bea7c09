#include "golden/io/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golden/io/describe.hpp"
#include "golden/io/linear_layers.hpp"
#include "golden/io/onnx_model.hpp"
#include "golden/io/transpose.hpp"

namespace msq::golden {
namespace {

constexpr std::string_view kSafetensors = ".safetensors";
constexpr std::string_view kOnnx = ".onnx";

/// The layout to load a tensor in: what the file proves counts, then what the user says, then what the file
/// suggests.
Result<Layout> chosen_layout(const std::string& file, const StoredTensor& tensor,
                             std::optional<Layout> wanted) {
  if (tensor.layout_proven && wanted && *tensor.layout != *wanted) {
    return Error(fmt::format("{}: tensor {}: layout {} was asked for, but by the file ({}) it is {}", file,
                             in_quotes(tensor.name), layout_name(*wanted), tensor.use,
                             layout_name(*tensor.layout)));
  }
  if (!tensor.layout && !wanted) {
    return Error(
        fmt::format("{}: tensor {}: the file does not tell its layout ({}); allowed: with the layout "
                    "given, k_by_n or n_by_k",
                    file, in_quotes(tensor.name), tensor.use));
  }
  return wanted ? *wanted : *tensor.layout;
}

std::vector<StoredTensor> listed(const OnnxReader& reader) {
  std::vector<StoredTensor> all;
  all.reserve(reader.tensors().size());
  for (const OnnxTensor& tensor : reader.tensors()) {
    const bool known = tensor.layout.has_value();
    all.push_back({tensor.name, tensor.type, tensor.shape, onnx_float_type(tensor.type).has_value(),
                   tensor.layout, tensor.use, known, known, tensor.alpha});
  }
  return all;
}

std::vector<StoredTensor> listed(const SafetensorsReader& reader) {
  const std::vector<TensorInfo>& tensors = reader.tensors();
  std::vector<LayerGuess> guesses = guess_layers(tensors);
  std::vector<StoredTensor> all;
  all.reserve(tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    LayerGuess& guess = guesses[i];
    all.push_back({tensors[i].name, tensors[i].dtype, tensors[i].shape,
                   safetensors_float_type(tensors[i].dtype).has_value(), guess.layout, std::move(guess.use),
                   guess.by_bias, guess.linear});
  }
  return all;
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
    file.tensors_ = listed(*file.onnx_);
    return file;
  }
  if (path.extension() == kSafetensors) {
    MSQ_TRY(auto reader, SafetensorsReader::open(path));
    file.safetensors_ = std::make_unique<const SafetensorsReader>(std::move(reader));
    file.tensors_ = listed(*file.safetensors_);
    return file;
  }
  return Error(fmt::format("{}: file name extension {}; allowed: {}, {}", path.string(),
                           in_quotes(path.extension().string()), kSafetensors, kOnnx));
}

const std::string& ModelFile::name() const { return onnx_ ? onnx_->name() : safetensors_->name(); }

std::vector<std::filesystem::path> ModelFile::files() const {
  std::vector<std::filesystem::path> all{name()};
  if (onnx_) {
    std::ranges::copy(onnx_->external_files(), std::back_inserter(all));
  }
  return all;
}

Result<Matrix> ModelFile::load(std::string_view tensor, std::optional<Layout> layout) const {
  MSQ_TRY(Matrix stored, onnx_ ? onnx_->load_matrix(tensor) : safetensors_->load_matrix(tensor));
  const StoredTensor& found = *std::ranges::find(tensors_, tensor, &StoredTensor::name);
  MSQ_TRY(const Layout known, chosen_layout(name(), found, layout));
  if (found.alpha != 1) {
    for (float& value : stored.values) value *= found.alpha;
  }
  return known == Layout::n_by_k ? transposed(stored) : std::move(stored);
}

}  // namespace msq::golden
