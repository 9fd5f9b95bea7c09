#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "flow/flow.hpp"
#include "flow/measure/synthesize.hpp"
#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "synth/fanout.hpp"
#include "synth/liberty.hpp"
#include "synth/netlist.hpp"

namespace msq::flow {

/// Clock of every module that has one.
inline constexpr const char* kClockPort = "clk_i";

/// Buffers that hold the fan-out of every net except the clock.
struct FanoutBuffers {
  int limit = 0;           ///< cells that a net may load; 0: as synthesized
  synth::CellType cell{};  ///< that was put in; no name: none
  synth::FanoutRepair repair;
  double area = 0;  ///< um^2
};

/// A mapped design made ready for timing and power.
struct PreparedNetlist {
  Design design;
  std::filesystem::path liberty_file;
  std::filesystem::path directory;  ///< of the synthesis; every measurement gets one below it
  synth::Liberty liberty{};
  synth::Netlist core{};
  std::vector<synth::Netlist> leaves{};           ///< modules without modules below them
  std::map<std::string, std::string> block_of{};  ///< module -> block
  FanoutBuffers fanout{};
};

/// Puts buffers on the nets of core and leaves that load more than `limit` cells, and notes them in `fanout`;
/// 0: none. Errors: the library has no buffer; those of OpenSTA.
[[nodiscard]] Result<> hold_fanout(PreparedNetlist& prepared, int limit);

/// Errors: OpenSTA missing; a netlist or library that cannot be used.
[[nodiscard]] Result<PreparedNetlist> prepare_netlist(const Synthesized& synthesized, const Flow& flow);

/// One module of a mapped design with all its contents, made ready for a layout: also each port is a pin
/// of its own (synth::buffer_ports).
struct PreparedModule {
  std::filesystem::path liberty_file;
  std::filesystem::path directory;  ///< of the synthesis
  synth::Liberty liberty;
  synth::Netlist netlist;
  std::map<std::string, std::string> block_of;  ///< module -> block
  std::size_t variants = 0;                     ///< modules of that name; the largest is taken
  std::string buffer;                           ///< the cell that was put in
  synth::FanoutRepair repair;
  int port_buffers = 0;
  double synthesized_area = 0;  ///< um^2, before buffers

  [[nodiscard]] double area(const synth::Netlist& of) const;  ///< um^2
};

/// @param module name in the Verilog source. Errors: as above; no such module; one with memories.
[[nodiscard]] Result<PreparedModule> prepare_module(const Synthesized& synthesized, const Flow& flow,
                                                    const std::string& module);

}  // namespace msq::flow
