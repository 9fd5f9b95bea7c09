#include "golden/io/weight_scales.hpp"

#include <array>

namespace msq::golden {
namespace {

constexpr std::int64_t kUsualBlock = 128;  ///< of DeepSeek-V3

std::int64_t blocks_of(std::int64_t extent, std::int64_t block) { return (extent + block - 1) / block; }

std::int64_t outputs_of(const Matrix& stored, Layout layout) {
  return layout == Layout::n_by_k ? stored.rows : stored.columns;
}

std::optional<ScalePlan> plan_of_matrix(std::span<const std::int64_t> shape, const Matrix& stored,
                                        Layout layout, const ModelConfig& config) {
  std::int64_t values = 1;
  for (const std::int64_t extent : shape) values *= extent;
  if (shape.size() > 2) return std::nullopt;
  if (values == 1) return ScalePlan{};
  const bool vector = shape.size() == 1 || shape[0] == 1 || shape[1] == 1;
  if (vector && values == outputs_of(stored, layout)) return ScalePlan{ScaleKind::output, 1, 1, 0, values};
  const auto block = config.scale_block.value_or(std::array{kUsualBlock, kUsualBlock});
  if (shape.size() != 2 || shape[0] != blocks_of(stored.rows, block[0]) ||
      shape[1] != blocks_of(stored.columns, block[1])) {
    return std::nullopt;
  }
  return ScalePlan{ScaleKind::block, block[0], block[1], 0, values};
}

}  // namespace

std::vector<std::string> scale_names(std::string_view tensor) {
  std::vector<std::string> names;
  for (const char* ending : {"_scale", "_scale_inv", "_scales_inv"}) {
    names.push_back(std::string(tensor) + ending);
  }
  return names;
}

bool is_float8(std::string_view dtype) { return dtype == "F8_E4M3" || dtype == "F8_E5M2"; }

std::optional<ScalePlan> plan_scales(std::span<const std::int64_t> shape, const Matrix& stored, Layout layout,
                                     const ModelConfig& config, std::int64_t experts, std::int64_t expert) {
  const bool of_each = experts > 0 && !shape.empty() && shape[0] == experts;
  // One scale for all experts, or all of each.
  auto plan = plan_of_matrix(of_each ? shape.subspan(1) : shape, stored, layout, config);
  if (!plan || (experts > 0 && !of_each && plan->kind != ScaleKind::tensor)) return std::nullopt;
  if (of_each) plan->first = expert * plan->count;
  return plan;
}

void apply_scales(Matrix& stored, Layout layout, const ScalePlan& plan, std::span<const float> scales) {
  const std::int64_t blocks = blocks_of(stored.columns, plan.block_columns);
  for (std::int64_t row = 0; row < stored.rows; ++row) {
    for (std::int64_t column = 0; column < stored.columns; ++column) {
      std::int64_t index = 0;
      switch (plan.kind) {
        case ScaleKind::tensor:
          break;
        case ScaleKind::output:
          index = layout == Layout::n_by_k ? row : column;
          break;
        case ScaleKind::block:
          index = row / plan.block_rows * blocks + column / plan.block_columns;
          break;
      }
      stored.values[static_cast<std::size_t>(row * stored.columns + column)] *=
          scales[static_cast<std::size_t>(index)];
    }
  }
}

}  // namespace msq::golden
