#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "golden/quantize/quantizer.hpp"
#include "support/result.hpp"

namespace msq::eval {

/// A layer to quantize, with its calibration.
struct Layer {
  std::string name;
  std::int64_t k = 0;
  std::int64_t n = 0;
  std::vector<float> weights;  ///< [k][n]
  std::vector<float> largest;  ///< [k] largest |activation| of the calibration
  golden::Hessian hessian{1};
};

/// Result of a method for a layer.
struct Quantized {
  std::vector<double> values;           ///< [k][n]
  double bits_stored = 0;               ///< every stored bit per weight
  std::optional<double> bits_paper;     ///< by the paper's formula, where it applies
  std::vector<double> input_scale;      ///< [k] activations are divided by this first; empty: they are not
  golden::QuantizeStatistics outliers;  ///< of encodings of ours, else zeros
};

/// One way to quantize, read from an entry of eval/methods*.json.
struct Method {  // NOLINT(bugprone-exception-escape): clang-tidy 14 takes ~json for one that throws
  std::string name;
  std::string kind;     ///< "microscopiq" or a baseline
  nlohmann::json spec;  ///< its options
  int act_bits = 0;     ///< 8 or 4: activations too become MX-INT, in blocks of 128
};

/// Error: unknown or missing keys, values of a wrong type, names used twice.
[[nodiscard]] Result<std::vector<Method>> parse_methods(const nlohmann::json& list);

/// Error: options that the quantizer does not allow.
[[nodiscard]] Result<Quantized> apply(const Method& method, const Layer& layer);

}  // namespace msq::eval
