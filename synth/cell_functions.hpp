#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "support/result.hpp"
#include "synth/netlist.hpp"

namespace msq::synth {

/// Values of an output pin, one for each combination of the values it depends on: bit i of the index is that
/// of pins[i]. Where the output keeps a value, its own is among them, the last.
struct PinTable {
  std::vector<std::size_t> pins;  ///< indices of CellType::pins
  std::vector<std::uint8_t> values;
};

/// What an output pin does.
struct PinFunction {
  std::size_t pin = 0;  ///< index of CellType::pins
  PinTable level;       ///< at any time; of its own value alone if the pin changes with the clock only
  PinTable edge;        ///< after a clock edge; without values if the pin is not of a flip-flop
  std::size_t clock = 0;
  bool falling_edge = false;
  bool inverted = false;  ///< shows the inverse of the cell's state
};

/// Functions of some cells of a library, as Yosys reads them: of every output pin of each type. Cells are
/// logic, flip-flops with or without asynchronous set and reset (with both active, they are reset), and
/// latches without. Errors: Yosys missing or failing; a cell whose function the library does not give, or
/// whose state is on no pin; one with an input that nothing depends on, as Yosys leaves it of other kinds of
/// cells.
/// @param work_directory created if missing; gets cells.json and cells.log.
[[nodiscard]] Result<std::vector<std::vector<PinFunction>>> cell_functions(
    const std::filesystem::path& liberty, const std::vector<CellType>& types,
    const std::filesystem::path& work_directory);

}  // namespace msq::synth
