#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <stdexcept>
#include <vector>

#include "gen/arch/registers.hpp"
#include "gen/config/serialize.hpp"
#include "msq_pack.h"
#include "tests/accelerator/random_job.hpp"

namespace msq::tests {

/// A register file that reads as the map of a design says.
class Registers {
 public:
  explicit Registers(const Config& config) {
    for (const Register& r : register_map(Dimensions(config), short_config_hash(config)))
      for (const RegisterField& f : r.fields)
        if (f.access == Access::constant) words_[r.offset] |= f.value << f.lsb;
  }
  [[nodiscard]] msq_io io() { return {read, write, this}; }

 private:
  static std::uint32_t read(void* context, std::uint32_t offset) {
    return static_cast<Registers*>(context)->words_[static_cast<int>(offset)];
  }
  static void write(void* context, std::uint32_t offset, std::uint32_t value) {
    static_cast<Registers*>(context)->words_[static_cast<int>(offset)] = value;
  }
  std::map<int, std::uint32_t> words_;
};

inline msq_capabilities capabilities_of(const Config& config) {
  Registers registers(config);
  const msq_io io = registers.io();
  msq_capabilities found{};
  const msq_status status = msq_read_capabilities(&io, &found);
  if (status != MSQ_OK) throw std::logic_error(msq_status_text(status) + to_json(config));
  return found;
}

inline std::vector<std::uint8_t> bytes_of(const tb::Packet& packet) {
  std::vector<std::uint8_t> bytes;
  const auto beat_bytes = static_cast<std::size_t>(packet.beat_bits / 8);
  for (std::size_t beat = 0; beat < packet.beats(); ++beat)
    for (std::size_t i = 0; i < beat_bytes; ++i)
      bytes.push_back(static_cast<std::uint8_t>(packet.beat(beat)[i / 4] >> i % 4 * 8));
  return bytes;
}

/// The driver's plan of a job; closes itself.
class Pack {
 public:
  Pack(const msq_capabilities& array, const msq_layer& layer, const msq_request& request,
       const msq_allocator* allocator)
      : status(msq_pack_open(&pack, &array, &layer, &request, allocator)) {}
  ~Pack() { msq_pack_close(pack); }
  Pack(const Pack&) = delete;
  Pack& operator=(const Pack&) = delete;
  msq_pack* pack = nullptr;
  msq_status status;

  [[nodiscard]] std::vector<std::uint8_t> weights(std::uint32_t pass) const {
    std::vector<std::uint8_t> bytes(msq_pack_weight_bytes(pack, pass), 0xee);
    EXPECT_EQ(msq_pack_weights(pack, pass, bytes.data(), bytes.size()), MSQ_OK);
    return bytes;
  }
  [[nodiscard]] std::vector<std::uint8_t> activations(std::uint32_t pass,
                                                      const golden::QuantizedActivations& x) const {
    std::vector<std::uint8_t> bytes(msq_pack_activation_bytes(pack, pass), 0xee);
    EXPECT_EQ(msq_pack_activations(pack, pass, x.values.data(), x.scales.data(), bytes.data(), bytes.size()),
              MSQ_OK);
    return bytes;
  }
};

inline msq_request request_of(const DrawnJob& drawn) {
  return {static_cast<std::uint32_t>(drawn.activations.m), static_cast<std::uint32_t>(drawn.activations.bits),
          static_cast<std::uint32_t>(drawn.activations.block), static_cast<std::uint32_t>(drawn.format),
          static_cast<std::uint32_t>(drawn.tokens_per_pass)};
}

}  // namespace msq::tests
