#pragma once

#include <string>
#include <vector>

#include "gen/arch/design.hpp"

namespace msq::flow {

/// Module of a Verilog file; every file of a design holds one, of its name.
[[nodiscard]] std::string module_of(const std::string& file);
[[nodiscard]] bool is_memory(const Design& design, const std::string& module);
/// Modules that are synthesized: all of a design except memories, in the order of its files.
[[nodiscard]] std::vector<std::string> logic_modules(const Design& design);

}  // namespace msq::flow
