#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "flow/measure/netlist.hpp"
#include "support/result.hpp"
#include "synth/clock_tree.hpp"
#include "synth/wire_length.hpp"
#include "synth/wire_process.hpp"

namespace msq::flow {

/// Wires of a library: those of a JSON file, or the known ones if `file` is empty.
/// Errors: a library without known wires; a file that cannot be read, lacks a key or has a value out of
/// range.
[[nodiscard]] Result<synth::WireProcess> load_wire_process(const std::filesystem::path& liberty,
                                                           const std::filesystem::path& file);

/// A netlist with estimated wires and a clock tree.
struct WiredNetlist {
  synth::WireProcess process;
  synth::WireEstimate wires;  ///< of PreparedNetlist::core
  double cell_area = 0;       ///< um^2, with the buffers for fan-out and the clock
  double clock_area = 0;      ///< um^2 of the clock's buffers
  synth::ClockTree clock;
  double insertion = 0;  ///< ns from the clock's root to the registers, by OpenSTA

  /// um^2.
  [[nodiscard]] double die_area() const { return wires.floorplan.die.area(); }
  /// pF, of signals.
  [[nodiscard]] double capacitance() const { return wires.total() * process.capacitance; }
  /// ns that the clock may reach one register earlier than another.
  [[nodiscard]] double skew() const { return process.skew * insertion; }
  /// Wires of the netlist's signals for synth::analyze_timing.
  [[nodiscard]] std::string timing_spef(const PreparedNetlist& netlist) const;
  /// Puts the clock's tree into a copy of the netlist's core.
  void insert_clock_tree(const PreparedNetlist& netlist, synth::Netlist& core) const;
  /// Wires of signals and clock for synth::analyze_power. @param core with the tree. @param first of its
  /// nets.
  [[nodiscard]] std::string power_spef(const synth::Netlist& core, synth::Net first) const;
  /// pF of the wires at the clock's port.
  [[nodiscard]] double root_capacitance() const;
};

/// um^2 of each cell.
[[nodiscard]] std::vector<double> cell_areas(const synth::Netlist& netlist, const synth::Liberty& liberty);

/// Floorplan, lengths and clock tree of the core. Errors: nets without buffer trees (FanoutBuffers::limit 0);
/// no register on the clock; those of OpenSTA.
[[nodiscard]] Result<WiredNetlist> estimate_wires(const PreparedNetlist& netlist,
                                                  const synth::WireProcess& process);

}  // namespace msq::flow
