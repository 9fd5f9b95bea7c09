#include "tb/sim/model_seal.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "golden/io/atomic_file.hpp"
#include "support/files.hpp"

namespace msq::tb {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::uint32_t, 256> crc_table() {
  constexpr std::uint32_t kPolynomial = 0xedb88320;  // of IEEE 802.3, lowest bit first, as zlib has it
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ ((value & 1) != 0 ? kPolynomial : 0);
    table[byte] = value;
  }
  return table;
}

std::uint32_t crc32(std::string_view bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = crc_table();
  std::uint32_t value = 0xffffffff;
  for (const char byte : bytes)
    value = value >> 8 ^ kTable[(value ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~value;
}

fs::path seal_of(const fs::path& library) { return library.string() + ".sum"; }

std::optional<std::string> seal_text(const fs::path& library) {
  const auto bytes = read_text(library);
  if (!bytes) return std::nullopt;
  return fmt::format("{} {:08x}\n", bytes->size(), crc32(*bytes));
}

}  // namespace

Result<> seal_model(const fs::path& library) {
  const auto text = seal_text(library);
  if (!text) return Error(fmt::format("{}: cannot read the model", library.string()));
  return golden::write_file_atomically(seal_of(library), *text);
}

bool is_sealed(const fs::path& library) {
  const auto seal = read_text(seal_of(library));
  const auto expected = seal_text(library);
  return seal && expected && *seal == *expected;
}

}  // namespace msq::tb
