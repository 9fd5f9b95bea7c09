#pragma once

#include <string>

#include "gen/config/config.hpp"
#include "support/result.hpp"

namespace msq {

/// Checks every field's range and every combination of fields.
/// On path `none`, recon and outlier_shift_max must keep their defaults, as nothing would read them.
/// acc_bits may be between the width of one inlier product and the derived width; on path `none` it may be
/// as wide as any recon array of the same shape derives, so that both can be compared at equal sum width
/// (none_twin).
/// @return nothing, or "<field>: found <value>; allowed: <what>" for the first field that is wrong.
[[nodiscard]] Result<> validate(const Config& config);

}  // namespace msq
