#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/operands.hpp"
#include "cli/outcome.hpp"
#include "gen/config/config.hpp"
#include "golden/quantize/calibration.hpp"
#include "golden/quantize/quantizer.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::cli {

/// What a user chooses about quantization.
struct QuantizerChoices {
  golden::QuantizerOptions options;
  /// Exponent alpha with which outliers of activations move into the weights, 0 (not at all) to 1
  /// (golden/quantize/migration.hpp).
  double migration = 0;

  /// The same with what a configuration prescribes: micro-block, encoding, outliers and
  /// their shift.
  [[nodiscard]] QuantizerChoices for_config(const Config& config, int bits) const;
  /// Options of `simulate` that make the same free choices again, each with a blank before it.
  [[nodiscard]] std::string arguments() const;
};

/// Every choice by its name in docs/report.md, "quantization".
[[nodiscard]] Json to_json(const QuantizerChoices& choices);

/// A quantized layer and what is reported of it.
struct Quantization {
  golden::QuantizedTensor tensor;
  std::vector<float> input_scales;  ///< [k], empty without migration
  Json json;                        ///< docs/report.md, "quantization"
  std::string text;
};

/// Errors name the choice that is not allowed.
[[nodiscard]] Result<> check_choices(const QuantizerChoices& choices);

/// With calibration each row's error is made up for by the rows after it; without, every weight is rounded to
/// the nearest. Errors: those of check_choices; the weights' source with the position of a NaN or infinity.
[[nodiscard]] Result<Quantization> quantize_weights(const LabelledMatrix& weights,
                                                    const QuantizerChoices& choices,
                                                    std::optional<golden::Calibration> calibration = {},
                                                    const golden::QuantizeProgress& progress = {});

}  // namespace msq::cli
