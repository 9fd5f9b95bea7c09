#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "flow/layer/dequantize_plan.hpp"
#include "support/result.hpp"

namespace msq::flow {

struct DequantizeRequest {
  std::string quantized;   ///< file that `quantize` wrote
  std::string checkpoint;  ///< path of the original (golden::find_checkpoint); empty: the layers alone
  /// One file, if the name ends in .safetensors; else a directory, new or empty, with the checkpoint's other
  /// files.
  std::filesystem::path output;
  DequantizedForm form;
  std::optional<std::uint64_t> max_shard_bytes;  ///< none: the checkpoint's own shards
};

struct DequantizedModel {
  std::string quantized, checkpoint, output;
  std::size_t layers = 0;     ///< given back
  std::size_t converted = 0;  ///< other tensors of 8-bit floats, as BF16
  std::size_t copied = 0;     ///< tensors as they were
  std::size_t dropped = 0;    ///< scales of 8-bit floats
  std::size_t shards = 0, other_files = 0;
  std::uint64_t bytes = 0;  ///< of all tensors
};

/// Writes the layers of a quantized file as ordinary weights, alone or in place in the checkpoint that was
/// quantized, so that what loads the original loads the result. Files appear whole; memory used is that of a
/// layer. A weight is the exact value over its row's input scale, rounded to its type once. Errors: those of
/// planning (plan_layers, plan_checkpoint), reading and writing; a layer whose weights are not those of the
/// checkpoint; an output that is the checkpoint, or a
/// directory that is not empty; a size of shards, or a directory, without a checkpoint. After an error
/// nothing of the output is left.
[[nodiscard]] Result<DequantizedModel> dequantize_model(const DequantizeRequest& request);

}  // namespace msq::flow
