#pragma once

#include <filesystem>
#include <string>

#include "support/result.hpp"
#include "synth/def.hpp"
#include "synth/lef.hpp"
#include "synth/netlist.hpp"
#include "synth/netlist_layout.hpp"

namespace msq::synth {

/// Data of a library in qflow beside its Liberty file.
struct LayoutLibrary {
  std::filesystem::path lef_file;         ///< X.lef beside X.lib
  std::filesystem::path parameters_file;  ///< of graywolf: DIRECTORY.par in the directory
  Lef lef;
  SupplyNames supplies;
  std::string filler;  ///< cell that fills gaps
};

/// Errors: the Liberty file is not part of a qflow technology (Debian packages qflow-tech-...), or its LEF
/// file cannot be used.
[[nodiscard]] Result<LayoutLibrary> layout_library(const std::filesystem::path& liberty);

/// Whether graywolf, qrouter and the scripts of qflow are there.
[[nodiscard]] Result<> check_layout_tools();

struct PlaceRouteRequest {
  std::filesystem::path work_directory;  ///< created if missing; gets all files of the tools, and their logs
  std::string name;                      ///< of these files: a plain identifier
};

struct PlaceRouteResult {
  Def def;
  std::filesystem::path def_file;
  std::string router_version;
  double place_seconds = 0, route_seconds = 0;
};

/// Places a netlist in rows with graywolf and routes it with qrouter, with the conversions between them that
/// qflow has, on all layers that the library has and with stripes of the supply across the rows. The router
/// leaves connections open that it cannot make (reported by measure_wiring).
/// @param netlist after buffer_ports, without memories.
/// Errors: a missing tool; a cell that the library has no layout of; a tool that fails, with its log's name,
/// or a router that has not ended after half an hour.
[[nodiscard]] Result<PlaceRouteResult> place_and_route(const Netlist& netlist, const LayoutLibrary& library,
                                                       const PlaceRouteRequest& request);

}  // namespace msq::synth
