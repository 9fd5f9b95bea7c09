#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/io/matrix.hpp"
#include "golden/io/model_config.hpp"
#include "golden/io/safetensors.hpp"

namespace msq::golden {

/// Role of a tensor of a checkpoint in its model. The file has no graph, so this is read from the
/// architecture in config.json (golden/io/model_families.hpp), and from names, shapes and biases, as
/// PyTorch's modules and the usual transformers have them.
struct LayerGuess {
  /// Weights that a linear layer multiplies its input by, to be quantized by default: no output projection
  /// and no router of a mixture.
  bool linear = false;
  /// Of two-dimensional tensors, and of each matrix of `experts`. None: decided by neither names nor shapes.
  std::optional<Layout> layout;
  /// The layout follows from the length of a bias, which is N, or from the model's hidden size.
  bool proven = false;
  std::string use;         ///< in words: "linear layer", "embedding by its name", ...
  std::string input = {};  ///< layers of the same text have the same input; empty if it is no layer
  std::string parts = {};  ///< layers fused in one matrix along N, in order; empty if it is one
  bool experts = false;    ///< [E][..][..]: a matrix per expert of a mixture
  /// The tensor that it holds scales or biases of; empty otherwise.
  std::string belongs_to = {};
};

/// One for each tensor. A tensor that the rules of the model's family name has the role they give. Of the
/// others, a linear layer is a two-dimensional tensor NAME.weight, or in_proj_weight of torch's
/// MultiheadAttention, whose last word is not that of an embedding, a table of positions, a norm, a router or
/// an output projection; a tensor with a bias is no embedding. Weights are [N][K] except in layers named as
/// GPT-2's, and in those whose bias has the length of the second dimension only. A three-dimensional tensor
/// with "expert" in its name holds a matrix per expert, whose layout follows from the hidden size or the
/// family.
[[nodiscard]] std::vector<LayerGuess> guess_layers(std::span<const TensorInfo> tensors,
                                                   const ModelConfig& config = {});

}  // namespace msq::golden
