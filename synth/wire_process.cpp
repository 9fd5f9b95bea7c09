#include "synth/wire_process.hpp"

#include <string_view>

namespace msq::synth {
namespace {

/// Wires by the beginning of a library's name. OSU 0.18 um: osu018_stdcells.lef of qflow, without coupling,
/// mean of metal2 and metal3 for signals, metal4 for the clock. The others: OpenROAD-flow-scripts, setRC.tcl
/// of the platforms sky130hd (met2, met3), nangate45 (metal3, metal5) and asap7, fitted to extracted layouts.
struct KnownWires {
  std::string_view library;
  WireProcess wires;
};
constexpr KnownWires kWires[] = {
    {"osu018", {0.2667, 1.188e-4, 0.2333, 8.44e-5}},
    {"sky130", {0.8929, 1.36233e-4, 1.567, 2.14962e-4}},
    {"NangateOpenCellLibrary", {3.59251, 1.04578e-4, 1.48720, 1.10884e-4}},
    {"asap7", {32.3151, 1.73323e-4, 51.3971, 1.44549e-4}},
};

}  // namespace

std::optional<WireProcess> wire_process(const Liberty& library) {
  for (const KnownWires& known : kWires) {
    if (std::string_view(library.name).starts_with(known.library)) return known.wires;
  }
  return std::nullopt;
}

}  // namespace msq::synth
