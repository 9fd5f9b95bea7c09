#pragma once

#include <string>
#include <vector>

#include "flow/measure/memories.hpp"
#include "gen/silicon/silicon.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Memories of a design in a flow to silicon.
struct SiliconMemories {
  std::vector<GivenMemory> given{};  ///< figures of the user, before those of the model
  bool registers = false;            ///< no macros
};

/// Options with the design's macros: memories of more than kMostRegisterBits, and those given. Errors: a
/// platform that the flow does not have; a macro of a process that the model of memories does not know;
/// macros in LibreLane without the area of the cells, or that area for ORFS or out of range; given memories
/// of which the design has none, or that are smaller than least_macro_area.
[[nodiscard]] Result<SiliconOptions> silicon_options(const Design& design, SiliconOptions options,
                                                     const SiliconMemories& memories);

}  // namespace msq::flow
