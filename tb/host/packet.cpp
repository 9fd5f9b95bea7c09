#include "tb/host/packet.hpp"

#include <algorithm>

#include "tb/host/bits.hpp"

namespace msq::tb {

void PacketWriter::put(int width, std::uint32_t value) {
  while (width > 0) {
    if (used_ == 0) packet_.words.resize(packet_.words.size() + packet_.words_per_beat());
    const int here = std::min(width, packet_.beat_bits - used_);
    put_bits(std::span(packet_.words).last(packet_.words_per_beat()), used_, here, low_bits(value, here));
    used_ = (used_ + here) % packet_.beat_bits;
    value = here < 32 ? value >> here : 0;
    width -= here;
  }
}

}  // namespace msq::tb
