#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gen/arch/design.hpp"
#include "gen/packaging/packaging.hpp"

namespace msq {

/// Open flows from Verilog to a layout: OpenROAD-flow-scripts and LibreLane.
enum class SiliconFlow { orfs, librelane };
/// As on the command line: "orfs", "librelane".
[[nodiscard]] std::string_view silicon_flow_name(SiliconFlow flow);
/// Processes of a flow by the names that it has for them, the default first.
[[nodiscard]] std::vector<std::string> silicon_platforms(SiliconFlow flow);
/// Beginning of the name of the cells' library of a process: "sky130" .. \throws std::out_of_range on another
/// process.
[[nodiscard]] std::string silicon_library(const std::string& platform);

/// Figures of a memory macro, by which its placeholders are made.
struct MacroMemory {
  int width = 8;                                     ///< bits of a word
  int depth = 2;                                     ///< words, at least 2
  double area = 0;                                   ///< um^2
  double leakage_nw = 0, read_pj = 0, write_pj = 0;  ///< of an access to all bits of a word
  double access_ns = 0, setup_ns = 0;                ///< behind and before the rising clock edge
};

/// Area of the smallest placeholder with room for the pins of a memory, um^2. \throws std::out_of_range on
/// another process.
[[nodiscard]] double least_macro_area(const MacroMemory& memory, const std::string& platform);

/// A design in a flow.
struct SiliconOptions {
  SiliconFlow flow = SiliconFlow::orfs;
  std::string platform = "sky130hd";  ///< one of silicon_platforms(flow)
  ConstraintOptions constraints{};
  double utilization = 45;  ///< of the core area by cells, percent
  /// Of the cells without macros, um^2: for the outline and the places of macros in LibreLane, which does not
  /// place them itself. 0: no place is given.
  double cell_area = 0;
  std::vector<MacroMemory> macros{};  ///< sizes of memories that become macros; all others are registers
};

/// Files that a flow needs beside the Verilog of a design, for Design::packaging: its configuration, timing
/// constraints, sides of the pins; and with macros a module that instantiates them, black boxes, and
/// placeholders of their LEF, Liberty and, for LibreLane, GDS files. They name each other and the Verilog
/// relative to their directory.
[[nodiscard]] std::vector<DesignFile> silicon_files(const Design& design, const SiliconOptions& options);

}  // namespace msq
