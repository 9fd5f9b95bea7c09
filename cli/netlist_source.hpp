#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cli/outcome.hpp"
#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "synth/fanout.hpp"
#include "synth/liberty.hpp"
#include "synth/netlist.hpp"

namespace msq::cli {

/// Clock of every module that has one.
inline constexpr const char* kClockPort = "clk_i";

/// A mapped design made ready for timing and power: no net but the clock loads more than `max_fanout` cells.
struct PreparedNetlist {
  synth::Liberty liberty;
  synth::Netlist core;
  std::vector<synth::Netlist> leaves;           ///< modules without modules below them
  std::map<std::string, std::string> block_of;  ///< module -> block
  int max_fanout = 0;                           ///< 0: as synthesized
  std::string buffer;                           ///< the cell that was put in
  synth::FanoutRepair repair;
  double buffer_area = 0;  ///< um^2
};

struct NetlistSource {
  std::filesystem::path netlist;  ///< synth::SynthesisRequest::netlist_file()
  std::filesystem::path liberty;
  std::filesystem::path work;
  int max_fanout = 16;  ///< 0: leave nets as synthesized
};

/// Errors: OpenSTA missing; a netlist or library that cannot be used.
[[nodiscard]] Result<PreparedNetlist> prepare_netlist(const Design& design, const NetlistSource& source);

/// One module of a mapped design with all that stands in it, made ready for a layout: also each port is a pin
/// of its own (synth::buffer_ports).
struct PreparedModule {
  synth::Liberty liberty;
  synth::Netlist netlist;
  std::map<std::string, std::string> block_of;  ///< module -> block
  std::size_t variants = 0;  ///< modules of that name; the one with the most cells is taken
  std::string buffer;        ///< the cell that was put in
  synth::FanoutRepair repair;
  int port_buffers = 0;

  [[nodiscard]] double area(const synth::Netlist& of) const;  ///< um^2
  double synthesized_area = 0;                                ///< um^2, before buffers
};

/// @param module name in the Verilog source. Errors: as above; no such module; one with memories.
[[nodiscard]] Result<PreparedModule> prepare_module(const Design& design, const NetlistSource& source,
                                                    const std::string& module);

}  // namespace msq::cli
