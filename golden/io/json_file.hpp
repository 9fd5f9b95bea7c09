#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "support/result.hpp"

namespace msq::golden {

/// Longest JSON file that is read: the index of a checkpoint of 90,000 tensors has 9 MB.
inline constexpr std::uint64_t kMaxJsonFileBytes = 100'000'000;

/// Reads a JSON object. Error (names the file, and the place where there is one): it cannot be read, is
/// longer than kMaxJsonFileBytes, malformed, no object, nested deeper than 64, or has a key twice.
[[nodiscard]] Result<nlohmann::json> read_json_file(const std::filesystem::path& path);

}  // namespace msq::golden
