#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "support/result.hpp"

namespace msq::golden {

/// Bytes of known length read at any offset: a regular file, or memory (tests, fuzzing).
class ByteSource {
 public:
  ByteSource(std::string name, std::uint64_t size) : name_(std::move(name)), size_(size) {}
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  /// Name in messages: the path as the user gave it.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Length in bytes when it was opened.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Fills `out` from `offset`. Error: the range is not there (a file may shrink while it is read), or
  /// reading failed.
  [[nodiscard]] virtual Result<> read(std::uint64_t offset, std::span<std::byte> out) const = 0;

 private:
  std::string name_;
  std::uint64_t size_;
};

/// Opens a regular file. Error: it is missing, unreadable, or a directory, FIFO or device (never waits on
/// one).
[[nodiscard]] Result<std::unique_ptr<ByteSource>> open_file(const std::filesystem::path& path);

/// Reads from `bytes`, which must outlive the source.
[[nodiscard]] std::unique_ptr<ByteSource> memory_source(std::span<const std::byte> bytes, std::string name);

}  // namespace msq::golden
