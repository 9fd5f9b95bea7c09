#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "golden/io/byte_source.hpp"
#include "golden/io/float_data.hpp"
#include "golden/io/onnx.hpp"
#include "support/result.hpp"

namespace msq::golden {

struct OnnxGraph;

/// A node that takes inputs or holds graphs.
struct OnnxNode {
  enum class Kind { matmul, gemm, transpose, same, other };
  Kind kind = Kind::other;
  std::string op;  ///< "Gather"; of another domain than ONNX's "DOMAIN::Gather"
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  bool transposed = false;  ///< Gemm: transB. Transpose: swaps the two dimensions of a matrix
  float alpha = 1;          ///< Gemm: factor of the product
  std::vector<OnnxGraph> bodies;
};

/// The graph of a model, the body of a node or of a function.
struct OnnxGraph {
  std::string attribute;  ///< of the node that holds it, such as "then_branch"
  std::vector<std::string> inputs;
  std::vector<OnnxTensor> tensors;  ///< without layout, alpha and use
  std::vector<OnnxNode> nodes;      ///< in the order of the file, which is one of execution
};

/// A function that nodes call by its name.
struct OnnxFunction {
  std::vector<std::string> outputs;
  OnnxGraph body;  ///< its inputs are those of the function
};

struct OnnxModel {
  OnnxGraph graph;
  std::map<std::string, OnnxFunction> functions;  ///< by OnnxNode::op
};

/// Parses a model. Error (without the file's name): see OnnxReader::open, except what concerns the match of
/// data and shape and names used twice.
[[nodiscard]] Result<OnnxModel> parse_onnx(const ByteSource& source);

/// The elements of a tensor stored as float_data, double_data or int32_data. Error: names the element or the
/// position.
[[nodiscard]] Result<std::vector<float>> read_onnx_list(const ByteSource& source, const OnnxData& data,
                                                        FloatType type);

/// All tensors with layout, alpha and use: those of the graph, of bodies and of functions, under the names
/// that OnnxTensor promises. Error: functions that call each other too often or too deeply.
[[nodiscard]] Result<std::vector<OnnxTensor>> find_uses(OnnxModel model);

/// How a float type of ONNX is stored; nothing for any other.
[[nodiscard]] std::optional<FloatType> onnx_float_type(std::string_view type);

}  // namespace msq::golden
