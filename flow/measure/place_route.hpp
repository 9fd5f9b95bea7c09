#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "flow/flow.hpp"
#include "flow/measure/netlist.hpp"
#include "flow/measure/timing.hpp"
#include "support/result.hpp"
#include "synth/place_route.hpp"
#include "synth/wire_process.hpp"
#include "synth/wiring.hpp"

namespace msq::flow {

struct LayoutOptions {
  std::string module;                         ///< name in the Verilog source; empty: no layout
  std::optional<synth::WireProcess> wires{};  ///< to estimate wires with
  int max_cells = 1500;  ///< larger modules are refused: graywolf and qrouter take minutes and then hours
};

/// Wires of the same netlist as they are estimated without a layout, at the layout's utilization.
struct LayoutEstimate {
  double routed_length = 0, length = 0;            ///< um of all nets except the clock
  double routed_capacitance = 0, capacitance = 0;  ///< pF of them
  DescribedPath path;                              ///< longest path of any kind with the estimated wires
};

/// A module placed and routed, and its timing without and with its wires.
struct LayoutFindings {
  PreparedModule module;
  std::string library;
  synth::PlaceRouteResult layout;
  synth::Wiring wiring;
  std::map<std::string, double> lengths;  ///< um of wire on each layer that has some
  DescribedPath before, after;            ///< longest path of any kind
  double cell_area = 0;                   ///< um^2 by the Liberty file, with the buffers
  double outline_area = 0;                ///< um^2 of the same cells as they are laid out
  int fillers = 0;
  std::optional<LayoutEstimate> estimate{};  ///< if LayoutOptions asked for it
  std::filesystem::path picture, directory;

  [[nodiscard]] double width() const;   ///< of the die, um
  [[nodiscard]] double height() const;  ///< of the die, um
  /// Area of cells, fillers apart, in that of the die.
  [[nodiscard]] double utilization() const { return outline_area / (width() * height()); }
  /// Buffers for fan-out and ports, which no area report counts.
  [[nodiscard]] int added_buffers() const { return module.repair.buffers + module.port_buffers; }
  [[nodiscard]] bool ok() const { return wiring.open_nets.empty(); }
};

/// Checks that the tools, the library and the module of a layout are there; call before longer work.
[[nodiscard]] Result<> check_layout(const Design& design, const LayoutOptions& options, const Flow& flow);

/// Places and routes a module of a synthesized design. Everything that the tools write, the picture
/// layout.svg and the routed DEF are in place-route/MODULE below the directory of the synthesis. Errors:
/// those of prepare_module and synth::place_and_route; more cells than allowed.
[[nodiscard]] Result<LayoutFindings> measure_layout(const Synthesized& synthesized, const Flow& flow,
                                                    const LayoutOptions& options);

}  // namespace msq::flow
