#include "golden/encoding/paper.hpp"

#include <fmt/format.h>

namespace msq::golden {
namespace {

Result<> check_fixed(const char* field, int value, int allowed) {
  if (value == allowed) return {};
  return Error(fmt::format("{} of encoding paper is {}; allowed are {}", field, value, allowed));
}

}  // namespace

Result<> PaperEncoding::validate(const Format& format) {
  constexpr Format kDefaults;
  MSQ_CHECK(check_fixed("list_entries", format.list_entries, kDefaults.list_entries));
  MSQ_CHECK(check_fixed("shift_bits", format.shift_bits, kDefaults.shift_bits));
  MSQ_CHECK(check_fixed("fraction_bits", format.fraction_bits, kDefaults.fraction_bits));
  return check_fixed("scale_mantissa_bits", format.scale_mantissa_bits, kDefaults.scale_mantissa_bits);
}

std::int64_t PaperEncoding::reference_inlier(const Format& format, std::uint8_t code) {
  const unsigned sign = 1U << (format.bits - 1);
  const std::int64_t inlier = std::int64_t{4} * static_cast<std::int64_t>(code & (sign - 1U));
  return (code & sign) != 0 ? -inlier : inlier;
}

std::int64_t PaperEncoding::reference_outlier(const Format& format, const Halves& halves) {
  const auto bits = static_cast<unsigned>(format.bits);
  const unsigned sign = 1U << (bits - 1);
  const unsigned mantissa = ((halves.upper & (sign - 1U)) << (bits / 2)) | (halves.lower & (sign - 1U));
  const auto significand = static_cast<std::int64_t>((1U << bits) + mantissa);
  return (halves.upper & sign) != 0 ? -significand : significand;
}

}  // namespace msq::golden
