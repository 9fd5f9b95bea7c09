#include "golden/check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "golden/quantize/validate.hpp"

namespace msq::golden {

Result<> check_choice(const char* field, int value, std::initializer_list<int> allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return {};
  return Error(
      fmt::format("{} is {}; allowed are {}", field, value, fmt::join(allowed.begin(), allowed.end(), ", ")));
}

Result<> check_range(const char* field, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (low <= value && value <= high) return {};
  return Error(fmt::format("{} is {}; allowed are {}..{}", field, value, low, high));
}

Result<> check_positive(const char* field, std::int64_t value) {
  if (value >= 1) return {};
  return Error(fmt::format("{} is {}; allowed are 1 and above", field, value));
}

Result<> check_weights(std::span<const float> weights, std::int64_t k, std::int64_t n) {
  MSQ_CHECK(validate_shape(k, n));
  if (weights.size() != static_cast<std::size_t>(k) * static_cast<std::size_t>(n)) {
    return Error(fmt::format("shape [k={}][n={}] needs {} weights, got {}", k, n, k * n, weights.size()));
  }
  const auto bad = std::find_if(weights.begin(), weights.end(), [](float w) { return !std::isfinite(w); });
  if (bad == weights.end()) return {};
  const std::int64_t index = bad - weights.begin();
  return Error(
      fmt::format("weight [k={}][n={}] is {}; every weight must be finite", index / n, index % n, *bad));
}

}  // namespace msq::golden
