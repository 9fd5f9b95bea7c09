#pragma once

#include "gen/arch/dimensions.hpp"
#include "golden/exec/plan.hpp"

namespace msq::tb {

/// Sizes of an accelerator for golden/exec/plan.
[[nodiscard]] golden::ArraySizes array_sizes(const Dimensions& d);
/// Sizes of the core alone, whose rows a driver loads in any order.
[[nodiscard]] golden::ArraySizes core_sizes(const Dimensions& d);

}  // namespace msq::tb
