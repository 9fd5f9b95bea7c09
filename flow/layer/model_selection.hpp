#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golden/io/model_file.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Choice among the tensors of a model: names, or patterns with *, ? and [..].
struct TensorSelection {
  std::vector<std::string> tensors;  ///< none: the model's linear weights, see kDefaultRule
  std::vector<std::string> exclude;

  /// One name and nothing else: that tensor, rather than a choice among all.
  [[nodiscard]] bool names_one() const;
};

/// Choice without --tensor.
inline constexpr const char* kDefaultRule =
    "ONNX: every weight of a MatMul or Gemm; .safetensors: every two-dimensional tensor whose name ends in "
    "\".weight\" and is not that of an embedding, a table of positions or a norm";

/// A tensor of a model and whether it is to be quantized.
struct ListedTensor {
  golden::StoredTensor stored;
  std::optional<golden::Layout> layout;  ///< known for every tensor that is to be quantized
  std::string reason;                    ///< why it is not quantized; empty if it is
  bool by_choice = false;                ///< the reason is --tensor or --exclude

  [[nodiscard]] bool chosen() const { return reason.empty(); }
  /// Weights to quantize; 0 if it is not chosen.
  [[nodiscard]] std::int64_t weights() const { return chosen() ? stored.shape[0] * stored.shape[1] : 0; }
  /// Two or more dimensions, and not quantized.
  [[nodiscard]] bool left_out() const { return !chosen() && stored.shape.size() >= 2; }
};

/// All tensors of the model, in its order. `layout` is what --layout says. Error: a pattern that matches no
/// tensor.
[[nodiscard]] Result<std::vector<ListedTensor>> select_tensors(const golden::ModelFile& model,
                                                               const TensorSelection& selection,
                                                               std::optional<golden::Layout> layout);

/// Lines that count and name the tensors left out with the reasons; those that --tensor or --exclude left out
/// are only counted. Empty if there are none.
[[nodiscard]] std::vector<std::string> left_out_lines(const std::string& model,
                                                      const std::vector<ListedTensor>& tensors);

/// The name of a tensor's layer: without ".weight" at its end.
[[nodiscard]] std::string layer_name_of(const std::string& tensor);

}  // namespace msq::flow
