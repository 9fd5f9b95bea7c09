#pragma once

#include "flow/flow.hpp"
#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "synth/liberty.hpp"
#include "synth/memory_model.hpp"

namespace msq::flow {

/// Figures of a memory of the design's memory module that is mapped to flip-flops and gates of the library,
/// in memory-WIDTHxDEPTH below flow.work. @param library that of the flow. @param with_opensta also times and
/// energy of the clock: it works in every cycle, so an access costs nothing more. Errors: those of
/// synth::synthesize and of OpenSTA.
[[nodiscard]] Result<synth::MemoryFigures> measure_register_memory(const Design& design, int width, int depth,
                                                                   const Flow& flow,
                                                                   const synth::Liberty& library,
                                                                   bool with_opensta);

}  // namespace msq::flow
