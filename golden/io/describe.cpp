#include "golden/io/describe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace msq::golden {

std::string in_quotes(std::string_view text, std::size_t limit) {
  std::string out = "'";
  for (const char c : text.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  out += text.size() > limit ? "...'" : "'";
  return out;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", "));
}

bool byte_count(std::span<const std::int64_t> shape, std::int64_t element_bytes, std::int64_t& bytes) {
  bytes = element_bytes;
  for (const std::int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(bytes, extent, &bytes)) {
      return false;
    }
  }
  return true;
}

}  // namespace msq::golden
