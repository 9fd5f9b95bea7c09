#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/matrix.hpp"
#include "golden/io/onnx.hpp"
#include "golden/io/safetensors.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// A tensor of a model file, as a listing shows it.
struct StoredTensor {
  std::string name;
  std::string type;  ///< as the file calls it: "F32", "FLOAT", ...
  std::vector<std::int64_t> shape;
  bool loadable = false;         ///< of a float type that is read
  std::optional<Layout> layout;  ///< by the graph, or golden/io/linear_layers.hpp
  std::string use;               ///< what it is to the model, or why it is no weight of a linear layer
  bool layout_proven = false;    ///< by the graph or a bias, rather than by names
  bool linear = false;           ///< weights of a linear layer
  float alpha = 1;               ///< factor of the weights, see OnnxTensor
};

/// An open .safetensors or .onnx file. Each load reads only its tensor.
class ModelFile {
 public:
  /// By the extension. Error: another extension, and those of SafetensorsReader::open and OnnxReader::open.
  [[nodiscard]] static Result<ModelFile> open(const std::filesystem::path& path);
  /// Whether the name ends in the extension of a model file.
  [[nodiscard]] static bool is_model(const std::filesystem::path& path);

  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] bool is_onnx() const { return onnx_ != nullptr; }
  /// In the order of the file.
  [[nodiscard]] const std::vector<StoredTensor>& tensors() const { return tensors_; }
  /// The file, and those that hold its external data.
  [[nodiscard]] std::vector<std::filesystem::path> files() const;

  /// Loads a matrix as [K][N], times its alpha. Without `layout`: StoredTensor::layout. Error: those of the
  /// readers' load_matrix; a layout that contradicts a proven one; neither an argument nor the file that
  /// fixes it.
  [[nodiscard]] Result<Matrix> load(std::string_view tensor, std::optional<Layout> layout) const;

 private:
  ModelFile() = default;

  // One of the two.
  std::unique_ptr<const SafetensorsReader> safetensors_;
  std::unique_ptr<const OnnxReader> onnx_;
  std::vector<StoredTensor> tensors_;
};

/// "k_by_n" or "n_by_k".
[[nodiscard]] const char* layout_name(Layout layout);

}  // namespace msq::golden
