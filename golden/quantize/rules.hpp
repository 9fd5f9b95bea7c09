#pragma once

// Rules that the quantizer chooses by (numerics.md, "Weights" and "Error compensation"). None of them
// changes what a stored tensor means.

namespace msq::golden {

/// How Isf of a macro-block is found (docs/reference/numerics.md, "Weights").
enum class InlierRule {
  mse,  ///< the best of e0, e0-1, e0+1 by squared error
  ocp   ///< e0: the largest inlier needs no clamping of its exponent
};

/// How the shared outlier shift r of a micro-block is found.
enum class ShiftRule {
  mse,  ///< the best r in 0..r_max by squared error
  max   ///< the paper's: the largest that an outlier needs
};

/// Which weights become outliers.
enum class OutlierRule {
  sigma,   ///< the paper's: those beyond outlier_sigma, at most n_max of a micro-block
  demote,  ///< of those, the ones that leave the micro-block the least total error
  error    ///< those that leave the micro-block the least total error, at any position
};

/// Which positions are pruned, among the sets that route.
enum class PruneRule {
  saliency,  ///< the paper's: least sum of w^2 (within one row the same order as w^2 / [H^-1]_kk)
  error  ///< least sum of w^2 less the error that the inlier would have had; implied by other OutlierRules
};

}  // namespace msq::golden
