#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "flow/layer/quantization.hpp"
#include "gen/config/config.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Array for which cycles are predicted, and the number of tokens of each layer.
struct CycleTarget {
  Config config;  ///< valid
  std::int64_t tokens = 1;
  std::filesystem::path file = {};  ///< that the configuration was read from; empty: a preset

  /// Whether the array runs layers of both widths quantized with these choices, bits aside. Error names
  /// configuration, the value found and the allowed ones.
  [[nodiscard]] Result<> check(const QuantizerChoices& choices) const;
  /// Whether it runs a layer [k][n]. Error as above.
  [[nodiscard]] Result<> check_shape(const std::string& layer, std::int64_t k, std::int64_t n) const;
  /// Cycles of the accelerator for a layer that passes the checks, by its tiles and the places of its
  /// outliers; its ports never wait for memories (docs/reference/performance.md).
  [[nodiscard]] std::int64_t cycles(const golden::QuantizedTensor& tensor) const;
};

/// Limit for which the layers of a model mix 2 and 4 bits.
struct WidthLimit {
  enum class Of {
    stored_bits,  ///< per weight, on average
    cycles,       ///< of all layers, as a share of those with 4 bits everywhere
  };
  Of of = Of::stored_bits;
  double most = 4;
  std::optional<CycleTarget> target = {};  ///< always with Of::cycles; else to report cycles

  /// The option that sets it.
  [[nodiscard]] const char* option() const { return of == Of::cycles ? "--cycles" : "--average-bits"; }
};

}  // namespace msq::flow
