#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "golden/io/safetensors.hpp"

namespace msq::golden {

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

}  // namespace msq::golden
