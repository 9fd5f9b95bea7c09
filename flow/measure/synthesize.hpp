#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "flow/flow.hpp"
#include "gen/arch/design.hpp"
#include "support/lock.hpp"
#include "support/result.hpp"
#include "synth/recipe.hpp"
#include "synth/report.hpp"

namespace msq::flow {

struct SynthesisOptions {
  bool flatten = false;  ///< one netlist: slower, and no areas by module
  bool netlist = false;  ///< also write the mapped hierarchy, for timing, power and layout
  std::optional<synth::ClockMapping> clock{};  ///< recipes of the modules; none: the smallest netlist
  std::string variant{};                       ///< directory below the design's; empty: the design's own
};

/// A design mapped to the library.
struct Synthesized {
  Design design;
  synth::SynthesisReport report;
  std::filesystem::path netlist;       ///< mapped hierarchy; written if SynthesisOptions asked for it
  std::shared_ptr<const Lock> lock{};  ///< of directory(): no other run writes there as long as this lives

  /// Holds Verilog, scripts, logs and the netlist.
  [[nodiscard]] std::filesystem::path directory() const { return netlist.parent_path(); }
};

/// Checks that Yosys, abc and a library are there; call before longer work.
[[nodiscard]] Result<> check_synthesis_tools(const std::filesystem::path& liberty);

/// Creates the directory of a design and locks it: no other run of the program writes there as long as the
/// lock lives. Errors: it cannot be made; another run uses it.
[[nodiscard]] Result<std::shared_ptr<const Lock>> lock_work(const std::filesystem::path& directory);

/// Directory of a design below that of all runs: NAME-HASH, with -top or -shell if it has these.
[[nodiscard]] std::string work_name(const Design& design);

/// Maps a design in work_name(design)[-flat][/VARIANT] below flow.work; memories are black boxes.
/// Errors: those of synth::synthesize; a directory that cannot be written, or that another run uses.
[[nodiscard]] Result<Synthesized> synthesize(const Design& design, const Flow& flow,
                                             const SynthesisOptions& options);

}  // namespace msq::flow
