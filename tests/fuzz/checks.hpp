#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace msq::tests {

/// Reads bytes with one reader. Returns whether they were accepted; aborts if a result breaks what the reader
/// promises.
using FuzzCheck = bool (*)(std::span<const std::byte> bytes);

struct FuzzTarget {
  std::string_view name;  ///< of the fuzzer (fuzz_<name>) and of its corpus
  FuzzCheck check;
};

/// Every reader of the program: npy, safetensors (with quantized tensors), onnx, config, packed (a quantized
/// tensor's streams), liberty, stat and log (output of Yosys), lef and def (of qflow, with the wiring of
/// the design read).
[[nodiscard]] const std::vector<FuzzTarget>& fuzz_targets();

}  // namespace msq::tests
