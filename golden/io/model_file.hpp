#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/checkpoint.hpp"
#include "golden/io/matrix.hpp"
#include "golden/io/onnx.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// A tensor of a model file, as a listing shows it; of a three-dimensional tensor of experts one for each
/// expert.
struct StoredTensor {
  std::string name;                 ///< of the tensor; of expert I "TENSOR.I"
  std::string type;                 ///< as the file calls it: "F32", "FLOAT", ...
  std::vector<std::int64_t> shape;  ///< of expert I: its matrix
  bool loadable = false;            ///< of a float type that is read
  std::optional<Layout> layout;     ///< by the graph, or golden/io/linear_layers.hpp
  std::string use;                  ///< role in the model, or why it is no weight of a linear layer
  bool layout_proven = false;       ///< by the graph, a bias or the hidden size, rather than by names
  bool linear = false;              ///< weights of a linear layer, to be quantized by default
  float alpha = 1;                  ///< factor of the weights, see OnnxTensor
  std::string tensor = {};          ///< of the file; the name, but for experts
  std::optional<std::int64_t> expert = {};
  std::string input = {};       ///< layers of the same text have the same input; empty if that is unknown
  std::string parts = {};       ///< layers fused in one matrix along N; empty if it is one
  std::string belongs_to = {};  ///< tensor that it holds scales or biases of; empty otherwise
  std::string doubt = {};       ///< why its weights cannot be read although the type is; empty if they can
};

/// An open .onnx file, or a checkpoint of .safetensors files. Each load reads only its matrix.
class ModelFile {
 public:
  /// A file .onnx, or what find_checkpoint takes. Error: another path, and those of Checkpoint::open and
  /// OnnxReader::open; a tensor named as an expert of another.
  [[nodiscard]] static Result<ModelFile> open(const std::filesystem::path& path);
  /// Whether the path is one that open takes: by its name, or because it is a directory.
  [[nodiscard]] static bool is_model(const std::filesystem::path& path);

  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] bool is_onnx() const { return onnx_ != nullptr; }
  /// Null for .onnx.
  [[nodiscard]] const Checkpoint* checkpoint() const { return checkpoint_.get(); }
  /// In the order of the graph, or in natural order of the names.
  [[nodiscard]] const std::vector<StoredTensor>& tensors() const { return tensors_; }
  /// Doubts about the whole file: a model that is not in the table of families, 8-bit floats without scales,
  /// tensors that the index does not name.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  /// Every file that is read: external data, shards, index and config.json, too.
  [[nodiscard]] std::vector<std::filesystem::path> files() const;

  /// Loads a matrix as [K][N], times its alpha and its scales. Without `layout`: StoredTensor::layout. Error:
  /// those of Checkpoint::load and OnnxReader::load_matrix; a layout that contradicts a proven one; neither
  /// an argument nor the file that fixes it.
  [[nodiscard]] Result<Matrix> load(std::string_view tensor, std::optional<Layout> layout) const;
  /// Loads a matrix as it is stored, times its scales. Error: those of load, but for the layout.
  [[nodiscard]] Result<Matrix> load_stored(std::string_view tensor, std::optional<Layout> layout) const;

 private:
  ModelFile() = default;
  [[nodiscard]] const StoredTensor* find(std::string_view tensor) const;
  Result<> index_tensors();

  // One of the two.
  std::unique_ptr<const Checkpoint> checkpoint_;
  std::unique_ptr<const OnnxReader> onnx_;
  std::vector<StoredTensor> tensors_;
  std::map<std::string, std::size_t, std::less<>> places_;  ///< in tensors_
  std::vector<std::string> notes_;
};

/// "k_by_n" or "n_by_k".
[[nodiscard]] const char* layout_name(Layout layout);

}  // namespace msq::golden
