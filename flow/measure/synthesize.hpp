#pragma once

#include <filesystem>

#include "flow/flow.hpp"
#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "synth/report.hpp"

namespace msq::flow {

struct SynthesisOptions {
  bool flatten = false;  ///< one netlist: slower, and no areas by module
  bool netlist = false;  ///< also write the mapped hierarchy, for timing, power and layout
};

/// A design mapped to the library.
struct Synthesized {
  Design design;
  synth::SynthesisReport report;
  std::filesystem::path netlist;  ///< mapped hierarchy; written if SynthesisOptions asked for it

  /// Holds Verilog, scripts, logs and the netlist.
  [[nodiscard]] std::filesystem::path directory() const { return netlist.parent_path(); }
};

/// Checks that Yosys, abc and a library are there; call before longer work.
[[nodiscard]] Result<> check_synthesis_tools(const std::filesystem::path& liberty);

/// Maps a design in NAME-HASH[-top][-flat] below flow.work; memories are black boxes.
/// Errors: those of synth::synthesize; a directory that cannot be written.
[[nodiscard]] Result<Synthesized> synthesize(const Design& design, const Flow& flow,
                                             const SynthesisOptions& options);

}  // namespace msq::flow
