#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/result.hpp"
#include "synth/netlist.hpp"

namespace msq::synth {

/// Activity of every net in a simulation, by its number.
struct Activity {
  std::vector<std::uint64_t> toggles;  ///< changes of the settled value from cycle to cycle
  std::vector<std::uint64_t> ones;     ///< cycles in which it was one
  std::uint64_t cycles = 0;
};

/// Power in W.
struct CellPower {
  double internal = 0, switching = 0, leakage = 0;

  [[nodiscard]] double total() const { return internal + switching + leakage; }
  CellPower& operator+=(const CellPower& other);
};

struct PowerResult {
  std::vector<CellPower> cells;  ///< in the order of the netlist
  double clock_capacitance = 0;  ///< of all pins on the clock's port, in pF: registers, or a tree's buffers
};

struct PowerRequest {
  std::filesystem::path liberty;
  std::filesystem::path work_directory;  ///< gets Verilog, power.tcl, activity.tcl and power.log
  std::string clock_port;
  double period = 0;    ///< ns
  std::string wires{};  ///< SPEF with the names of power_net_names; empty: no wires
  Net first_clock = 0;  ///< this net and those of higher numbers are the clock's tree; 0: no tree
};

/// Error: a version of OpenSTA whose power this program was not measured with.
[[nodiscard]] Result<> check_power_version(const std::string& opensta_version);

/// Whether a Liberty file gives energies at ground pins, too, as that of ASAP7: the same as at supplies.
[[nodiscard]] bool gives_energy_at_ground(const std::string& liberty);

/// Power of every cell by OpenSTA with the activity of every pin as it was simulated; nets of the clock's
/// tree have the clock's, and no place in `activity`. Errors: OpenSTA missing or failing;
/// check_power_version; with OpenSTA 2.7 or 3 a library that gives_energy_at_ground, which they add; a
/// netlist without register on this clock; activity that OpenSTA did not take.
[[nodiscard]] Result<PowerResult> analyze_power(const Netlist& netlist, const Activity& activity,
                                                const PowerRequest& request);

}  // namespace msq::synth
