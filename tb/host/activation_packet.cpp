#include "tb/host/activation_packet.hpp"

#include "golden/exec/alignment.hpp"
#include "tb/host/bits.hpp"
#include "tb/host/stream_format.hpp"

namespace msq::tb {
namespace {

using golden::QuantizedActivations;

/// One byte for each [block along K][token].
void put_scales(PacketWriter& out, const QuantizedActivations& x, std::int64_t m0, int tokens) {
  const golden::ActivationAlignment alignment(x);
  for (std::int64_t g = 0; g < x.groups(); ++g) {
    for (int t = 0; t < tokens; ++t) {
      const auto exponent = alignment.exponent(m0 + t, g);
      out.put(8, exponent ? low_bits(*exponent, 8) : kZeroBlock);
    }
  }
  out.align();
}

/// Values of a token for the tile that begins at k0; zero beyond the tile and beyond K.
void put_values(PacketWriter& out, const Dimensions& d, const QuantizedActivations& x, std::int64_t m,
                std::int64_t k0, int tile_rows) {
  for (int r = 0; r < d.rows; ++r) {
    const bool exists = r < tile_rows && k0 + r < x.k;
    const int value = exists ? x.values[static_cast<std::size_t>(m * x.k + k0 + r)] : 0;
    out.put(d.stream_act_bits, low_bits(value, d.stream_act_bits));
  }
  out.align();
}

}  // namespace

Packet activation_packet(const Dimensions& d, const QuantizedActivations& activations, std::int64_t m0,
                         int tokens, int tile_rows) {
  PacketWriter out(d.activation_beat);
  put_scales(out, activations, m0, tokens);
  for (std::int64_t k0 = 0; k0 < activations.k; k0 += tile_rows) {
    for (int t = 0; t < tokens; ++t) put_values(out, d, activations, m0 + t, k0, tile_rows);
  }
  return out.take();
}

}  // namespace msq::tb
