#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/byte_source.hpp"
#include "golden/io/matrix.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// Place of the elements of an ONNX tensor.
struct OnnxData {
  enum class Kind {
    none,     ///< nowhere, or in a form that is not read
    raw,      ///< raw_data: bytes [begin, end) of the model file
    floats,   ///< float_data: `count` elements in the tensor's message [begin, end)
    doubles,  ///< double_data: the same
    ints,     ///< int32_data: the same, 16-bit codes in integers
    external
  };
  Kind kind = Kind::none;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::int64_t count = 0;
  std::string location;                 ///< of external data: a path relative to the model's directory
  std::uint64_t offset = 0;             ///< in that file
  std::optional<std::uint64_t> length;  ///< in bytes, if the model has it
};

/// A tensor the model stores: an initializer, or the value of a Constant node under the name of its output.
/// In the body of a control-flow node the name is "OUTPUT/ATTRIBUTE/NAME", with the first output of the node
/// and such attributes as "then_branch"; in a function it is "DOMAIN::FUNCTION/NAME".
struct OnnxTensor {
  std::string name;
  std::string type;  ///< as ONNX calls it, such as "FLOAT"; may be a type this reader cannot load
  std::vector<std::int64_t> shape;
  /// Known if the tensor is the second input of MatMul or Gemm nodes (directly, or through Identity, Cast,
  /// Transpose and functions of the model) in one layout and with one alpha only.
  std::optional<Layout> layout;
  /// By which these Gemm nodes multiply the product: the weights of the layer are alpha times the tensor.
  float alpha = 1;
  /// The same in words: "MatMul", "Gemm with alpha 0.5", "input 1 of Gather; not the second input of a MatMul
  /// or Gemm", ...
  std::string use;
  OnnxData data;
};

/// An open ONNX model. Opening reads and checks everything except the weights, which are passed over; each
/// load reads only its tensor. Tensors of the graph, of the bodies of control-flow nodes and of functions are
/// listed; sparse ones are not loaded. Graphs for training are passed over.
class OnnxReader {
 public:
  /// Error (names the file and the position or tensor): not such a file, damaged or truncated, more than
  /// 2^31 - 1 bytes (protobuf's limit), a tensor without a name or two of one name, a float tensor whose data
  /// do not match type and shape. Memory used is a small multiple of the file's size without the weights.
  [[nodiscard]] static Result<OnnxReader> open(const std::filesystem::path& path);
  /// `directory`: the one of external data; empty: none can be loaded.
  [[nodiscard]] static Result<OnnxReader> open(std::unique_ptr<ByteSource> source,
                                               const std::filesystem::path& directory);

  [[nodiscard]] const std::string& name() const { return source_->name(); }
  /// In the order of the file; those of the graph first, then those of bodies, then those of functions.
  [[nodiscard]] const std::vector<OnnxTensor>& tensors() const { return tensors_; }
  /// Null if there is no such tensor.
  [[nodiscard]] const OnnxTensor* find(std::string_view tensor) const;
  /// The files that hold external data, each once, in ascending order.
  [[nodiscard]] std::vector<std::filesystem::path> external_files() const;

  /// Loads a two-dimensional tensor of type FLOAT, FLOAT16 or BFLOAT16, exactly, or DOUBLE, rounded to the
  /// nearest float32 (ties to even), as it is stored: alpha is not applied. External data may be in the
  /// model's directory and below. Error: no such tensor (a few two-dimensional float tensors are listed),
  /// another type, other dimensions, an extent 0, a finite DOUBLE beyond float32; external data whose
  /// location is absolute or contains "..", whose file is missing, too short, or of another length than the
  /// shape's.
  [[nodiscard]] Result<Matrix> load_matrix(std::string_view tensor) const;

 private:
  OnnxReader() = default;

  std::unique_ptr<ByteSource> source_;
  std::filesystem::path directory_;
  std::vector<OnnxTensor> tensors_;
};

}  // namespace msq::golden
