#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/safetensors.hpp"

namespace msq::golden {

/// Longest header that is read or written; the limit of the format's own library.
inline constexpr std::uint64_t kMaxSafetensorsHeaderBytes = 100'000'000;

struct SafetensorsHeader {
  std::vector<TensorInfo> tensors;  ///< in the order of the data
  Metadata metadata;
};

/// Bytes of one element of a safetensors dtype ("F32": 4); nothing for a type this reader does not know.
[[nodiscard]] std::optional<std::int64_t> dtype_bytes(std::string_view dtype);

/// Parses and checks the JSON header; `data_bytes` is the length of the data section behind it. Memory used
/// is a small multiple of the text's length. Error (without the file's name): see SafetensorsReader::open.
[[nodiscard]] Result<SafetensorsHeader> parse_safetensors_header(std::string_view text,
                                                                 std::uint64_t data_bytes);

/// Order of the data of two tensors: wide types first, so that every tensor is aligned without padding, then
/// names ascending.
[[nodiscard]] bool comes_before(const TensorInfo& a, const TensorInfo& b);

/// Length and text of the header for `tensors`, whose begin and end are set; padded with spaces to a multiple
/// of 8 bytes. Error: a name used twice or reserved (`__metadata__`), text that is not
/// UTF-8, a header beyond the limit.
[[nodiscard]] Result<std::string> safetensors_header_bytes(std::span<const TensorInfo> tensors,
                                                           const Metadata& metadata);

}  // namespace msq::golden
