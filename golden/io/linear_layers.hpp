#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/io/matrix.hpp"
#include "golden/io/safetensors.hpp"

namespace msq::golden {

/// What a tensor of a .safetensors file is to its model. The file has no graph, so this is read from names,
/// shapes and biases, as PyTorch's modules and the usual transformers have them.
struct LayerGuess {
  /// Weights that a linear layer multiplies its input by.
  bool linear = false;
  /// Of two-dimensional tensors. None: a layer named as GPT-2's (torch Conv1D, [K][N], in some models, Linear
  /// in others) in a model whose other layers do not tell which.
  std::optional<Layout> layout;
  /// The layout follows from the length of the layer's bias, which is N.
  bool by_bias = false;
  std::string use;  ///< in words: "linear layer", "embedding by its name", ...
};

/// One for each tensor. A linear layer is a two-dimensional tensor NAME.weight, or in_proj_weight of torch's
/// MultiheadAttention, whose last word is not that of an embedding, a table of positions or a norm; what has
/// a bias is no embedding. Weights are [N][K] except in layers named as GPT-2's whose shapes or biases say
/// otherwise, and in those whose bias has the length of the second dimension only.
[[nodiscard]] std::vector<LayerGuess> guess_layers(std::span<const TensorInfo> tensors);

}  // namespace msq::golden
