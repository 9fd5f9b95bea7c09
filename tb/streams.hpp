#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "gen/config/config.hpp"
#include "golden/exec/accumulate.hpp"
#include "golden/exec/mapping.hpp"
#include "golden/tensor.hpp"
#include "model/timeline.hpp"
#include "support/result.hpp"

namespace msq::tb {

// From golden data to the packets of the accelerator's streams and back (docs/accelerator.md, "Streams").

/// Beats of a packet; the last one carries `last`.
struct Packet {
  int beat_bits = 0;
  std::vector<std::uint32_t> words;  ///< beats x words_per_beat(), least significant first

  [[nodiscard]] std::size_t words_per_beat() const { return (static_cast<std::size_t>(beat_bits) + 31) / 32; }
  [[nodiscard]] std::size_t beats() const { return words.size() / words_per_beat(); }
  [[nodiscard]] std::span<const std::uint32_t> beat(std::size_t i) const {
    return std::span(words).subspan(i * words_per_beat(), words_per_beat());
  }
};

/// Format of the outputs, as the register `format` has it.
enum class OutputFormat { raw = 0, fp32 = 1, mx8 = 2, mx4 = 3 };

/// A GEMM for the accelerator: register settings and input packets, one of each kind a pass.
struct AcceleratorJob {
  std::int64_t m = 0, k = 0, n = 0;
  int tokens_per_pass = 1;
  int log2_tile_rows = 3;
  int log2_block = 7;
  OutputFormat format = OutputFormat::fp32;
  std::vector<Packet> weights, activations;
  std::vector<model::TilePlan> tiles;  ///< of all passes, in the order in which they run

  [[nodiscard]] std::int64_t passes() const { return (m + tokens_per_pass - 1) / tokens_per_pass; }
  [[nodiscard]] int tokens(std::int64_t pass) const {
    return static_cast<int>(std::min<std::int64_t>(tokens_per_pass, m - pass * tokens_per_pass));
  }
  /// For model::predict, with `tiles`.
  [[nodiscard]] model::GemmPlan plan() const;
  [[nodiscard]] std::int64_t tiles_k() const { return (k + (1 << log2_tile_rows) - 1) >> log2_tile_rows; }
};

/// Most tokens of a pass that fit the accumulators and, with K positions, half of the activation buffer; 0 if
/// not even one fits.
[[nodiscard]] int tokens_that_fit(const Dimensions& d, std::int64_t k, int log2_tile_rows);

/// Makes the job of X * [W_0 W_1 ..]: tensors side by side along N, which may differ in mode.
/// `tokens_per_pass` 0: as many as fit. Errors: check_operands of each tensor; different K or macro-blocks; a
/// tensor that ends inside a tile, or begins in mode 2 between two tiles of it; row shifts beyond
/// row_align_bits; what does not fit the buffers.
[[nodiscard]] Result<AcceleratorJob> make_job(const Config& config,
                                              std::span<const golden::QuantizedTensor> parts,
                                              const golden::QuantizedActivations& activations,
                                              OutputFormat format, int tokens_per_pass = 0);

/// Outlier units of a configuration with path `inline`.
[[nodiscard]] golden::UnitLimits unit_limits(const Config& config);

/// Golden result of a layer on an array of this configuration: where outliers find no unit a tile is split,
/// and each part is aligned by itself.
[[nodiscard]] Result<golden::GemmResult> layer_result(const Config& config,
                                                      const golden::QuantizedTensor& weights,
                                                      const golden::QuantizedActivations& activations);

/// Golden result of the job's GEMM on an array of this configuration, the tensors' columns side by side.
[[nodiscard]] Result<golden::GemmResult> golden_result(const Config& config,
                                                       std::span<const golden::QuantizedTensor> parts,
                                                       const golden::QuantizedActivations& activations);

/// The packets that the accelerator must give for this result, to the last bit.
[[nodiscard]] std::vector<Packet> expected_outputs(const Dimensions& d, const AcceleratorJob& job,
                                                   const golden::GemmResult& result);

/// MX outputs as activations of a next layer. The packets are those of expected_outputs' form.
[[nodiscard]] golden::QuantizedActivations read_mx_outputs(const Dimensions& d, const AcceleratorJob& job,
                                                           std::span<const Packet> packets);

}  // namespace msq::tb
