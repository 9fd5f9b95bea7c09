#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/result.hpp"
#include "synth/netlist.hpp"

namespace msq::synth {

/// Verilog of what some cells of a library do, without timing, made by Yosys from the functions in the
/// library.
/// @param work_directory created if missing; gets cells.v and cells.log. Errors: Yosys missing or failing; a
/// cell whose function the library does not give.
[[nodiscard]] Result<std::string> cell_models(const std::filesystem::path& liberty,
                                              const std::vector<CellType>& types,
                                              const std::filesystem::path& work_directory);

}  // namespace msq::synth
