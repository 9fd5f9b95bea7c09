#include "golden/baselines/olive_pair.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace msq::golden::baselines {
namespace {

constexpr double kAbfloatLimit = 0x1p15;

}  // namespace

OliveNumbers::OliveNumbers(std::vector<double> normals, int exponent_bits, int mantissa_bits, int bias)
    : numbers_(std::move(normals)), largest_normal_(numbers_.back()) {
  const int leading = 1 << mantissa_bits;
  for (int code = 1; code < (1 << (exponent_bits + mantissa_bits)); ++code) {
    const double number = std::ldexp(leading + code % leading, code / leading + bias);
    if (number <= kAbfloatLimit) numbers_.push_back(number);
  }
  for (std::size_t i = 1; i < numbers_.size(); ++i) middles_.push_back((numbers_[i - 1] + numbers_[i]) / 2);
}

OliveNumbers OliveNumbers::of(OliveNormal type, int bits) {
  assert(bits == 4 || (bits == 8 && type == OliveNormal::integer));
  if (type == OliveNormal::flint) return {{0, 1, 2, 3, 4, 6, 8, 16}, 2, 1, 3};
  std::vector<double> integers(std::size_t{1} << (bits - 1));
  std::iota(integers.begin(), integers.end(), 0.0);
  return bits == 4 ? OliveNumbers(std::move(integers), 2, 1, 2) : OliveNumbers(std::move(integers), 4, 3, 4);
}

double OliveNumbers::round(double magnitude) const {
  const auto above = std::upper_bound(middles_.begin(), middles_.end(), magnitude);
  return numbers_[static_cast<std::size_t>(above - middles_.begin())];
}

OlivePair quantize_olive_pair(const OliveNumbers& numbers, double scale, OlivePair pair) {
  OlivePair rounded{numbers.round(std::fabs(pair.first) / scale),
                    numbers.round(std::fabs(pair.second) / scale)};
  if (std::max(rounded.first, rounded.second) > numbers.largest_normal()) {
    const bool first_stays = std::fabs(pair.first) >= std::fabs(pair.second);
    (first_stays ? rounded.second : rounded.first) = 0;
  }
  return {std::copysign(rounded.first * scale, pair.first),
          std::copysign(rounded.second * scale, pair.second)};
}

}  // namespace msq::golden::baselines
