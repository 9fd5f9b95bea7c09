#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace msq::golden {

/// Text of a file for use in a message: in single quotes, control characters and non-ASCII bytes as \xNN,
/// cut after `limit` characters. A hostile name can then neither flood nor steer a terminal.
[[nodiscard]] std::string in_quotes(std::string_view text, std::size_t limit = 80);

/// "[3, 4]"; "[]" for a scalar.
[[nodiscard]] std::string shape_text(std::span<const std::int64_t> shape);

/// Product of the extents times `element_bytes`; false if an extent is negative or the product exceeds 2^63
/// - 1.
[[nodiscard]] bool byte_count(std::span<const std::int64_t> shape, std::int64_t element_bytes,
                              std::int64_t& bytes);

}  // namespace msq::golden
