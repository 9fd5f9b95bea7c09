#pragma once

#include <filesystem>

#include "support/result.hpp"

namespace msq::tb {

/// Writes LIBRARY.sum: size and CRC-32 of the file, as "12345 89abcdef" and a newline. A library that was cut
/// off or changed must not be loaded: the loader does not look, and reading beyond the end is a SIGBUS.
[[nodiscard]] Result<> seal_model(const std::filesystem::path& library);

/// Whether a regular file is as it was sealed.
[[nodiscard]] bool is_sealed(const std::filesystem::path& library);

}  // namespace msq::tb
