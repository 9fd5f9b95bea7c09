#pragma once

#include "gen/arch/dimensions.hpp"
#include "golden/exec/plan.hpp"
#include "golden/exec/plan_recon.hpp"

namespace msq::tb {

/// Array of an accelerator for golden/exec/plan.
[[nodiscard]] golden::ArraySizes array_sizes(const Dimensions& d);
/// Sizes of the core alone, whose rows a driver loads in any order.
[[nodiscard]] golden::ArraySizes core_sizes(const Dimensions& d,
                                            golden::Reordering reordering = golden::Reordering::always);

}  // namespace msq::tb
