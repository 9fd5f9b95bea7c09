#pragma once

#include <string>
#include <vector>

#include "gen/silicon/macros.hpp"

namespace msq::silicon {

/// A design as the files of a flow need it.
struct FlowDesign {
  const Design& design;
  const SiliconOptions& options;
  const Platform& platform;
  packaging::Package package;
  std::vector<Macro> macros;

  /// Verilog that the flow reads, black boxes apart, in order.
  [[nodiscard]] std::vector<std::string> sources() const;
  /// First line of a file.
  [[nodiscard]] std::string heading(const std::string& comment, const std::string& kind) const;
};

/// Names of the files.
inline constexpr const char* kConstraintsFile = "constraint.sdc";
[[nodiscard]] std::string memory_file(const Design& design);

/// config.mk and io.tcl.
[[nodiscard]] std::vector<DesignFile> orfs_files(const FlowDesign& design);
/// config.json and pin_order.cfg.
[[nodiscard]] std::vector<DesignFile> librelane_files(const FlowDesign& design);
/// Constraints that the configuration of LibreLane and its process give, beyond those of the design.
[[nodiscard]] std::string librelane_constraints(const packaging::Package& package);

}  // namespace msq::silicon
