#include "flow/tool_versions.hpp"

#include "synth/opensta.hpp"
#include "synth/yosys_program.hpp"
#include "tb/sim/build_model.hpp"

namespace msq::flow {
namespace {

ToolVersion version_of(Tool tool) {
  switch (tool) {
    case Tool::yosys:
      return {"yosys", synth::yosys_version()};
    case Tool::opensta:
      return {"opensta", synth::opensta_version()};
    case Tool::verilator:
      return {"verilator", tb::verilator_version()};
  }
  return {};
}

}  // namespace

std::vector<ToolVersion> tool_versions(const std::vector<Tool>& tools) {
  std::vector<ToolVersion> versions;
  versions.reserve(tools.size());
  for (const Tool tool : tools) versions.push_back(version_of(tool));
  return versions;
}

}  // namespace msq::flow
