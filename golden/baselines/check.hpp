#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include "support/result.hpp"

namespace msq::golden::baselines {

/// Shape in range and fitting the number of weights, every weight finite. The error names the shape or the
/// first bad position.
[[nodiscard]] Result<> check_weights(std::span<const float> weights, std::int64_t k, std::int64_t n);

/// The error names the field, its value and what is allowed.
[[nodiscard]] Result<> check_choice(const char* field, int value, std::initializer_list<int> allowed);

/// `value` >= 1, else the error names the field.
[[nodiscard]] Result<> check_positive(const char* field, std::int64_t value);

}  // namespace msq::golden::baselines
