#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include "support/result.hpp"

// Checks that quantizers share. Errors name the field, its value and the allowed values.

namespace msq::golden {

/// Value among those allowed.
[[nodiscard]] Result<> check_choice(const char* field, int value, std::initializer_list<int> allowed);

/// Value in low..high.
[[nodiscard]] Result<> check_range(const char* field, std::int64_t value, std::int64_t low,
                                   std::int64_t high);

/// Value >= 1.
[[nodiscard]] Result<> check_positive(const char* field, std::int64_t value);

/// Weights [k][n]: shape in range and fitting the number of weights, every weight finite. Error: names the
/// shape or the first bad position.
[[nodiscard]] Result<> check_weights(std::span<const float> weights, std::int64_t k, std::int64_t n);

}  // namespace msq::golden
