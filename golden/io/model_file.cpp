#include "golden/io/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "golden/io/describe.hpp"
#include "golden/io/linear_layers.hpp"
#include "golden/io/model_families.hpp"
#include "golden/io/mxfp4.hpp"
#include "golden/io/onnx_model.hpp"
#include "golden/io/transpose.hpp"
#include "golden/io/unknown_kind.hpp"
#include "golden/io/weight_scales.hpp"

namespace msq::golden {
namespace {

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
        fmt::format("{}: tensor {}: found no layout in the file ({}); allowed: with the layout "
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
                   tensor.layout, tensor.use, known, known, tensor.alpha, tensor.name});
  }
  return all;
}

/// May be taken apart into matrices that are not empty.
bool are_experts(const TensorInfo& tensor) {
  if (!mxfp4_name(tensor).empty()) return true;
  return tensor.shape.size() == 3 && std::ranges::count(tensor.shape, 0) == 0;
}

/// A tensor, or the matrix of an expert.
StoredTensor listed_matrix(const Checkpoint& checkpoint, const TensorInfo& info, const LayerGuess& guess,
                           std::optional<std::int64_t> expert) {
  StoredTensor tensor;
  tensor.tensor = info.name;
  tensor.type = info.dtype;
  tensor.expert = expert;
  const std::string mxfp4 = expert ? mxfp4_name(info) : "";
  tensor.name = expert ? fmt::format("{}.{}", mxfp4.empty() ? info.name : mxfp4, *expert) : info.name;
  tensor.shape = expert ? std::vector(info.shape.begin() + 1, info.shape.end()) : info.shape;
  if (!mxfp4.empty()) {
    tensor.type = "MXFP4";
    tensor.shape = {info.shape[1], info.shape[2] * kMxfp4Block};
  }
  tensor.loadable = !mxfp4.empty() || safetensors_float_type(info.dtype).has_value() || is_float8(info.dtype);
  tensor.layout = guess.layout;
  tensor.use = guess.use;
  tensor.layout_proven = guess.proven;
  tensor.linear = guess.linear;
  tensor.input = expert && !guess.input.empty() ? fmt::format("{}.{}", guess.input, *expert) : guess.input;
  tensor.parts = guess.parts;
  tensor.belongs_to = guess.belongs_to;
  if (tensor.shape.size() != 2) return tensor;
  tensor.doubt = checkpoint.check_scales({&info, expert}, guess.layout);
  return tensor;
}

std::vector<StoredTensor> listed(const Checkpoint& checkpoint) {
  const std::vector<TensorInfo>& tensors = checkpoint.tensors();
  const std::vector<LayerGuess> guesses = guess_layers(tensors, checkpoint.config());
  std::vector<StoredTensor> all;
  all.reserve(tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const bool expanded = guesses[i].experts && are_experts(tensors[i]);
    const std::int64_t experts = expanded ? tensors[i].shape.front() : 1;
    for (std::int64_t expert = 0; expert < experts; ++expert) {
      all.push_back(
          listed_matrix(checkpoint, tensors[i], guesses[i], expanded ? std::optional(expert) : std::nullopt));
    }
  }
  return all;
}

std::vector<std::string> notes_on(const Checkpoint& checkpoint) {
  std::vector<std::string> notes;
  const ModelConfig& config = checkpoint.config();
  if (checkpoint.files().config && find_family(config) == nullptr && !config.model_type.empty()) {
    notes.push_back(
        fmt::format("{}: model_type {} is not in the table of families; layers are found by names",
                    checkpoint.files().config->string(), in_quotes(config.model_type)));
  }
  const auto bare = std::ranges::count_if(checkpoint.tensors(), [&](const TensorInfo& tensor) {
    return is_float8(tensor.dtype) && checkpoint.scales_of(tensor) == nullptr;
  });
  if (bare > 0) {
    notes.push_back(fmt::format("{}: {} tensors of 8-bit floats have no scales", checkpoint.name(), bare));
  }
  if (const auto& others = checkpoint.not_in_index(); !others.empty()) {
    notes.push_back(fmt::format("{}: {} tensors of the shards are not in it, such as {}; read all the same",
                                checkpoint.files().index->string(), others.size(),
                                in_quotes(others.front())));
  }
  return notes;
}

