#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "support/result.hpp"
#include "synth/cell_functions.hpp"
#include "synth/netlist.hpp"
#include "synth/power.hpp"

namespace msq::flow {

/// Simulates a flat netlist of standard cells and memories (msq_ram_1r1w): two values, no delays, zero in
/// every register and memory at the start. Time and memory grow with the number of cells alone: a million
/// cells take some milliseconds per evaluation, where a compiled model of them would not be built in hours.
class GateSimulator {
 public:
  /// @param functions of each type of the netlist. @param clock net of the clock's port. Errors: logic that
  /// depends on itself; a memory of another kind; a cell that drives a constant.
  [[nodiscard]] static Result<GateSimulator> create(
      const synth::Netlist& netlist, const std::vector<std::vector<synth::PinFunction>>& functions,
      synth::Net clock);

  [[nodiscard]] bool value(synth::Net net) const { return values_[static_cast<std::size_t>(net)] != 0; }
  /// Sets a net that no cell drives; settle() must follow.
  void set(synth::Net net, bool value) { values_[static_cast<std::size_t>(net)] = value ? 1 : 0; }
  void settle();
  /// Changes the clock, with all else settled. Registers take what their inputs were before.
  void set_clock(bool value);
  /// Counts the values as they are, once per cycle before the clock edge.
  void count();
  /// What was counted, until the next call.
  [[nodiscard]] synth::Activity take_activity();

 private:
  /// Computes a net from `count` others by a table.
  struct Operation {
    std::uint32_t table = 0, first = 0, count = 0;  ///< indices of tables_ and inputs_
    synth::Net output = 0;
    bool keeps = false;  ///< the last input is the output's own value
  };
  struct Memory {
    std::vector<synth::Net> write, write_address, write_data, read, read_address, read_data;
    std::vector<std::vector<std::uint8_t>> words;
  };
  /// What changes with the edges of one net.
  struct Clock {
    synth::Net net = 0;
    bool falling = false;
    std::uint8_t last = 0;
    std::vector<Operation> registers;
    std::vector<std::size_t> memories;
  };

  GateSimulator() = default;
  [[nodiscard]] Clock& clock_of(synth::Net net, bool falling);
  [[nodiscard]] Result<> add_cells(const synth::Netlist& netlist,
                                   const std::vector<std::vector<synth::PinFunction>>& functions);
  [[nodiscard]] Result<> add_memories(const synth::Netlist& netlist);
  [[nodiscard]] Result<> sort(const synth::Netlist& netlist);
  void find_clock_logic(synth::Net clock);
  [[nodiscard]] std::uint8_t result(const Operation& operation) const;
  void run(const std::vector<Operation>& operations);
  [[nodiscard]] std::size_t number(const std::vector<synth::Net>& nets) const;
  void take_edges();
  void clock_memory(Memory& memory);

  std::vector<std::uint8_t> values_;  ///< of each net
  std::vector<std::uint8_t> tables_;
  std::vector<synth::Net> inputs_;
  std::vector<Operation> logic_;        ///< each behind those it depends on
  std::vector<Operation> clock_logic_;  ///< those that depend on the clock
  std::vector<Clock> clocks_;
  std::vector<Memory> memories_;
  std::vector<std::pair<synth::Net, std::uint8_t>> changes_;  ///< of the edges being taken
  synth::Net clock_ = synth::kZero;
  std::vector<std::uint8_t> counted_;  ///< values of the last count
  synth::Activity activity_;
};

}  // namespace msq::flow
