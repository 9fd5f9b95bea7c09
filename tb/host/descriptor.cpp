#include "tb/host/descriptor.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

#include "gen/arch/shell.hpp"

namespace msq::tb {
namespace {

constexpr std::int64_t kBlock = 128;  // outputs that share a scale

void put(std::array<std::uint32_t, 16>& words, std::string_view name, std::uint64_t value) {
  for (const DescriptorField& f : descriptor_fields()) {
    if (f.name != name) continue;
    if (f.width < 64 && value >> f.width != 0)
      throw std::logic_error("descriptor: too large: " + std::string(name));
    const auto at = static_cast<std::size_t>(f.word);
    words.at(at) |= static_cast<std::uint32_t>(value << f.lsb);
    if (f.width == 64) words.at(at + 1) = static_cast<std::uint32_t>(value >> 32);
    return;
  }
  throw std::logic_error("descriptor: no field " + std::string(name));
}

}  // namespace

std::array<std::uint32_t, 16> Descriptor::words() const {
  std::array<std::uint32_t, 16> all{};
  put(all, "marker", kDescriptorMarker);
  put(all, "last", last ? 1 : 0);
  put(all, "interrupt", interrupt ? 1 : 0);
  put(all, "wait", wait ? 1 : 0);
  put(all, "activations", activations ? 1 : 0);
  put(all, "format", static_cast<std::uint64_t>(format));
  put(all, "log2_rows", static_cast<std::uint64_t>(log2_rows));
  put(all, "log2_block", static_cast<std::uint64_t>(log2_block));
  put(all, "tokens", tokens);
  put(all, "depth", depth);
  put(all, "columns", columns);
  put(all, "weight_bytes", weight_bytes);
  put(all, "activation_bytes", activation_bytes);
  put(all, "output_bytes", output_bytes);
  put(all, "values", values);
  put(all, "weight_address", weight_address);
  put(all, "activation_address", activation_address);
  put(all, "output_address", output_address);
  put(all, "next", next);
  return all;
}

std::vector<std::uint8_t> packet_bytes(const Packet& packet) {
  const std::size_t bytes = static_cast<std::size_t>(packet.beat_bits) / 8;
  std::vector<std::uint8_t> all;
  all.reserve(packet.beats() * bytes);
  for (std::size_t b = 0; b < packet.beats(); ++b) {
    const auto beat = packet.beat(b);
    for (std::size_t i = 0; i < bytes; ++i)
      all.push_back(static_cast<std::uint8_t>(beat[i / 4] >> (8 * (i % 4))));
  }
  return all;
}

ActivationLayout activation_layout(const Dimensions& d, std::int64_t k, int tokens) {
  const std::int64_t word = d.activation_beat / 8;
  const std::int64_t scales = (k + kBlock - 1) / kBlock * tokens;
  const std::int64_t values = (scales + word - 1) / word * word;
  const std::int64_t tiles = (k + d.rows - 1) / d.rows;
  return {static_cast<std::uint32_t>(scales), static_cast<std::uint32_t>(values),
          static_cast<std::uint32_t>(values + tiles * tokens * word)};
}

}  // namespace msq::tb
