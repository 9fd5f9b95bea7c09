#pragma once

#include <vector>

namespace msq::golden::baselines {

/// Type of the weights that are no outliers; one for the whole tensor.
enum class OliveNormal {
  integer,  ///< int4: 0..7 with sign, or int8: 0..127 with sign
  flint     ///< flint4: 0, 1, 2, 3, 4, 6, 8, 16 with sign; 4 bits only
};

/// The magnitudes that OliVe can store, ascending, in units of the scale: a normal type, and above it the
/// abfloat with the bias that goes with it (see olive).
class OliveNumbers {
 public:
  /// `bits` is 4, or 8 for integers.
  [[nodiscard]] static OliveNumbers of(OliveNormal type, int bits);

  [[nodiscard]] double largest_normal() const { return largest_normal_; }

  /// Nearest magnitude, ties to the larger. `magnitude` >= 0.
  [[nodiscard]] double round(double magnitude) const;

  [[nodiscard]] const std::vector<double>& magnitudes() const { return numbers_; }

 private:
  OliveNumbers(std::vector<double> normals, int exponent_bits, int mantissa_bits, int bias);

  std::vector<double> numbers_;
  double largest_normal_;
  std::vector<double> middles_;  // between neighbours
};

struct OlivePair {
  double first = 0;
  double second = 0;
  friend bool operator==(const OlivePair&, const OlivePair&) = default;
};

/// Both to the nearest number of the table times `scale`; if one of them is an outlier then, the other
/// becomes 0, of two outliers the smaller, if equal the second.
[[nodiscard]] OlivePair quantize_olive_pair(const OliveNumbers& numbers, double scale, OlivePair pair);

}  // namespace msq::golden::baselines
