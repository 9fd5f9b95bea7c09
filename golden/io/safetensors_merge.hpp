#pragma once

#include <filesystem>
#include <span>

#include "support/result.hpp"

namespace msq::golden {

/// Writes the tensors and the metadata of several .safetensors files to one, atomically: the same bytes as
/// safetensors_bytes of all of them. Memory used does not depend on the size of the data. Error: a file
/// cannot be read (SafetensorsReader::open); a tensor name in two files; a metadata key with two values;
/// those of write_file_atomically.
[[nodiscard]] Result<> merge_safetensors(const std::filesystem::path& output,
                                         std::span<const std::filesystem::path> parts);

}  // namespace msq::golden
