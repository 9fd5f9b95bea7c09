#include "synth/memory_model.hpp"

#include <algorithm>
#include <string_view>

namespace msq::synth {
namespace {

/// Process of the macros that the coefficients below are fitted to.
constexpr MemoryProcess kFitted{};
constexpr int kMostRows = 256, kMostColumns = 256;

/// Outline of a macro in um, by its columns and rows: outlines of OpenRAM's macros for SKY130.
struct Outline {
  double per_column, sides, per_row, ends;
};
constexpr Outline kOnePort{2.65, 143, 1.68, 118};
constexpr Outline kTwoPorts{3.21, 281, 2.09, 151};

// Energy in J: circuit simulations of the same macros with two ports. A read loads the bit lines of all
// columns, a write those of the word more than the others.
constexpr double kReadFixed = 6.6e-12, kReadPerBit = 0.073e-12, kReadPerCell = 0.80e-15;
constexpr double kWriteFixed = 5.3e-12, kWritePerBit = 0.26e-12, kWritePerCell = 0.26e-15;

constexpr double kFixedLeakage = 330e-9;  ///< W, of the periphery

// Access time in ns from the rising edge of the clock: SRAM22's macros for SKY130.
constexpr double kAccessFixed = 2.97, kAccessPerRow = 0.0059, kAccessPerColumn = 0.00052;
constexpr double kSetup = 0.09;  ///< ns: OpenRAM's macro of 28 x 512 bits

/// Processes by the beginning of a library's name. A bit of FreePDK45, the process of Nangate's cells, leaks
/// 4.5 nW by OpenRAM's macros at 1.0 V; one of 0.18 um is taken as one of SKY130.
struct KnownProcess {
  std::string_view library;
  MemoryProcess process;
};
constexpr KnownProcess kProcesses[] = {
    {"osu018", {180, 1.8, kFitted.bit_leakage}},
    {"sky130", kFitted},
    {"NangateOpenCellLibrary", {45, 1.1, 4.5e-9}},
};

int divide_up(int a, int b) { return (a + b - 1) / b; }

}  // namespace

std::optional<MemoryProcess> memory_process(std::string_view library) {
  for (const KnownProcess& known : kProcesses) {
    if (library.starts_with(known.library)) return known.process;
  }
  return std::nullopt;
}

std::optional<MemoryProcess> memory_process(const Liberty& library) {
  auto process = memory_process(std::string_view(library.name));
  if (process && library.voltage > 0) process->voltage = library.voltage;
  return process;
}

MemoryFigures macro_figures(const MemoryMacro& macro, const MemoryProcess& process) {
  const Outline& outline = macro.ports == MemoryPorts::one ? kOnePort : kTwoPorts;
  const double rows = macro.rows(), columns = macro.columns(), width = macro.width;
  const double shrink = process.feature / kFitted.feature;
  const double volts = process.voltage / kFitted.voltage;
  const double energy = shrink * volts * volts;
  const double leakage = process.bit_leakage / kFitted.bit_leakage;
  return {.area = shrink * shrink * (outline.per_column * columns + outline.sides) *
                  (outline.per_row * rows + outline.ends),
          .leakage = leakage * (kFixedLeakage + kFitted.bit_leakage * static_cast<double>(macro.bits())),
          .read_energy = energy * (kReadFixed + kReadPerBit * width + kReadPerCell * rows * columns),
          .write_energy = energy * (kWriteFixed + kWritePerBit * width + kWritePerCell * rows * columns),
          .access_time = shrink * (kAccessFixed + kAccessPerRow * rows + kAccessPerColumn * columns),
          .setup_time = shrink * kSetup};
}

MemoryArray arrange_macros(int width, int depth, MemoryPorts ports) {
  std::optional<MemoryArray> best;
  double least = 0;
  for (const int words_per_row : {1, 2, 4, 8, 16}) {
    const int widest = kMostColumns / words_per_row;
    const int deep = divide_up(depth, kMostRows * words_per_row);
    const int across = divide_up(width, widest);
    const MemoryArray array{
        {ports, divide_up(width, across), divide_up(depth, deep), words_per_row}, across, deep};
    const MemoryFigures figures = array_figures(array, kFitted);
    const double cost = figures.area * (figures.read_energy + figures.write_energy);
    if (best && cost >= least) continue;
    best = array;
    least = cost;
  }
  return *best;
}

MemoryFigures array_figures(const MemoryArray& array, const MemoryProcess& process) {
  MemoryFigures figures = macro_figures(array.macro, process);
  const int macros = array.across * array.deep;
  figures.area *= macros;
  figures.leakage *= macros;
  figures.read_energy *= array.across;
  figures.write_energy *= array.across;
  return figures;
}

}  // namespace msq::synth
