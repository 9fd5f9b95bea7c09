#include "support/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>

namespace msq {
namespace {

/// Hash of a block after those with hash `before`.
std::size_t chained(std::size_t before, std::string_view block) {
  const std::size_t parts[] = {before, std::hash<std::string_view>{}(block)};
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(parts), sizeof(parts)});
}

}  // namespace

void Digest::add(std::span<const std::byte> bytes) {
  bytes_ += bytes.size();
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!text.empty()) {
    if (rest_.empty() && text.size() >= kBlock) {  // without a copy
      hash_ = chained(hash_, text.substr(0, kBlock));
      text.remove_prefix(kBlock);
      continue;
    }
    const std::size_t taken = std::min(kBlock - rest_.size(), text.size());
    rest_ += text.substr(0, taken);
    text.remove_prefix(taken);
    if (rest_.size() < kBlock) continue;
    hash_ = chained(hash_, rest_);
    rest_.clear();
  }
}

std::string Digest::text() const { return fmt::format("{:016x}-{}", chained(hash_, rest_), bytes_); }

}  // namespace msq
