#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
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

/// Takes the bytes of a file in portions, in order.
class FileSink {
 public:
  FileSink(int descriptor, const std::filesystem::path& path) : descriptor_(descriptor), path_(path) {}

  /// Error (names path and reason): disk full or another failure.
  [[nodiscard]] Result<> write(std::span<const std::byte> bytes);

 private:
  int descriptor_;
  const std::filesystem::path& path_;
};

/// Passes the contents of a file to the sink, portion by portion.
using FileContents = std::function<Result<>(FileSink& sink)>;

/// As above, for files that need not fit into memory. Error: also that of `contents`; `path` is then left as
/// it was.
[[nodiscard]] Result<> write_file_atomically(const std::filesystem::path& path, const FileContents& contents);

/// Removes the temporaries of all writes under way; those writes then fail. For a signal handler that ends
/// the program: uses only lock-free atomics and unlink, and keeps errno. Call _exit after it, so that no
/// write begins anew.
void remove_pending_files() noexcept;

}  // namespace msq::golden
