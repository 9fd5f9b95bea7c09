#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace msq::tb {

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

/// Fills a packet field by field, from the least significant bit of each beat.
class PacketWriter {
 public:
  explicit PacketWriter(int beat_bits) { packet_.beat_bits = beat_bits; }

  /// Next field of `width` bits (1..32); it continues in the next beat where the beat ends inside it.
  void put(int width, std::uint32_t value);
  /// The next field begins a beat.
  void align() { used_ = 0; }
  /// The next field begins at a multiple of `bits` in the beat; a divisor of its bits.
  void align(int bits) { used_ = (used_ + bits - 1) / bits * bits % packet_.beat_bits; }
  [[nodiscard]] Packet take() { return std::move(packet_); }

 private:
  Packet packet_;
  int used_ = 0;  ///< bits of the last beat
};

}  // namespace msq::tb
