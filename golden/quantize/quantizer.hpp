#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "golden/quantize/dequantize.hpp"
#include "golden/quantize/hessian.hpp"
#include "golden/quantize/rules.hpp"
#include "golden/quantize/validate.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::golden {

struct QuantizerOptions {
  int bits = 4;           ///< bb: 2 or 4
  int micro_block = 8;    ///< B_mu: 4, 8 or 16
  int macro_block = 128;  ///< B_M: 32, 64 or 128
  Axis axis = Axis::reduction;
  Encoding encoding = Encoding::paper;
  InlierRule inlier_rule = InlierRule::mse;
  ShiftRule shift_rule = ShiftRule::mse;
  OutlierRule outlier_rule = OutlierRule::sigma;
  PruneRule prune_rule = PruneRule::saliency;
  std::optional<int> outliers_per_block =
      {};                      ///< n_max, 0 (no outliers) .. micro_block / 2, which is the default
  int outlier_shift_max = 7;   ///< r_max, 0..15
  double outlier_sigma = 3.0;  ///< an outlier is more than this many sigma from the mean; > 0
  /// OutlierRule other than sigma: error that a micro-block's outliers must save to be worth its metadata, as
  /// a multiple of the mean of w^2 * h over the layer (h: cost of an error of the row) times 4^(2 - bits);
  /// >= 0.
  double outlier_price = 2.0;
  /// Axis output only, 0..7: within an aligned run of B_M rows the Isf of one column block differ by at most
  /// this much. The blocks more than that below the largest are raised; blocks that are all zero do not
  /// count.
  int row_align_bits = 0;

  // With encodings that have these fields (encoding_fields).
  int shift_bits = 8;
  int fraction_bits = kFractionBits;
  int scale_mantissa_bits = 3;

  int identifier_group = 1;  ///< micro-blocks that share a first identifier bit: 1, 4, 8 or 16

  // With a Hessian only.
  double damping = 0.01;          ///< added to the Hessian's diagonal, as a share of its mean; >= 0
  bool weigh_scales = false;      ///< scales by squared error, weighted by the cost of an error of each row
  bool activation_order = false;  ///< groups, and rows in them, of the largest Hessian diagonal first
  /// Passes over the finished layer; each micro-block (and each scale, with full_range) takes
  /// the value of least total error for the others as they are; 0..100.
  int sweeps = 0;

  /// false: pruned positions are chosen among all sets, routable or not, to measure
  /// the cost of routability: validate() refuses a tensor with a list that does not route.
  bool routable = true;

  int threads = 0;  ///< 0: as many as the machine has. The result does not depend on it.

  [[nodiscard]] int max_outliers() const { return outliers_per_block.value_or(micro_block / 2); }
  /// Fields that the encoding fixes have their defaults.
  [[nodiscard]] Format format() const;
};

/// Error names the field, its value and the allowed values.
[[nodiscard]] Result<> validate(const QuantizerOptions& options);

/// Numbers of weights, except where another unit is named.
struct QuantizeStatistics {
  std::int64_t weights = 0;           ///< K * N
  std::int64_t outliers_wanted = 0;   ///< beyond outlier_sigma
  std::int64_t outliers_kept = 0;     ///< stored as outliers
  std::int64_t demoted_too_many = 0;  ///< treated as inliers: more than n_max in the micro-block
  /// Treated as inliers: no set of pruned positions routes (B_mu = 16 only).
  std::int64_t demoted_unroutable = 0;
  std::int64_t demoted_unwelcome = 0;  ///< treated as inliers: less error so (OutlierRule other than sigma)
  std::int64_t demoted_too_small = 0;  ///< treated as inliers: no scale is small enough for them
  std::int64_t adjacent_outliers = 0;  ///< wanted outliers with a wanted outlier at n - 1 or n + 1
  std::int64_t micro_blocks = 0;       ///< micro-blocks, the padded ones at the end of the rows included
  std::int64_t micro_blocks_with_outliers = 0;
  std::int64_t pruned_weights = 0;  ///< pruned positions within N; those beyond N cost nothing
  friend bool operator==(const QuantizeStatistics&, const QuantizeStatistics&) = default;
};

/// Squared errors of a layer's outputs on calibration tokens, by the Hessian H = 2 X^T X.
struct OutputError {
  double error = 0;   ///< 2 ||X (W - Wq)||^2
  double energy = 0;  ///< 2 ||X W||^2
  /// ||X (W - Wq)|| / ||X W||; 0 if X W is zero.
  [[nodiscard]] double relative() const { return energy > 0 ? std::sqrt(error / energy) : 0; }
};

struct QuantizeOutput {
  QuantizedTensor tensor;
  QuantizeStatistics statistics;
  std::optional<OutputError> output_error = {};  ///< with a Hessian only
};

/// Called with the finished share of the layer, 0..1, by one thread at a time.
using QuantizeProgress = std::function<void(double)>;

/// Quantizes a layer (numerics.md). `weights` is [k][n], row-major. With a Hessian each row's error is
/// spread over the rows that follow (the paper's Algorithm 1, as in GPTQ); thresholds and scales of a
/// macro-block are fixed when it is entered, from the weights as they are then. Without one, every weight is
/// rounded to the nearest. The memory of the Hessian becomes that of its factor. Errors: options
/// (see validate), a shape that does not fit the number of weights or the Hessian, NaN or infinity (position
/// named), a Hessian that no damping makes positive definite.
[[nodiscard]] Result<QuantizeOutput> quantize(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                              const QuantizerOptions& options,
                                              std::optional<Hessian> hessian = {},
                                              const QuantizeProgress& progress = {});

}  // namespace msq::golden
