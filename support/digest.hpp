#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace msq {

/// Fingerprint of bytes that arrive in any portions. Distinguishes contents that differ by accident; it is no
/// defence against someone who wants two to look alike, and another build of the program may give another
/// one.
class Digest {
 public:
  void add(std::span<const std::byte> bytes);
  /// The elements of a vector or the like, as they are in memory.
  template <class T>
  void add_values(std::span<const T> values) {
    add(std::as_bytes(values));
  }

  /// 16 hexadecimal digits for everything added so far, and how many bytes that was.
  [[nodiscard]] std::string text() const;

 private:
  static constexpr std::size_t kBlock = 65536;

  std::string rest_;      ///< bytes of a block that is not full
  std::size_t hash_ = 0;  ///< of the blocks before
  std::size_t bytes_ = 0;
};

}  // namespace msq
