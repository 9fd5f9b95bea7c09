#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "golden/quantize/dequantize.hpp"
#include "golden/quantize/validate.hpp"
#include "golden/result.hpp"
#include "golden/tensor.hpp"

namespace msq::golden {

/// How Isf of a macro-block is found (docs/numerics.md, "Weights").
enum class InlierRule {
  mse,  ///< the best of e0, e0-1, e0+1 by squared error
  ocp   ///< e0: the largest inlier needs no clamping of its exponent
};

/// How the shared outlier shift r of a micro-block is found.
enum class ShiftRule {
  mse,  ///< the best r in 0..r_max by squared error
  max   ///< the paper's: the largest that an outlier needs
};

struct QuantizerOptions {
  int bits = 4;           ///< bb: 2 or 4
  int micro_block = 8;    ///< B_mu: 4, 8 or 16
  int macro_block = 128;  ///< B_M: 32, 64 or 128
  Axis axis = Axis::reduction;
  InlierRule inlier_rule = InlierRule::mse;
  ShiftRule shift_rule = ShiftRule::mse;
  std::optional<int> outliers_per_block;  ///< n_max, 0 (no outliers) .. micro_block / 2, which is the default
  int outlier_shift_max = 7;              ///< r_max, 0..15
  double outlier_sigma = 3.0;             ///< an outlier is more than this many sigma from the mean; > 0
  /// Axis output only, 0..7: within an aligned run of B_M rows the Isf of one column block differ by at most
  /// this much. The blocks more than that below the largest are raised; blocks that are all zero do not
  /// count.
  int row_align_bits = 0;

  [[nodiscard]] int max_outliers() const { return outliers_per_block.value_or(micro_block / 2); }
  [[nodiscard]] Format format() const { return {bits, micro_block, macro_block}; }
};

/// Error names the field, its value and what is allowed.
[[nodiscard]] Result<void> validate(const QuantizerOptions& options);

/// What quantization did to the outliers, in weights unless said otherwise.
struct QuantizeStatistics {
  std::int64_t weights = 0;           ///< K * N
  std::int64_t outliers_wanted = 0;   ///< beyond outlier_sigma
  std::int64_t outliers_kept = 0;     ///< stored as outliers
  std::int64_t demoted_too_many = 0;  ///< treated as inliers: more than n_max in the micro-block
  std::int64_t demoted_unroutable =
      0;  ///< treated as inliers: no set of pruned positions routes (B_mu = 16 only)
  std::int64_t adjacent_outliers = 0;  ///< wanted outliers with a wanted outlier at n - 1 or n + 1
  std::int64_t micro_blocks = 0;       ///< micro-blocks, the padded ones at the end of the rows included
  std::int64_t micro_blocks_with_outliers = 0;
  std::int64_t pruned_weights = 0;  ///< pruned positions within N; those beyond N cost nothing
  friend bool operator==(const QuantizeStatistics&, const QuantizeStatistics&) = default;
};

struct QuantizeOutput {
  QuantizedTensor tensor;
  QuantizeStatistics statistics;
};

/// Round-to-nearest quantizer of encoding `paper` (docs/numerics.md, "Weights"): saliency w^2, no error
/// compensation. `weights` is [k][n], row-major. Errors: options (see validate), a shape that does not fit
/// the number of weights, NaN or infinity (position named).
[[nodiscard]] Result<QuantizeOutput> quantize(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                              const QuantizerOptions& options);

}  // namespace msq::golden
