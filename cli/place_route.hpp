#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cli/netlist_source.hpp"
#include "cli/outcome.hpp"
#include "cli/timing.hpp"
#include "support/result.hpp"
#include "synth/place_route.hpp"
#include "synth/wiring.hpp"

namespace msq::cli {

struct LayoutOptions {
  std::string module;    ///< name in the Verilog source; empty: no layout
  int max_cells = 1500;  ///< larger modules are refused: graywolf and qrouter take minutes and then hours
};

/// A module placed and routed, and its timing without and with its wires.
struct LayoutReport {
  PreparedModule module;
  std::string library;
  synth::PlaceRouteResult layout;
  synth::Wiring wiring;
  std::map<std::string, double> lengths;  ///< um of wire on each layer that has some
  DescribedPath before, after;            ///< longest path of any kind
  double cell_area = 0;                   ///< um^2 by the Liberty file, with the buffers
  double outline_area = 0;                ///< um^2 of the same cells as they are laid out
  int fillers = 0;
  std::filesystem::path picture, directory;

  [[nodiscard]] double width() const;   ///< of the die, um
  [[nodiscard]] double height() const;  ///< of the die, um
  /// Area of cells, fillers apart, in that of the die.
  [[nodiscard]] double utilization() const { return outline_area / (width() * height()); }
  [[nodiscard]] bool ok() const { return wiring.open_nets.empty(); }
};

/// Whether the tools and the library for a layout are there, and the module; call before longer work.
[[nodiscard]] Result<> check_layout(const Design& design, const LayoutOptions& options,
                                    const std::filesystem::path& liberty);

/// Places and routes a module of a synthesized design. Everything that the tools write, the picture
/// layout.svg and the routed DEF are in place-route/MODULE below source.work. Errors: those of prepare_module
/// and synth::place_and_route; more cells than allowed.
[[nodiscard]] Result<LayoutReport> measure_layout(const Design& design, const NetlistSource& source,
                                                  const LayoutOptions& options);

[[nodiscard]] Json to_json(const LayoutReport& report);
[[nodiscard]] std::string to_text(const LayoutReport& report);

}  // namespace msq::cli
