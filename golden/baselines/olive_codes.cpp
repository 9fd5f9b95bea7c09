#include "golden/baselines/olive_codes.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace msq::golden::baselines {
namespace {

constexpr int kIdentifier = 8;
constexpr int kLargestNormal = 7;

int normal(int code) { return code < 8 ? code : code - 16; }

int abfloat(int code) {
  const int magnitude = (2 + code % 2) << (code / 2 % 4 + 2);
  return code < 8 ? magnitude : -magnitude;
}

Result<int> abfloat_code(int weight) {
  for (int code = 0; code < 16; ++code) {
    if (code % 8 != 0 && abfloat(code) == weight) return code;
  }
  return Error(fmt::format("{} is no weight of an outlier-victim pair", weight));
}

}  // namespace

OliveIntegers decode_olive_pair(OliveByte pair) {
  const int first = pair % 16;
  const int second = pair / 16;
  if (first == kIdentifier && second == kIdentifier) return {0, 0};
  if (first == kIdentifier) return {0, abfloat(second)};
  if (second == kIdentifier) return {abfloat(first), 0};
  return {normal(first), normal(second)};
}

Result<OliveByte> encode_olive_pair(OliveIntegers pair) {
  const bool first_is_outlier = std::abs(pair.first) > kLargestNormal;
  const bool second_is_outlier = std::abs(pair.second) > kLargestNormal;
  if (!first_is_outlier && !second_is_outlier) {
    return static_cast<OliveByte>((pair.first & 15) | (pair.second & 15) << 4);
  }
  const int victim = first_is_outlier ? pair.second : pair.first;
  if (victim != 0) {
    return Error(fmt::format("{} and {}: the victim of an outlier must be 0", pair.first, pair.second));
  }
  const Result<int> code = abfloat_code(first_is_outlier ? pair.first : pair.second);
  if (!code) return Error(code.error());
  return static_cast<OliveByte>(first_is_outlier ? *code | kIdentifier << 4 : kIdentifier | *code << 4);
}

}  // namespace msq::golden::baselines
