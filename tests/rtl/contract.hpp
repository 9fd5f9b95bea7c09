#pragma once

#include <cstdint>

namespace msq::rtl_test {

// The numeric contract (numerics.md, both encodings) in plain integers, written for these tests alone
// so that neither the RTL nor the golden library is its source. bb is 2 or 4, a code has bb bits, x is an
// activation.

/// Magnitude field of a code.
constexpr int magnitude(int code, int bb) { return code & ((1 << (bb - 1)) - 1); }
/// Sign bit of a code, also of "minus zero".
constexpr int sign(int code, int bb) { return (code >> (bb - 1)) & 1; }
/// Value of an inlier code.
constexpr int inlier(int code, int bb) { return sign(code, bb) ? -magnitude(code, bb) : magnitude(code, bb); }
/// Code of lane `lane` in the 4-bit word of a PE: the word itself in mode 4 (lane 0 only), {lane 1, lane 0}
/// in mode 2.
constexpr int lane_code(int word, int bb, int lane) { return bb == 4 ? word : (word >> (2 * lane)) & 3; }
/// Magnitudes that a half of an outlier can have: bb/2 mantissa bits.
constexpr int half_magnitudes(int bb) { return 1 << (bb / 2); }
/// Code with sign s and magnitude m.
constexpr int make_code(int s, int m, int bb) { return (s << (bb - 1)) | m; }

/// Contribution of an inlier to the partial sum, in quarters of a step.
constexpr std::int64_t inlier_quarters(int code, int bb, int x) {
  return std::int64_t{4} * inlier(code, bb) * x;
}

/// Contribution of an outlier whose halves are `upper` and `lower` (same sign), in quarters of a step: (-1)^s
/// S x 2^r.
constexpr std::int64_t outlier_quarters(int upper, int lower, int bb, int x, int r) {
  const int significand = (1 << bb) + (magnitude(upper, bb) << (bb / 2)) + magnitude(lower, bb);
  const std::int64_t value = std::int64_t{significand} * x * (std::int64_t{1} << r);
  return sign(upper, bb) ? -value : value;
}

/// A product as a PE's multiplier puts it on its port: {p, s} with s the code's sign and p + s = value * x,
/// sign-extended.
constexpr int product_port(int code, int bb, int x) {
  const int s = sign(code, bb);
  return (inlier(code, bb) * x - s) * 2 + s;
}

// Encoding `full_range`.

/// Value of a code: bb bits, two's complement.
constexpr int full_inlier(int code, int bb) { return code - 2 * (code & (1 << (bb - 1))); }
/// Contribution of an inlier, in units of 2^-fraction of a step.
constexpr std::int64_t full_inlier_units(int code, int bb, int x, int fraction) {
  return std::int64_t{full_inlier(code, bb)} * x * (1 << fraction);
}
/// Contribution of an outlier in these units: M x 2^r, whatever the fraction; Upper is M's signed high half,
/// Lower its unsigned low one.
constexpr std::int64_t full_outlier_units(int upper, int lower, int bb, int x, int r) {
  const int m = full_inlier(upper, bb) * (1 << bb) + lower;
  return std::int64_t{m} * x * (std::int64_t{1} << r);
}
/// As product_port.
constexpr int full_product_port(int code, int bb, int x) {
  const int s = sign(code, bb);
  return (full_inlier(code, bb) * x - s) * 2 + s;
}
/// Product of a code word of two's complement numbers, as the PEs of paths `inline` and `none` take it: one
/// weight times x0 in mode 4, weights {w1, w0} times x1 and x0 in mode 2.
constexpr int word_product(int word, bool mode4, int x0, int x1) {
  if (mode4) return full_inlier(word, 4) * x0;
  return full_inlier(word >> 2, 2) * x1 + full_inlier(word & 3, 2) * x0;
}
static_assert(word_product(0b1001, false, 3, 5) == -2 * 5 + 3 && word_product(0b1001, true, 3, 5) == -7 * 3);
static_assert(full_inlier(0b1000, 4) == -8 && full_inlier(0b11, 2) == -1);
static_assert(full_outlier_units(0b10, 0b01, 2, 3, 1) == -7 * 3 * 2);

/// A word of codes of encoding `paper`, bb bits each, as two's complement numbers; minus zero becomes zero.
constexpr int twos_complement(int word, int bb) {
  int result = 0;
  for (int at = 0; at < 4; at += bb) {
    const int code = (word >> at) & ((1 << bb) - 1);
    result |= (inlier(code, bb) & ((1 << bb) - 1)) << at;
  }
  return result;
}
static_assert(twos_complement(0b1010, 2) == 0 && twos_complement(0b1000, 4) == 0);
static_assert(twos_complement(0b1101, 4) == 0b1011 && twos_complement(0b1101, 2) == 0b1101);

// The worked example of the contract: -1.5 and its twins at x = 32, and -1.0 (both halves minus zero).
static_assert(outlier_quarters(0b11, 0b10, 2, 32, 0) == -192);
static_assert(outlier_quarters(0b01, 0b00, 2, 32, 0) == 192);
static_assert(outlier_quarters(0b10, 0b10, 2, 32, 0) == -128);

}  // namespace msq::rtl_test
