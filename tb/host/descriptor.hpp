#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "tb/host/packet.hpp"
#include "tb/host/stream_format.hpp"

namespace msq::tb {

/// Descriptor of a job of the shell (docs/reference/soc.md).
struct Descriptor {
  bool last = false, interrupt = false, wait = false;
  bool activations = false;  ///< outputs are laid out as activations of a next layer
  OutputFormat format = OutputFormat::fp32;
  int log2_rows = 3, log2_block = 7;
  std::uint32_t tokens = 0, depth = 0, columns = 0;
  std::uint32_t weight_bytes = 0, activation_bytes = 0, output_bytes = 0;
  std::uint32_t values = 0;  ///< offset of the values in outputs that are activations
  std::uint64_t weight_address = 0, activation_address = 0, output_address = 0, next = 0;

  /// The 64 bytes that the shell reads, as words of 32 bits.
  [[nodiscard]] std::array<std::uint32_t, 16> words() const;
};

/// Words that the shell writes behind a descriptor.
struct Completion {
  explicit Completion(std::array<std::uint32_t, 4> words)
      : written((words[0] >> 31) != 0), code(words[0] & 0xffU), job(words[1]), cycles(words[2]) {}
  bool written;
  unsigned code;         ///< error code, 0 if none
  std::uint32_t job;     ///< number of the job in its list, from 0 on
  std::uint32_t cycles;  ///< of the list, up to its end
};

/// Bytes of a packet as memory holds them.
[[nodiscard]] std::vector<std::uint8_t> packet_bytes(const Packet& packet);

/// Place of an activation packet's values, and its bytes, of a pass of `tokens` tokens and K positions in
/// tiles of all rows and blocks of 128: also that of MX outputs which are laid out as activations.
struct ActivationLayout {
  std::uint32_t scales = 0;  ///< bytes of scales in use
  std::uint32_t values = 0;  ///< offset of the values
  std::uint32_t bytes = 0;
};
[[nodiscard]] ActivationLayout activation_layout(const Dimensions& d, std::int64_t k, int tokens);

}  // namespace msq::tb
