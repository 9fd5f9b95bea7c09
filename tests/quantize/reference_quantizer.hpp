#pragma once

#include <span>

#include "golden/quantize/quantizer.hpp"

namespace msq::golden {

/// numerics.md, "Weights", written down once more: weight by weight, slow, with the whole matrix at hand
/// and routing by exhaustion. Shares no code with the quantizer except the types.
QuantizeOutput reference_quantize(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                  const QuantizerOptions& options);

}  // namespace msq::golden
