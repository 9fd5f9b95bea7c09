#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golden/io/model_file.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Choice among the tensors of a model: names, or patterns with *, ? and [..]. Those of a three-dimensional
/// tensor of experts mean all of them, or one: TENSOR.I.
struct TensorSelection {
  std::vector<std::string> tensors;  ///< none: the model's linear weights, see kDefaultRule
  std::vector<std::string> exclude;

  /// One name and nothing else: that tensor, rather than a choice among all.
  [[nodiscard]] bool names_one() const;
};

/// Choice without --tensor.
inline constexpr const char* kDefaultRule =
    "the linear weights. ONNX: every weight of a MatMul or Gemm. Checkpoints: linear layers of the "
    "architecture in config.json, else every matrix named *.weight except embeddings, position tables, "
    "norms, routers and output projections, and the matrices of experts";

/// A tensor of a model and whether it is to be quantized.
struct ListedTensor {
  golden::StoredTensor stored;
  std::optional<golden::Layout> layout;  ///< known for every tensor that is to be quantized
  std::string reason;                    ///< why it is not quantized; empty if it is
  bool by_choice = false;                ///< the reason is --tensor or --exclude

  [[nodiscard]] bool chosen() const { return reason.empty(); }
  /// Weights to quantize; 0 if it is not chosen.
  [[nodiscard]] std::int64_t weights() const { return chosen() ? stored.shape[0] * stored.shape[1] : 0; }
  /// Two or more dimensions, not quantized, and neither scales nor biases of another tensor.
  [[nodiscard]] bool left_out() const {
    return !chosen() && stored.shape.size() >= 2 && stored.belongs_to.empty();
  }
};

/// A matrix of a model as a layer: its names, the place of its weights, and the input it shares.
struct LayerOfModel {
  std::string layer;                   ///< its name in the output
  std::string tensor;                  ///< of the file
  std::optional<std::int64_t> expert;  ///< which matrix of a three-dimensional tensor
  std::int64_t k = 0, n = 0;
  golden::Layout layout = golden::Layout::k_by_n;
  std::string input;  ///< layers of the same text have the same input; never empty
  std::string parts;  ///< layers fused along N, such as "q, k, v"; empty if it is one
};

/// The layer that a tensor is or would be; nothing if it is no matrix or its layout is unknown.
[[nodiscard]] std::optional<LayerOfModel> layer_of(const ListedTensor& tensor);

/// Layers of the tensors that are to be quantized, in the same order.
[[nodiscard]] std::vector<LayerOfModel> layers_of(const std::vector<ListedTensor>& tensors);

/// All tensors of the model, in its order. `layout` is what --layout says. Error: a pattern that matches no
/// tensor.
[[nodiscard]] Result<std::vector<ListedTensor>> select_tensors(const golden::ModelFile& model,
                                                               const TensorSelection& selection,
                                                               std::optional<golden::Layout> layout);

/// Lines that count and name the tensors left out with the reasons, experts of one tensor in one line; those
/// that --tensor or --exclude left out are only counted. Empty if there are none.
[[nodiscard]] std::vector<std::string> left_out_lines(const std::string& model,
                                                      const std::vector<ListedTensor>& tensors);

/// The name of a tensor's layer: without ".weight" at its end; of an expert with its number behind.
[[nodiscard]] std::string layer_name_of(const std::string& tensor);
[[nodiscard]] std::string layer_name_of(const golden::StoredTensor& tensor);

}  // namespace msq::flow
