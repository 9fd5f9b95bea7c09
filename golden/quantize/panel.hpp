#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/quantize/hessian.hpp"
#include "golden/quantize/quantizer.hpp"

namespace msq::golden {

/// Columns quantized together. Columns only meet inside a micro- or macro-block, so a layer is cut into
/// independent panels of whole blocks: they fit the caches, and threads share nothing.
inline constexpr std::int64_t kPanelColumns = 128;

/// Inputs that all panels of a layer share.
struct LayerPlan {
  const QuantizerOptions& options;
  std::span<const float> weights;  ///< [k][n]
  std::int64_t k = 0;
  std::int64_t n = 0;
  std::vector<std::int64_t> order;        ///< rows in the order they are quantized, whole runs of B_M rows
  const HessianFactor* factor = nullptr;  ///< in that order; null: round to nearest
  /// Error worth a micro-block's metadata, times the cost of an error of its row; in the first pass and in
  /// sweeps.
  double price = 0;
  double sweep_price = 0;
};

/// A quantized panel: a tensor of its columns, and its rows' outlier flags at the edges.
struct PanelOutput {
  QuantizedTensor tensor;
  QuantizeStatistics statistics;
  /// [k], of wanted outliers: bit 0 first column, 1 second, 2 last but one, 3 last.
  std::vector<std::uint8_t> edges;
  OutputError output_error;  ///< zeros without a factor
};

/// Quantizes columns first..first+columns-1.
[[nodiscard]] PanelOutput quantize_panel(const LayerPlan& plan, std::int64_t first, std::int64_t columns);

/// A tensor of zeros.
[[nodiscard]] QuantizedTensor empty_tensor(std::int64_t k, std::int64_t n, const QuantizerOptions& options);

}  // namespace msq::golden
