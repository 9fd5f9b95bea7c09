#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/matrix.hpp"
#include "golden/io/model_config.hpp"
#include "golden/io/safetensors.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// Names that a tensor of scales of `tensor` may have: "X.weight_scale" (compressed-tensors, FBGEMM),
/// "X.weight_scale_inv" (DeepSeek), "X_scales_inv". All of them are multiplied, whatever "inv" suggests.
[[nodiscard]] std::vector<std::string> scale_names(std::string_view tensor);

/// Float types of 8 bits, which are stored with scales.
[[nodiscard]] bool is_float8(std::string_view dtype);

/// Which weights share a scale.
enum class ScaleKind {
  tensor,  ///< all
  output,  ///< those of one output n
  block    ///< those of one block of the stored matrix
};

/// How the scales of a matrix [rows][columns] are stored.
struct ScalePlan {
  ScaleKind kind = ScaleKind::tensor;
  std::int64_t block_rows = 1, block_columns = 1;  ///< of blocks
  std::int64_t first = 0, count = 1;               ///< of the scale tensor's values
};

/// The plan for scales of shape `shape` (one more dimension in front if `experts` > 0, of which matrix
/// `expert` is meant): [] or [1] or [1, 1]: all weights; [N], [N, 1] or [1, N]: outputs; [ceil(rows / b0),
/// ceil(columns / b1)]: blocks of `block`, 128 x 128 if the configuration names none. Nothing: another shape.
[[nodiscard]] std::optional<ScalePlan> plan_scales(std::span<const std::int64_t> shape, const Matrix& stored,
                                                   Layout layout, const ModelConfig& config,
                                                   std::int64_t experts, std::int64_t expert);

/// Multiplies the matrix, as stored, by the scales; each product is rounded to float32 once.
void apply_scales(Matrix& stored, Layout layout, const ScalePlan& plan, std::span<const float> scales);

}  // namespace msq::golden
