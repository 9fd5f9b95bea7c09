#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gen/arch/design.hpp"
#include "golden/exec/accumulate.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"
#include "tb/sim/driver.hpp"

namespace msq::tb {

/// How a layer is run on a model. Tiles are numbered in the order they run: for each pass of tokens, each
/// tile of columns, each tile along K (fastest).
struct LayerRunOptions {
  int tokens_per_pass = 128;  ///< tokens that a loaded tile is used for at most, >= 1
  int tiles_per_chunk = 512;  ///< tiles that run back to back on one instance of the model, >= 1
  Stalls stalls;
  unsigned seed = 1;                         ///< of the stalls and of the model's initial state
  std::int64_t first_tile = 0;               ///< tiles before it are left out; the first chunk begins here
  std::optional<std::int64_t> tile_limit{};  ///< maximum number of tiles, >= 1
  /// Called after every chunk with the tiles done and the tiles to do.
  std::function<void(std::int64_t done, std::int64_t total)> progress{};
  /// Called in every cycle of every chunk with settled inputs and outputs, before the clock edge.
  std::function<void(const Model&)> on_cycle{};
};

/// The first partial sum that differs, and where it can be seen.
struct LayerMismatch {
  std::int64_t tile = 0;
  std::int64_t k0 = 0;      ///< first row of the tile
  std::int64_t token = 0;   ///< m
  std::int64_t column = 0;  ///< n; beyond N for a column that is padding
  std::int64_t expected = 0, got = 0;
  std::int64_t chunk_tile = 0;  ///< first tile of its chunk: a run that begins there repeats it exactly
  std::uint64_t cycle = 0;      ///< cycle of that chunk in which the core gave it
};

/// Findings of a run. Sums count every lane, those of padding too; outputs are the M * N elements of the
/// layer.
struct LayerRunResult {
  std::int64_t tiles = 0;
  std::int64_t partial_sums_compared = 0, partial_sums_mismatched = 0;
  /// Accumulated over K tiles, compared bit for bit with golden::gemm. Zero if tiles were left out.
  std::int64_t outputs_compared = 0, outputs_mismatched = 0;
  std::optional<LayerMismatch> first_mismatch;
  std::optional<golden::GemmResult> outputs;  ///< golden ones; none if tiles were left out
  std::uint64_t cycles = 0;          ///< of all chunks, loading of their first tiles and draining included
  std::uint64_t recon_accesses = 0;  ///< and of them those that waited, by the core's counters
  std::uint64_t recon_waits = 0;
  std::uint64_t counter_errors = 0;     ///< by the core's counters
  unsigned protocol_errors = 0;         ///< protocol_error_o, all chunks or-ed
  double mean_initiation_interval = 0;  ///< over tiles
  double utilization = 0;  ///< multiplications of the layer / what the array could do in these cycles

  /// Something was compared, nothing differed, and the core saw no error.
  [[nodiscard]] bool ok() const {
    return partial_sums_compared > 0 && partial_sums_mismatched == 0 && outputs_mismatched == 0 &&
           counter_errors == 0 && protocol_errors == 0;
  }
};

/// Tiles of a whole run: passes of tokens x tiles of columns x tiles along K.
[[nodiscard]] std::int64_t layer_tiles(const Config& config, const golden::QuantizedTensor& weights,
                                       const golden::QuantizedActivations& activations,
                                       const LayerRunOptions& options);

/// Runs the GEMM of a layer tile by tile, each chunk on a model of its own, and compares every partial sum
/// with golden::tile_partial_sums and, unless tiles are left out, the accumulated outputs with golden::gemm.
/// A mismatch is a result. Errors: check_operands; first_tile beyond the layer; the core broke its protocol
/// (names the chunk's first tile).
[[nodiscard]] Result<LayerRunResult> run_layer(const Design& design, const OpenModel& open,
                                               const golden::QuantizedTensor& weights,
                                               const golden::QuantizedActivations& activations,
                                               const LayerRunOptions& options);

/// Window of cycles to record.
struct TraceWindow {
  std::filesystem::path file;    ///< FST
  std::uint64_t from_cycle = 0;  ///< of the chunk, as in LayerMismatch::cycle
  std::uint64_t cycles = 1000;
};

/// Runs the chunk that begins at options.first_tile again, on a model of flavour `trace`, and records a
/// window of it. @return cycles recorded: fewer than asked for if the chunk ends. Errors as run_layer, and a
/// file that cannot be written.
[[nodiscard]] Result<std::uint64_t> trace_layer(const Design& design, const OpenModel& open,
                                                const golden::QuantizedTensor& weights,
                                                const golden::QuantizedActivations& activations,
                                                const LayerRunOptions& options, const TraceWindow& window);

}  // namespace msq::tb
