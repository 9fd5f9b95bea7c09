#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "support/interrupt.hpp"
#include "support/result.hpp"

namespace msq {

/// The regular file byte for byte, or its first `limit` bytes. Error: those of open_regular_file, or reading
/// failed.
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& path,
                                            std::size_t limit = std::numeric_limits<std::size_t>::max());

/// Writes the file anew, for a tool that reads it next; not atomic: results are written by
/// golden/io/atomic_file. Error (names path and reason): it cannot be opened or written.
[[nodiscard]] Result<> write_text(const std::filesystem::path& path, std::string_view text);

/// Whether two paths lead to one file on the disk, through links too, or are the same path of a file that is
/// not there yet.
[[nodiscard]] bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Whether make, abc and Yosys take a path as it is: letters, digits and /_-.+ only. They split at blanks,
/// and other characters may mean something to them.
[[nodiscard]] bool is_plain_path(const std::filesystem::path& path);

/// A new directory of temporary files with a plain path, that goes with its contents, also when the program
/// is interrupted.
class PlainDirectory {
 public:
  /// Below the system's place for temporary files, or /tmp if that is missing or has no plain path.
  [[nodiscard]] static Result<PlainDirectory> create();
  PlainDirectory(PlainDirectory&& other) noexcept;
  PlainDirectory(const PlainDirectory&) = delete;
  PlainDirectory& operator=(const PlainDirectory&) = delete;
  PlainDirectory& operator=(PlainDirectory&&) = delete;
  ~PlainDirectory();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit PlainDirectory(std::filesystem::path path);
  std::filesystem::path path_;
  std::unique_ptr<Cleanup> cleanup_;
};

}  // namespace msq
