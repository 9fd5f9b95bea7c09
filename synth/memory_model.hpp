#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "synth/liberty.hpp"

namespace msq::synth {

/// Ports of a memory macro: one that reads or writes, or one of each.
enum class MemoryPorts { one, read_and_write };

/// Process of a library, as the memory model scales to it.
struct MemoryProcess {
  double feature = 130;         ///< nm
  double voltage = 1.8;         ///< V
  double bit_leakage = 64e-12;  ///< W of one bit at this voltage
};
/// Process by the name of a library of cells: OSU 0.18 um, SKY130 and Nangate 45 nm are known. None for
/// others, as sizes of SKY130 do not scale to them.
[[nodiscard]] std::optional<MemoryProcess> memory_process(std::string_view library);
/// The same with the voltage of the library.
[[nodiscard]] std::optional<MemoryProcess> memory_process(const Liberty& library);

/// One macro: `rows` word lines, `columns` pairs of bit lines.
struct MemoryMacro {
  MemoryPorts ports = MemoryPorts::read_and_write;
  int width = 8;          ///< bits of a word, >= 1
  int depth = 16;         ///< words, >= 2
  int words_per_row = 1;  ///< column multiplexer, >= 1

  [[nodiscard]] int columns() const { return width * words_per_row; }
  [[nodiscard]] int rows() const { return (depth + words_per_row - 1) / words_per_row; }
  [[nodiscard]] std::int64_t bits() const { return std::int64_t{width} * depth; }
};

/// Figures of a memory.
struct MemoryFigures {
  double area = 0;                           ///< um^2
  double leakage = 0;                        ///< W
  double read_energy = 0, write_energy = 0;  ///< J of one access to all bits of a word
  double cycle_energy = 0;                   ///< J of a cycle, with or without an access
  double access_time = 0;                    ///< ns from the clock edge to the data read
  double setup_time = 0;                     ///< ns that address and data must precede the clock edge
};

/// Figures of one macro by the model of docs/results/data/sram.md, fitted to published macros of SKY130 and
/// scaled to the process: area by the feature size squared, energy by C V^2, time by the feature size.
[[nodiscard]] MemoryFigures macro_figures(const MemoryMacro& macro, const MemoryProcess& process);

/// A memory made of equal macros: `across` of them share a word, `deep` of them the addresses.
struct MemoryArray {
  MemoryMacro macro;
  int across = 1, deep = 1;
};

/// Of the arrays of fewest macros with 1, 2, 4, 8 or 16 words per row, the one with the smallest product of
/// area and energy of an access. Macros have at most 256 rows and 256 columns, as the published ones have.
/// @param width bits of a word, >= 1. @param depth words, >= 2.
[[nodiscard]] MemoryArray arrange_macros(int width, int depth,
                                         MemoryPorts ports = MemoryPorts::read_and_write);

/// Figures of the array: of an access only the macros of one address range work. The multiplexer between
/// ranges is not counted.
[[nodiscard]] MemoryFigures array_figures(const MemoryArray& array, const MemoryProcess& process);

}  // namespace msq::synth