/// Not taken apart into more matrices than any mixture has.
Result<> check_experts(const Checkpoint& checkpoint) {
  constexpr std::int64_t kMaxMatrices = std::int64_t{1} << 20;
  std::int64_t matrices = 0;
  for (const TensorInfo& tensor : checkpoint.tensors()) {
    if (!are_experts(tensor) || tensor.name.find("xpert") == std::string::npos) continue;
    matrices += std::min(tensor.shape.front(), kMaxMatrices);
    if (matrices < kMaxMatrices) continue;
    return Error(fmt::format("{}: tensor {} has shape {}; allowed: below {} experts in all",
                             checkpoint.name(), in_quotes(tensor.name), shape_text(tensor.shape),
                             kMaxMatrices));
  }
  return {};
}

}  // namespace

const char* layout_name(Layout layout) { return layout == Layout::k_by_n ? "k_by_n" : "n_by_k"; }

bool ModelFile::is_model(const std::filesystem::path& path) {
  return path.extension() == kOnnx || is_checkpoint_path(path);
}

Result<ModelFile> ModelFile::open(const std::filesystem::path& path) {
  ModelFile file;
  if (path.extension() == kOnnx) {
    MSQ_TRY(auto reader, OnnxReader::open(path));
    file.onnx_ = std::make_unique<const OnnxReader>(std::move(reader));
    file.tensors_ = listed(*file.onnx_);
  } else if (is_checkpoint_path(path)) {
    MSQ_TRY(auto checkpoint, Checkpoint::open(path));
    MSQ_CHECK(check_experts(checkpoint));
    file.checkpoint_ = std::make_unique<const Checkpoint>(std::move(checkpoint));
    file.tensors_ = listed(*file.checkpoint_);
    file.notes_ = notes_on(*file.checkpoint_);
  } else {
    return Error(
        unknown_kind(path, ".safetensors, .onnx, .safetensors.index.json, or a directory with a checkpoint"));
  }
  MSQ_CHECK(file.index_tensors());
  return file;
}

Result<> ModelFile::index_tensors() {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    if (places_.emplace(tensors_[i].name, i).second) continue;
    return Error(fmt::format("{}: tensor {} has the name of an expert of another; allowed: different names",
                             name(), in_quotes(tensors_[i].name)));
  }
  return {};
}

const std::string& ModelFile::name() const { return onnx_ ? onnx_->name() : checkpoint_->name(); }

std::vector<std::filesystem::path> ModelFile::files() const {
  std::vector<std::filesystem::path> all;
  if (onnx_) {
    all.emplace_back(name());
    std::ranges::copy(onnx_->external_files(), std::back_inserter(all));
    return all;
  }
  const CheckpointFiles& files = checkpoint_->files();
  all = files.shards;
  for (const auto& other : {files.index, files.config}) {
    if (other) all.push_back(*other);
  }
  return all;
}

const StoredTensor* ModelFile::find(std::string_view tensor) const {
  const auto found = places_.find(tensor);
  return found == places_.end() ? nullptr : &tensors_[found->second];
}

Result<Matrix> ModelFile::load_stored(std::string_view tensor, std::optional<Layout> layout) const {
  if (onnx_) return onnx_->load_matrix(tensor);
  if (const StoredTensor* found = find(tensor)) {
    return checkpoint_->load({checkpoint_->find(found->tensor), found->expert},
                             layout ? layout : found->layout);
  }
  // The name of a tensor whose matrices have their own names, perhaps.
  const TensorInfo* whole = checkpoint_->find(tensor);
  if (whole == nullptr) return no_such_tensor(name(), checkpoint_->tensors(), tensor);
  return checkpoint_->load({whole, std::nullopt}, layout);
}

Result<Matrix> ModelFile::load(std::string_view tensor, std::optional<Layout> layout) const {
  MSQ_TRY(Matrix stored, load_stored(tensor, layout));
  const StoredTensor& found = *find(tensor);
  MSQ_TRY(const Layout known, chosen_layout(name(), found, layout));
  if (found.alpha != 1) {
    for (float& value : stored.values) value *= found.alpha;
  }
  return known == Layout::n_by_k ? transposed(stored) : std::move(stored);
}

}  // namespace msq::golden
