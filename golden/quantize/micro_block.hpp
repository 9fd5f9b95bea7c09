#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "golden/quantize/quantizer.hpp"

namespace msq::golden {

inline constexpr std::size_t kMaxMicroBlockSize = 16;

/// The weights of one micro-block with their steps. Positions beyond N have weight 0 and any
/// step that is not 0.
struct MicroBlockWeights {
  std::array<double, kMaxMicroBlockSize> weights{};
  std::array<double, kMaxMicroBlockSize> steps{};  ///< value of inlier 1 of each weight's macro-block
  std::uint16_t wanted = 0;                        ///< positions beyond the outlier threshold
  /// Those of them that no scale is small enough for: nearer to zero than to the least outlier of the least
  /// scale.
  std::uint16_t too_small = 0;
  std::size_t count = 0;  ///< positions within N
};

/// A quantized micro-block.
struct MicroBlockCodes {
  std::array<std::uint8_t, kMaxMicroBlockSize> codes{};
  MicroBlock block;
  int too_many = 0;    ///< wanted outliers that were demoted: more than n_max
  int unroutable = 0;  ///< demoted: no set of pruned positions routes
  int unwelcome = 0;   ///< demoted: the micro-block has less error without them
  int too_small = 0;   ///< demoted: MicroBlockWeights::too_small
};

/// Quantizes a micro-block by options.outlier_rule, options.prune_rule and options.shift_rule. `price` is the
/// squared error, in the units of the weights, that a micro-block must save to be worth its metadata
/// (OutlierRule other than sigma).
[[nodiscard]] MicroBlockCodes quantize_micro_block(const QuantizerOptions& options,
                                                   const MicroBlockWeights& input, double price);

/// Nearest codes with the roles of `block` kept: the same outliers and pruned positions, and the r of least
/// error (r of `block` with ShiftRule::max).
[[nodiscard]] MicroBlockCodes requantize_micro_block(const QuantizerOptions& options,
                                                     const MicroBlockWeights& input, const MicroBlock& block);

/// Squared error of the positions within N.
[[nodiscard]] double micro_block_error(const Format& format, const MicroBlockWeights& input,
                                       const MicroBlockCodes& quantized);

/// Value of every position.
[[nodiscard]] std::array<double, kMaxMicroBlockSize> micro_block_values(const Format& format,
                                                                        const MicroBlockWeights& input,
                                                                        const MicroBlockCodes& quantized);

}  // namespace msq::golden
