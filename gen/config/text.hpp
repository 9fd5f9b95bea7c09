#pragma once

#include <string>
#include <string_view>

#include "gen/config/config.hpp"

namespace msq {

/// True for 1 to kMaxNameLength letters, digits, '_', '-' or '.', starting with a letter, digit or '_'.
[[nodiscard]] bool is_safe_name(std::string_view name);

/// Text for a terminal: quotes as they are, other bytes outside printable ASCII as \xNN, cut to `max_length`
/// with "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_length = 60);

}  // namespace msq
