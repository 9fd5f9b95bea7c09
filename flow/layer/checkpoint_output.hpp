#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "flow/layer/dequantize_plan.hpp"
#include "golden/io/checkpoint_files.hpp"
#include "golden/io/safetensors.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// A file of the output and its tensors.
struct OutputShard {
  std::string name;
  std::vector<const OutputTensor*> tensors;  ///< wide types first, so that each is aligned; then by names
  golden::Metadata metadata;
};

/// One file with all tensors.
[[nodiscard]] std::vector<OutputShard> single_shard(const DequantizePlan& plan, std::string name);

/// The shards of the checkpoint, under their names. Error: that of opening them.
[[nodiscard]] Result<std::vector<OutputShard>> shards_as_before(const DequantizePlan& plan,
                                                                const golden::CheckpointFiles& files);

/// Files model-00001-of-0000N.safetensors, or model.safetensors if all tensors fit into one; `max_bytes`
/// limits the data of a file; a larger tensor has a file of its own.
[[nodiscard]] std::vector<OutputShard> shards_of_size(const DequantizePlan& plan, std::uint64_t max_bytes);

/// The text of model.safetensors.index.json.
[[nodiscard]] std::string index_text(const std::vector<OutputShard>& shards);

/// config.json for weights of another type: `type` replaces the type of the model's parameters; of a
/// checkpoint of 8-bit floats that was converted the settings of its quantization go. Error: no JSON object.
[[nodiscard]] Result<std::string> changed_config(const std::filesystem::path& config,
                                                 std::optional<golden::FloatType> type,
                                                 bool drop_quantization);

/// Files of a directory that belong to a checkpoint without being weights: tokenizer, generation settings,
/// texts. config.json, weights of any format and their indexes are left out, as are directories. In order of
/// their names.
[[nodiscard]] std::vector<std::filesystem::path> other_files(const std::filesystem::path& directory);

}  // namespace msq::flow
