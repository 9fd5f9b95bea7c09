#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golden/io/byte_source.hpp"
#include "golden/io/float_data.hpp"
#include "golden/io/onnx.hpp"
#include "support/result.hpp"

namespace msq::golden {

struct OnnxGraph;

/// A node that uses or passes on weights, or holds graphs that may.
struct OnnxNode {
  enum class Kind { matmul, gemm, transpose, same, other };
  Kind kind = Kind::other;
  std::string first;   ///< name of input 0 (transpose, same)
  std::string second;  ///< name of input 1 (matmul, gemm)
  std::string output;
  bool transposed = false;  ///< Gemm: transB. Transpose: swaps the two dimensions of a matrix
  std::vector<OnnxGraph> bodies;
};

struct OnnxGraph {
  std::vector<OnnxTensor> tensors;  ///< without layout and use
  std::vector<OnnxNode> nodes;      ///< in the order of the file, which is one of execution
};

/// Parses the main graph. Error (without the file's name): see OnnxReader::open, except what concerns the
/// match of data and shape and names used twice.
[[nodiscard]] Result<OnnxGraph> parse_onnx(const ByteSource& source);

/// The elements of a tensor stored as float_data or int32_data. Error: names the element or the position.
[[nodiscard]] Result<std::vector<float>> read_onnx_list(const ByteSource& source, const OnnxData& data,
                                                        FloatType type);

/// Fills in layout and use of the main graph's tensors.
void find_layouts(OnnxGraph& graph);

/// How a float type of ONNX is stored; nothing for any other.
[[nodiscard]] std::optional<FloatType> onnx_float_type(std::string_view type);

}  // namespace msq::golden
