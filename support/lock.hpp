#pragma once

#include <filesystem>
#include <memory>

#include "support/result.hpp"

namespace msq {

/// Lock (flock) of a file or directory for as long as the object lives; it also ends with the process,
/// however that ends. Exclusive, except for joined_directory().
class Lock {
 public:
  /// Makes the file if it is missing, and waits until no other process holds it. Error: it cannot be opened
  /// or locked.
  [[nodiscard]] static Result<Lock> wait_for_file(const std::filesystem::path& file);
  /// Errors: another process, or another Lock of this one, holds the directory; it cannot be opened or
  /// locked.
  [[nodiscard]] static Result<Lock> directory(const std::filesystem::path& directory);
  /// Held together with other joined_directory() locks, of this process and others, against directory().
  /// Errors: those of directory().
  [[nodiscard]] static Result<Lock> joined_directory(const std::filesystem::path& directory);
  /// As directory(), and whoever asks again in this process shares the lock.
  [[nodiscard]] static Result<std::shared_ptr<const Lock>> shared_directory(
      const std::filesystem::path& directory);

  Lock(Lock&& other) noexcept;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  Lock& operator=(Lock&&) = delete;
  ~Lock();

 private:
  explicit Lock(int descriptor) : descriptor_(descriptor) {}
  [[nodiscard]] static Result<Lock> take(const std::filesystem::path& path, int open_flags, int operation);

  int descriptor_;
};

}  // namespace msq
