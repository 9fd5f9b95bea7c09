#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace msq::golden {

/// Switch settings of a Benes network that puts input order[r] at output r. order is a permutation of 0..W-1,
/// W a power of two, at least 2. Result: [2*log2(W) - 1 stages][W/2 switches], 1 exchanges. Stages join the
/// places that differ in bit 0, 1, .. log2(W)-1, .. 1, 0; switch i joins the two places that are i without
/// that bit. The identity has no 1. Anything else is a std::logic_error.
[[nodiscard]] std::vector<std::uint8_t> permuter_settings(std::span<const int> order);

/// Where the inputs come out with these settings: element r is the input at output r.
[[nodiscard]] std::vector<int> apply_settings(std::span<const std::uint8_t> settings, int ways);

}  // namespace msq::golden
