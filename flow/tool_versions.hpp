#pragma once

#include <string>
#include <vector>

namespace msq::flow {

enum class Tool { yosys, opensta, verilator };

/// A tool that figures come from.
struct ToolVersion {
  std::string tool;     ///< "yosys", "opensta", "verilator", "nextpnr"
  std::string version;  ///< as the tool prints it, "0.23 (git sha1 7ce5011c24b)"; empty if it prints none
  bool operator==(const ToolVersion&) const = default;
};

/// Versions of the tools in PATH, for reports and cache keys: figures depend on them.
[[nodiscard]] std::vector<ToolVersion> tool_versions(const std::vector<Tool>& tools);

}  // namespace msq::flow
