#pragma once

#include <cstdint>

#include "golden/baselines/olive_pair.hpp"
#include "support/result.hpp"

namespace msq::golden::baselines {

/// A stored outlier-victim pair with normal type int4: the first weight's code in bits 3:0, the second one's
/// in bits 7:4. A code is an int4 of -7..7 in two's complement, or the identifier 1000 at the victim's place;
/// the other one then is {sign, e (2 bits), m} of abfloat E2M1: (2 + m) * 2^(e + 2).
using OliveByte = std::uint8_t;

/// Both weights in units of the scale.
struct OliveIntegers {
  int first = 0;
  int second = 0;
  friend bool operator==(const OliveIntegers&, const OliveIntegers&) = default;
};

/// Weights of a pair. Bytes that encode_olive_pair never makes have a meaning, too, for the hardware: two
/// identifiers are two zeros, and an abfloat with e = m = 0 is +-8.
[[nodiscard]] OliveIntegers decode_olive_pair(OliveByte pair);

/// Byte of a pair as quantize_olive_pair rounds it with scale 1 (integer normals). Error: a weight that has
/// no code, or two outliers.
[[nodiscard]] Result<OliveByte> encode_olive_pair(OliveIntegers pair);

}  // namespace msq::golden::baselines
