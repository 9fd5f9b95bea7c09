#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "golden/format.hpp"
#include "support/result.hpp"

// The rules that an encoding of weights supplies (EncodingRules), and their argument and result types.

namespace msq::golden {

/// The two codes of an outlier: Upper stays at the outlier's position, Lower lives in the pruned one.
struct Halves {
  std::uint8_t upper = 0;
  std::uint8_t lower = 0;
  friend constexpr bool operator==(const Halves&, const Halves&) = default;
};

/// An outlier as the array multiplies it: its products with an activation x add up to
/// hidden * x + (upper * x << half_shift) + lower * x, in units of step * 2^(r - F).
struct OutlierOperands {
  int hidden = 0;
  int upper = 0;
  int lower = 0;
  int half_shift = 0;
  friend constexpr bool operator==(const OutlierOperands&, const OutlierOperands&) = default;
};

/// Scale of a macro-block: factor * 2^(exponent - t).
struct BlockScale {
  int exponent = 0;  ///< Isf
  int factor = 1;
  friend constexpr bool operator==(const BlockScale&, const BlockScale&) = default;
};

/// A scale as a file holds it.
struct StoredScale {
  std::uint8_t byte = 0;
  std::uint8_t mantissa = 0;  ///< format.scale_mantissa_bits bits
  friend constexpr bool operator==(const StoredScale&, const StoredScale&) = default;
};

/// Range of stored exponents Isf.
struct ExponentLimits {
  int min = kScaleMin;
  int max = kScaleMax;
};

/// Factors of scales in the order in which the scale search tries them: of equal errors the first wins. The
/// first one is also the factor of blocks without inliers.
class ScaleFactors {
 public:
  static constexpr std::size_t kMost = 16;

  constexpr void push_back(int factor) { factors_[size_++] = factor; }
  [[nodiscard]] constexpr const int* begin() const { return factors_.data(); }
  [[nodiscard]] constexpr const int* end() const { return factors_.data() + size_; }
  [[nodiscard]] constexpr int front() const { return factors_.front(); }

 private:
  std::array<int, kMost> factors_{};
  std::size_t size_ = 0;
};

/// A field of Format that an encoding leaves to the user; files hold it as metadata of this name.
struct FormatField {
  std::string_view name;
  int Format::*member;
};

/// The rules of one encoding (numerics.md), a type with static members. Functions get a valid format of
/// this encoding. Rules that run for every weight are constexpr and in the header.
template <class R>
concept EncodingRules = requires(const Format& format, std::uint8_t code, const Halves& halves, int integer,
                                 double value, const BlockScale& scale, const StoredScale& stored) {
  /// Name in options, files and reports.
  { R::kName } -> std::convertible_to<std::string_view>;
  /// Whether macro-blocks may run along axis `output`.
  { R::kAxisOutput } -> std::convertible_to<bool>;
  /// Whether sweeps of the quantizer choose scales anew, among scales_near.
  { R::kRefitsScales } -> std::convertible_to<bool>;
  /// Whether each list is padded to whole bytes by its size, and a file gives lists the shape [lists][bytes].
  { R::kByteLists } -> std::convertible_to<bool>;
  { R::kExponents } -> std::convertible_to<ExponentLimits>;
  /// Fields of Format that a user may choose. All others have their defaults.
  {std::span<const FormatField>(R::kFields)};
  /// Ranges of kFields; other fields have their defaults. The error names field, value and allowed values.
  { R::validate(format) } -> std::same_as<Result<>>;

  // Inliers q in qmin..qmax, of value q * step.
  { R::qmin(format) } -> std::same_as<int>;
  { R::qmax(format) } -> std::same_as<int>;
  { R::inlier_code(format, integer) } -> std::same_as<std::uint8_t>;
  { R::inlier_value(format, code) } -> std::same_as<int>;
  /// Whether any byte is the code of an inlier.
  { R::is_inlier(format, code) } -> std::same_as<bool>;

  // Outliers: an integer of magnitude at most outlier_max, of value integer * step * 2^(r - F).
  { R::outlier_max(format) } -> std::same_as<int>;
  { R::outlier_halves(format, integer) } -> std::same_as<Halves>;
  { R::outlier_integer(format, halves) } -> std::same_as<int>;
  { R::outlier_operands(format, halves) } -> std::same_as<OutlierOperands>;
  /// Whether any byte can be a half.
  { R::is_half(format, code) } -> std::same_as<bool>;
  /// Whether two halves belong together.
  { R::halves_agree(format, halves) } -> std::same_as<bool>;
  /// Outlier integer nearest to weight / unit; arguments weight and unit.
  { R::nearest_outlier(format, value, value) } -> std::same_as<int>;
  /// Shift r of rule `max`: the least that a nonzero weight needs, 0..r_max; arguments weight, step, r_max.
  { R::needed_shift(format, value, value, integer) } -> std::same_as<int>;
  /// Exponent of the leading one of an outlier relative to step * 2^r, for a block whose only nonzero weights
  /// are outliers.
  { R::outlier_exponent(format) } -> std::same_as<int>;

  // Scales.
  { R::factors(format) } -> std::same_as<ScaleFactors>;
  /// Bits a partial sum grows by when the factor of its scale multiplies it; 0: no factor is stored.
  { R::factor_bits(format) } -> std::same_as<int>;
  { R::store_scale(format, scale) } -> std::same_as<StoredScale>;
  { R::load_scale(format, stored) } -> std::same_as<BlockScale>;
  /// The storable scales next to a value on either side.
  { R::scales_near(format, value) } -> std::same_as<std::vector<BlockScale>>;

  // Values in units of step * 2^(r - F), decoded another way than above, to check it (golden/exec/reference).
  { R::reference_inlier(format, code) } -> std::same_as<std::int64_t>;
  { R::reference_outlier(format, halves) } -> std::same_as<std::int64_t>;
};

}  // namespace msq::golden
