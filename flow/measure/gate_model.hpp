#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "flow/measure/gate_simulator.hpp"
#include "flow/measure/netlist.hpp"
#include "support/result.hpp"
#include "synth/power.hpp"
#include "tb/sim/model.hpp"

namespace msq::flow {

/// A mapped core as benches drive it.
class GateEngine final : public tb::Engine {
 public:
  GateEngine(GateSimulator simulator, const synth::Netlist& netlist);

  [[nodiscard]] const std::vector<MsqModelPort>& ports() const override { return ports_; }
  void eval() override;
  /// As of the simulator.
  void count() { simulator_.count(); }
  [[nodiscard]] synth::Activity take_activity() { return simulator_.take_activity(); }

 private:
  struct Port {
    std::string name;
    std::vector<synth::Net> nets;
    std::vector<std::byte> data;
    std::vector<std::uint32_t> words;  ///< of the last evaluation
    tb::ModelPort port{};              ///< to `data`
  };

  GateSimulator simulator_;
  std::vector<Port> clocks_, inputs_, outputs_;
  std::vector<MsqModelPort> ports_;
};

/// A model of the mapped core with the functions of the library's cells. Errors: tools missing, a cell
/// without function, a netlist that cannot be simulated.
[[nodiscard]] Result<std::shared_ptr<GateEngine>> gate_model(const PreparedNetlist& netlist);

}  // namespace msq::flow
