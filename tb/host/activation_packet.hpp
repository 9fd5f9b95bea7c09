#pragma once

#include <cstdint>

#include "gen/arch/dimensions.hpp"
#include "golden/tensor.hpp"
#include "tb/host/packet.hpp"

namespace msq::tb {

/// Packet of the tokens m0 .. m0 + tokens - 1. @param tile_rows rows of K of a tile.
[[nodiscard]] Packet activation_packet(const Dimensions& d, const golden::QuantizedActivations& activations,
                                       std::int64_t m0, int tokens, int tile_rows);

}  // namespace msq::tb
