#pragma once

#include <string>
#include <vector>

#include "flow/layer/layer_operands.hpp"
#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "tb/sim/baseline_run.hpp"

namespace msq::flow {

/// The first tiles of a layer as a baseline's array takes them, and the expected sums.
struct BaselineLayer {
  std::string weights_source, activations_source;
  int bits = 0;  ///< of a weight
  std::int64_t tokens = 0, k = 0, n = 0;
  std::vector<tb::BaselineTile> tiles;  ///< in the order of tb::run_layer
  std::vector<tb::Words> sums;          ///< expected psum_o of every token of every tile
  std::vector<float> centroids;         ///< gobo
  /// gobo: outliers beyond one for each unit, which the array would need a second tile for; they are computed
  /// with their nearest centroid.
  std::int64_t demoted = 0;
  double multiplications = 0;  ///< of the layer, in these tiles; padding is none
};

/// Quantizes as the baseline does: int4, int8 to the nearest with a scale for 128 weights; olive with int4 as
/// normal type and a scale a column; gobo with eight centroids.
/// @param limit maximum number of tiles. Errors: weights that cannot be quantized, named by their source.
[[nodiscard]] Result<BaselineLayer> baseline_layer(const Design& design, const LabelledMatrix& weights,
                                                   const golden::QuantizedActivations& activations,
                                                   std::int64_t limit);

/// The same for the weights and activations that a command names. Errors: also those of loading them.
[[nodiscard]] Result<BaselineLayer> load_baseline_layer(const Design& design, const LayerInputs& inputs,
                                                        std::int64_t limit);

}  // namespace msq::flow
