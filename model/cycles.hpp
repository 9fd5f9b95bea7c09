#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gen/config/config.hpp"
#include "model/pattern.hpp"
#include "model/timeline.hpp"
#include "support/result.hpp"

namespace msq::model {

// Cycles of a layer on the accelerator from its shape and from where its outliers are: makes the tiles that
// the packer would make and gives them to the timeline.

/// The accelerator and what its ports can move.
struct Hardware {
  Config config;  ///< valid
  PortRates rates;
  tb::OutputFormat output = tb::OutputFormat::fp32;
};

/// Y[m][n] = X[m][k] W[k][n] with weights of `mode` bits, macro-blocks and activation blocks of 128.
struct LayerShape {
  std::int64_t m = 1, k = 1, n = 1;
  int mode = 4;
};

/// Error names the field, the value found and the allowed ones: rates, sizes, a mode that the configuration
/// does not have, K beyond the activation buffer.
[[nodiscard]] Result<> validate(const Hardware& hardware, const LayerShape& shape);

/// How a layer is cut.
struct Cut {
  std::int64_t k_tiles = 1, column_tiles = 1;
  std::int64_t passes = 1;
  int tokens = 1;       ///< of every pass except the last
  int last_tokens = 1;  ///< of the last pass
  int columns = 1;      ///< logical columns of a tile
  int rows = 1;         ///< logical rows of a tile
  std::int64_t k = 1;   ///< of the layer
  int mode = 4;         ///< bits of a code

  [[nodiscard]] std::int64_t tiles() const { return k_tiles * column_tiles; }
};
/// A shape that validate refuses is a std::logic_error.
[[nodiscard]] Cut cut(const Hardware& hardware, const LayerShape& shape);

/// Cycles of a GEMM. launches + stalls + drain == cycles.
struct CyclePrediction {
  std::int64_t cycles = 0;             ///< from the start of the job to the last beat of outputs
  std::int64_t launches = 0;           ///< cycles in which a token starts through a tile
  std::int64_t stall_weights = 0;      ///< no start: the next tile is not loaded
  std::int64_t stall_activations = 0;  ///< no start: the token has not arrived
  std::int64_t stall_schedule = 0;     ///< no start: initiation interval or gap
  std::int64_t stall_output = 0;       ///< no start: earlier outputs have not left
  std::int64_t drain = 0;              ///< after the last start
  std::int64_t tiles = 0;              ///< loaded, over all passes
  std::int64_t recon_accesses = 0;     ///< rows with outliers times tokens
  std::int64_t recon_waits = 0;        ///< of them those of a token that the schedule held back
  std::int64_t weight_beats = 0, activation_beats = 0, output_beats = 0;
  std::int64_t weight_bytes = 0, activation_bytes = 0, output_bytes = 0;  ///< of these beats
  std::int64_t weight_bits_of_a_pass = 0;  ///< the weight stream of one pass, padding and all
  bool exact = true;                       ///< false: extrapolated from a part of the passes or columns

  /// Multiplications of the layer / what the array could do in these cycles.
  [[nodiscard]] double utilization(const Hardware& hardware, const LayerShape& shape) const;
  /// The largest of launches, stalls and drain.
  [[nodiscard]] const char* binds() const;
};

/// The tiles of a pass of `tokens` tokens. @param patterns of the pass: for each tile of columns, each tile
/// along K.
[[nodiscard]] std::vector<tb::StreamTile> plan_tiles(const Hardware& hardware, const Cut& cut,
                                                     std::span<const TilePattern> patterns, int tokens);

/// @param patterns of one pass, cut(..).tiles() of them.
[[nodiscard]] CyclePrediction predict(const Hardware& hardware, const LayerShape& shape,
                                      std::span<const TilePattern> patterns);

/// predict for weights whose micro-blocks hold outliers with probability `rate` (0 on path none). Large
/// layers are extrapolated from a part of the columns.
[[nodiscard]] CyclePrediction predict_random(const Hardware& hardware, const LayerShape& shape, double rate,
                                             std::uint64_t seed);

}  // namespace msq::model
