#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace msq::golden {

/// The files of a checkpoint.
struct CheckpointFiles {
  std::string name;                             ///< as the user gave it
  std::optional<std::filesystem::path> index;   ///< of several shards
  std::vector<std::filesystem::path> shards;    ///< .safetensors, in the order of their names
  std::optional<std::filesystem::path> config;  ///< config.json beside them, if it is there
  /// Shard of each tensor, as the index says: a place in `shards`. Empty without an index.
  std::map<std::string, std::size_t> shard_of = {};
};

/// Whether a path is one that find_checkpoint takes: a directory (not named as a file: .safetensors, .json,
/// .onnx, .npy), or a file NAME.safetensors or NAME.safetensors.index.json.
[[nodiscard]] bool is_checkpoint_path(const std::filesystem::path& path);

/// The files that a path means: a directory with model.safetensors.index.json or model.safetensors, an index,
/// or a single .safetensors file. Shards are not opened. Error (names the file and the allowed forms): the
/// directory holds none of the two, or both; the index cannot be read (read_json_file), has no weight_map of
/// texts, or names a shard that is missing, no .safetensors file, or outside of its directory.
[[nodiscard]] Result<CheckpointFiles> find_checkpoint(const std::filesystem::path& path);

}  // namespace msq::golden
