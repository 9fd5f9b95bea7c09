#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "golden/io/safetensors.hpp"

namespace msq::golden {

/// Values that share a scale in OCP MXFP4.
inline constexpr std::int64_t kMxfp4Block = 32;

/// "X" if the tensor is "X_blocks", U8 [experts][rows][blocks][16], as gpt-oss is published; empty otherwise.
[[nodiscard]] std::string mxfp4_name(const TensorInfo& tensor);

/// Name of the tensor of scales of "X_blocks": "X_scales", U8 [experts][rows][blocks].
[[nodiscard]] std::string mxfp4_scales_name(const TensorInfo& blocks);

/// Nothing if `scales` (null: there is no such tensor) fit the blocks, else the problem.
[[nodiscard]] std::string check_mxfp4(const TensorInfo& blocks, const TensorInfo* scales);

/// Values of blocks of 16 bytes, the lower half of a byte first: E2M1 codes times 2^(scale - 127), exact. A
/// scale of 255 is NaN. `codes` has 16 bytes for each scale.
[[nodiscard]] std::vector<float> decode_mxfp4(std::span<const std::byte> codes,
                                              std::span<const std::byte> scales);

}  // namespace msq::golden
