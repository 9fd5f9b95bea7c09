#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "gen/config/config.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"
#include "tb/host/packet.hpp"
#include "tb/host/stream_format.hpp"
#include "tb/host/weight_stream.hpp"

namespace msq::tb {

// From golden data to the packets of the accelerator's input streams (docs/reference/streams.md).

/// A GEMM for the accelerator: register settings and input packets, one of each kind per pass.
struct AcceleratorJob {
  std::int64_t m = 0, k = 0, n = 0;
  int tokens_per_pass = 1;
  int log2_tile_rows = 3;
  int log2_block = 7;
  OutputFormat format = OutputFormat::fp32;
  std::vector<Packet> weights, activations;
  std::vector<StreamTile> tiles;  ///< of all passes, in the order in which they run

  [[nodiscard]] std::int64_t passes() const { return golden::TokenPasses{m, tokens_per_pass}.count(); }
  [[nodiscard]] int tokens(std::int64_t pass) const {
    return golden::TokenPasses{m, tokens_per_pass}.tokens(pass);
  }
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

/// Value of a register, by its name in docs/reference/registers.md.
struct RegisterSetting {
  std::string_view name;
  std::uint32_t value = 0;
};
/// Registers that describe a job, to be written before `control.start`.
[[nodiscard]] std::vector<RegisterSetting> register_settings(const AcceleratorJob& job);

}  // namespace msq::tb
