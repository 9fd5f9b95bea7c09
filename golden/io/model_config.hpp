#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace msq::golden {

/// What config.json beside a checkpoint says about its tensors. A field that it does not have is empty; of
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

/// Reads config.json. Error: those of read_json_file; a field of another type or out of range (key, what was
/// found and what is allowed).
[[nodiscard]] Result<ModelConfig> read_model_config(const std::filesystem::path& path);

}  // namespace msq::golden
