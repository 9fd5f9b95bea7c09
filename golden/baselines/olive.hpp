#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "golden/baselines/olive_pair.hpp"
#include "golden/baselines/result.hpp"
#include "support/result.hpp"

namespace msq::golden::baselines {

/// Weights that share one scale.
enum class OliveGranularity { tensor, column, group };

struct OliveOptions {
  int bits = 4;                       ///< 4 or 8
  std::optional<OliveNormal> normal;  ///< unset: the better one by squared error, as published
  OliveGranularity granularity = OliveGranularity::column;  ///< as in the published program
  std::int64_t group = 128;  ///< consecutive k of one column, for granularity group; even, >= 2
};

/// OliVe: Guo et al., "OliVe: Accelerating Large Language Models via Hardware-friendly Outlier-Victim Pair
/// Quantization" (ISCA 2023), section 3. Weights are stored in pairs. If one of a pair is an outlier it
/// takes its code from abfloat, and the other, the victim, becomes 0: its code is the identifier 10..0,
/// which normal types do not use. abfloat is a float with an implied leading one whose exponent bias puts it
/// just above the normal type: E2M1, (2 + m) * 2^(e + bias), bias 2 for int4 (12..96), bias 3 for flint4
/// (24..192); E4M3 with bias 4, limited to 2^15, for int8 (144..32768). Code 0 of abfloat is no number.
///
/// As in the program published with it: pairs are adjacent along memory of a weight [output][input] of a
/// linear layer, which is consecutive k of one column here; a weight takes the nearest number of both types
/// together, and is an outlier if that is an abfloat; the threshold, the value of the largest normal number,
/// is max |mean +- 3 sigma| times the best of 0.75, 0.77, .. 2.49, by squared error, for each scale; of
/// int4 and flint4 the tensor gets the one with the smaller squared error, int4 if equal.
///
/// Differences and choices: scales are FP16, in the search too. Of two outliers the larger stays, the first
/// if equal (that program always keeps the first). Ties between numbers go to the larger magnitude. sigma is
/// that of a sample, 0 for one weight. An odd weight at the end of a column (or group) is paired with
/// padding, which is stored. For 8 bits that program takes 2 exponent bits; E4M3 is the paper's.
///
/// Stored: `bits` a weight and a padding, 16 a scale, and with 4 bits one bit for the type.
///
/// `weights` is [k][n]. Errors: options, a shape that does not fit, NaN or infinity (position named).
[[nodiscard]] Result<BaselineResult> olive(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                           const OliveOptions& options);

/// The same weights in units of their scales, [k][n], as an array of integer PEs takes them; `normal` is
/// integer whatever the options say. Errors: as olive.
[[nodiscard]] Result<std::vector<int>> olive_integers(std::span<const float> weights, std::int64_t k,
                                                      std::int64_t n, OliveOptions options);

}  // namespace msq::golden::baselines
