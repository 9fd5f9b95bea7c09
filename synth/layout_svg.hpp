#pragma once

#include <string>

#include "synth/def.hpp"
#include "synth/lef.hpp"
#include "synth/liberty.hpp"

namespace msq::synth {

/// A picture of a placed and routed design, complete in itself: cells by kind, wires by layer, vias, stripes
/// of the supply, pins with their names (on the die's edge), a legend and a scale bar.
/// @param liberty distinguishes flip-flops from gates.
/// @param caption one line above it.
[[nodiscard]] std::string layout_svg(const Def& def, const Lef& lef, const Liberty& liberty,
                                     const std::string& caption);

}  // namespace msq::synth
