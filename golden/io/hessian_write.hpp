#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "golden/quantize/calibration.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// Sums over the activations of an input, which are made while the file is written.
struct InputSums {
  std::string name;
  std::int64_t k = 0;
  std::int64_t tokens = 0;
  std::function<Result<Calibration>()> make;  ///< of so many inputs and tokens, with the largest
};

/// Writes a file that HessianFile reads, atomically: sums in float32. `input_of` has the layers that are not
/// called as their input. The sums of one input are held in memory at a time. Error: those of `make` and of
/// stream_safetensors; sums beyond float32, with the name of the input.
[[nodiscard]] Result<> write_hessians(const std::filesystem::path& path, std::span<const InputSums> inputs,
                                      const std::map<std::string, std::string>& input_of);

}  // namespace msq::golden
