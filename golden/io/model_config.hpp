#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace msq::golden {

/// Facts about the tensors of a checkpoint from config.json beside it. A field without a key is empty; of
/// models with several parts those of `text_config` count.
struct ModelConfig {
  std::string model_type;                  ///< such as "llama"
  std::vector<std::string> architectures;  ///< such as "LlamaForCausalLM"
  std::optional<std::int64_t> hidden_size;
  std::optional<bool> tied;  ///< output projection and embedding are one tensor
  std::string quantization;  ///< quantization_config.quant_method, such as "fp8"
  /// [rows, columns] of the blocks that share a scale.
  std::optional<std::array<std::int64_t, 2>> scale_block;
};

/// Reads config.json. Error: those of read_json_file; a field of another type or out of range (key, value
/// found and allowed values).
[[nodiscard]] Result<ModelConfig> read_model_config(const std::filesystem::path& path);

}  // namespace msq::golden
