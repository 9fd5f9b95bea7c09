#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "flow/measure/netlist.hpp"
#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "synth/netlist_verilog.hpp"
#include "synth/power.hpp"
#include "tb/sim/model.hpp"

namespace msq::flow {

/// Comments that silence Verilator's findings about style and open ends, in Verilog that is not ours.
[[nodiscard]] std::string_view no_lint();

/// Counts changes of nets through the tap ports of a model.
class ToggleCounter {
 public:
  ToggleCounter(std::vector<synth::Tap> taps, std::size_t nets);

  /// Once per cycle, when all nets have settled before the clock edge.
  void look(const tb::Model& model);
  synth::Activity take() { return std::move(activity_); }

 private:
  static void add(std::uint64_t bits, const std::vector<synth::Net>& nets,
                  std::vector<std::uint64_t>& counts);

  std::vector<synth::Tap> taps_;
  std::vector<std::uint64_t> values_;
  std::vector<tb::ModelPort> ports_;
  synth::Activity activity_;
};

/// A netlist that can be simulated.
struct GateModel {
  Design gates;  ///< the netlist as a design of its own, with the ports of the original and the taps
  std::filesystem::path library;
  ToggleCounter counter;
};

/// Compiles a model of the mapped core with the functions of the library's cells. Errors: tools missing, a
/// cell without function, a model that does not build.
[[nodiscard]] Result<GateModel> build_gate_model(const PreparedNetlist& netlist);

}  // namespace msq::flow
