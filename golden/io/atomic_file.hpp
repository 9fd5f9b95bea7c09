#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "support/result.hpp"

namespace msq::golden {

/// Makes `path` hold exactly `bytes`, or leaves it as it was: writes a temporary beside it
/// (".NAME.RANDOM.tmp") and renames it. Readers see the old file or the new one, never a part. A link to an
/// existing file is followed; an existing file keeps its permissions; a device or FIFO (such as /dev/stdout)
/// is written in place, since it cannot be replaced. The temporary is removed on every failure. Guards
/// against failures of the program, not against power loss. Error (names path and reason): missing or
/// unwritable directory, `path` is a directory or a write-protected file, disk full, too many files being
/// written at once (32), interrupted by remove_pending_files.
[[nodiscard]] Result<> write_file_atomically(const std::filesystem::path& path,
                                             std::span<const std::byte> bytes);
[[nodiscard]] Result<> write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// Removes the temporaries of all writes under way; those writes then fail. For a signal handler that ends
/// the program: uses only lock-free atomics and unlink, and keeps errno. Call _exit after it, so that no
/// write begins anew.
void remove_pending_files() noexcept;

}  // namespace msq::golden
