#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "cli/operands.hpp"
#include "cli/outcome.hpp"
#include "gen/config/config.hpp"
#include "golden/tensor.hpp"

namespace msq::cli {

/// What a user chooses about quantization, in the words of the command line; golden/quantize/quantizer.hpp
/// tells what each means.
struct QuantizerChoices {
  int bits = 4;
  int micro_block = 8;
  int macro_block = 128;
  std::string axis = "reduction";
  std::string inlier_rule = "mse", shift_rule = "mse";
  std::optional<int> outliers_per_block;  ///< half the micro-block if not given
  int outlier_shift_max = 7;
  double sigma = 3.0;
  int row_align_bits = 0;

  /// The same with what a configuration prescribes: micro-block, outliers and their shift.
  [[nodiscard]] QuantizerChoices for_config(const Config& config, int bits) const;
  /// Options of `simulate` that make the same free choices again, each with a blank before it.
  [[nodiscard]] std::string options() const;
};

/// Every choice by its name in docs/report.md, "quantization".
[[nodiscard]] Json to_json(const QuantizerChoices& choices);

/// A quantized layer and what is reported of it.
struct Quantization {
  golden::QuantizedTensor tensor;
  Json json;  ///< docs/report.md, "quantization"
  std::string text;
};

/// Errors name the choice that is not allowed.
[[nodiscard]] tl::expected<void, std::string> check_choices(const QuantizerChoices& choices);

/// Errors: those of check_choices; the weights' source with the position of a NaN or infinity.
[[nodiscard]] tl::expected<Quantization, std::string> quantize_weights(const LabelledMatrix& weights,
                                                                       const QuantizerChoices& choices);

}  // namespace msq::cli
