#pragma once

#include <optional>

#include "synth/liberty.hpp"

namespace msq::synth {

/// Wires of a process, on the layers of signals and on those of the clock.
struct WireProcess {
  double resistance = 0;         ///< ohm per um
  double capacitance = 0;        ///< pF per um
  double clock_resistance = 0;   ///< ohm per um
  double clock_capacitance = 0;  ///< pF per um
  double utilization = 0.7;      ///< cells' share of the die; the rest is fill, decoupling and room for wires
  double skew = 0.1;             ///< allowance for the clock's skew, as a share of its delay to the registers
};

/// Wires by the name of the library; none for others than OSU 0.18 um, SKY130, Nangate 45 nm and ASAP7.
/// docs/results/area.md has the sources.
[[nodiscard]] std::optional<WireProcess> wire_process(const Liberty& library);

}  // namespace msq::synth
