#pragma once

#include <cstddef>
#include <span>

namespace msq::golden::testing {

/// Reads `bytes` as a file in every way the readers offer. Returns whether the file was accepted; aborts if a
/// result breaks what the readers promise (shape and values agree, messages name the file).
bool check_npy(std::span<const std::byte> bytes);
bool check_safetensors(std::span<const std::byte> bytes);
bool check_onnx(std::span<const std::byte> bytes);

}  // namespace msq::golden::testing
