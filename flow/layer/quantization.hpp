#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flow/layer/operands.hpp"
#include "gen/config/config.hpp"
#include "golden/quantize/calibration.hpp"
#include "golden/quantize/packing.hpp"
#include "golden/quantize/quantizer.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Choices of the user for quantization.
struct QuantizerChoices {
  golden::QuantizerOptions options;
  /// Exponent alpha with which outliers of activations move into the weights, 0 (not at all) to 1
  /// (golden/quantize/migration.hpp).
  double migration = 0;
  /// Share of the way from the layer's own outputs to those that the calibration wants, 0 to 1
  /// (golden/quantize/target.hpp).
  double target_strength = 1;
  /// How often tokens of massive activations count, 1 or more (golden/quantize/massive.hpp); calibration from
  /// rows only.
  double massive_weight = 1;

  /// The same with what a configuration prescribes: micro-block, encoding, outliers and
  /// their shift.
  [[nodiscard]] QuantizerChoices for_config(const Config& config, int bits) const;
};

/// Errors name the choice that is not allowed.
[[nodiscard]] Result<> check_choices(const QuantizerChoices& choices);

/// Outcome of quantizing one layer.
struct QuantizationFindings {
  QuantizerChoices choices;
  std::int64_t k = 0, n = 0;
  golden::QuantizeStatistics statistics;
  golden::EffectiveBits bits;
  double weight_error = 0;  ///< ||W - Wq|| / ||W||, Frobenius; 0 if W is zero
  /// ||X (W - Wq)|| / ||X W|| on the calibration tokens X; none without them. W are the weights that the
  /// calibration's target asks for, if it has one.
  std::optional<double> output_error = {};
  std::int64_t calibration_tokens = 0;     ///< 0: rounded to the nearest
  std::vector<std::string> warnings = {};  ///< sentences about a doubtful result, without the layer's name

  /// Outliers kept, as a share of the weights.
  [[nodiscard]] double outlier_share() const;
  /// Micro-blocks with outliers, as a share of all.
  [[nodiscard]] double flagged_share() const;
};

/// A quantized layer and its findings.
struct Quantization {
  golden::QuantizedTensor tensor;
  std::vector<float> input_scales;  ///< [k], empty without migration
  QuantizationFindings findings;
};

/// With calibration each row's error is compensated in the rows quantized after it; without, every weight is
/// rounded to the nearest. Errors: those of check_choices; the weights' source with the position of a NaN or
/// infinity.
[[nodiscard]] Result<Quantization> quantize_weights(const LabelledMatrix& weights,
                                                    const QuantizerChoices& choices,
                                                    std::optional<golden::Calibration> calibration = {},
                                                    const golden::QuantizeProgress& progress = {});

}  // namespace msq::flow
