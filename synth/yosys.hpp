#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/result.hpp"
#include "synth/recipe.hpp"
#include "synth/report.hpp"

namespace msq::synth {

/// A design to synthesize. Paths may hold spaces.
struct SynthesisRequest {
  std::vector<std::filesystem::path> sources;       ///< Verilog-2005, at least one
  std::vector<std::filesystem::path> blackboxes{};  ///< Verilog of which only the ports count: memories
  std::string top;                                  ///< module name
  std::filesystem::path liberty;                    ///< standard cells, plain text
  bool flatten = false;  ///< one netlist: a few percent smaller, but slow, and no areas by module
  bool netlist = false;  ///< also write the mapped hierarchy to netlist_file()
  std::optional<ClockMapping> clock{};  ///< recipes of the modules; none: the smallest netlist
  std::filesystem::path
      work_directory;  ///< created if missing; gets synth.ys, yosys.log, stat.txt, stat.json

  [[nodiscard]] std::filesystem::path netlist_file() const { return work_directory / "netlist.json"; }
};

/// Maps the design to the library with Yosys and reports its area. A module that stays in the hierarchy is
/// synthesized once however often it is instantiated. Fails unless the design is complete (every wire driven
/// once, no combinational loop, no latch) before and after mapping and every cell is one of the library.
/// Errors: missing program or file, unusable library, whatever Yosys refuses (in its words, with the log's
/// name).
Result<SynthesisReport> synthesize(const SynthesisRequest& request);

}  // namespace msq::synth
