#include "synth/place_route.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "support/files.hpp"
#include "support/tool.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

// qflow's own drivers are shell scripts around what follows. Running their steps one by one keeps each exit
// code (the drivers lose the router's in a pipe), a log for each step, and path names out of a shell.
const fs::path kScripts = "/usr/lib/qflow/scripts";

constexpr const char* kLef = "cells.lef";  ///< a link: the scripts take no paths with blanks
/// Stripes of the supply, as qflow has them for the OSU libraries: width and pitch in um, one of power and
/// one of ground in turn. Rows get gaps where they run.
const std::vector<std::string> kStripes = {"-stripe", "2.0", "50.0", "PG"};
/// Number of vias that may be stacked, as qflow has it for the OSU libraries.
constexpr const char* kStackedVias = "1";
/// A router that has not found the last nets by then tries the same again and again.
constexpr std::chrono::minutes kRouterLimit{30};

/// Last lines of a log, as a reason.
std::string end_of(const std::string& log) {
  constexpr std::size_t kTail = 400;
  return log.substr(log.size() - std::min(log.size(), kTail));
}

/// One tool after the other in one directory.
class Steps {
 public:
  explicit Steps(fs::path directory) : directory_(std::move(directory)) {}

  /// Runs a tool, which must write `output`. @param log name of its log, without extension.
  Result<double> run(const std::string& log, std::vector<std::string> argv, const std::string& output,
                     std::optional<std::chrono::milliseconds> limit = std::nullopt) {
    const fs::path log_file = directory_ / (log + ".log");
    const std::string tool = fs::path(argv.front()).filename().string();
    const auto ran = run_tool(
        {.argv = std::move(argv), .working_directory = directory_, .log_file = log_file, .timeout = limit});
    if (!ran) return Error(ran.error());
    if (ran->timed_out) {
      return Error(fmt::format(
          "{} has not ended after {} minutes: the design is too dense or too large for it (log: {})", tool,
          std::chrono::duration_cast<std::chrono::minutes>(*limit).count(), log_file.string()));
    }
    std::error_code ignored;
    if (!ran->ok() || !fs::exists(directory_ / output, ignored)) {
      const std::string how = ran->signal != 0 ? fmt::format("was ended by signal {}", ran->signal)
                              : ran->ok()      ? fmt::format("wrote no {}", output)
                                               : "failed";
      return Error(fmt::format("{} {} (log: {}):\n{}", tool, how, log_file.string(),
                               end_of(read_text(log_file).value_or(""))));
    }
    return ran->wall_seconds;
  }

  /// Takes a file that a script wrote in place of the one that it read.
  std::optional<std::string> replace(const std::string& from, const std::string& to) {
    std::error_code code;
    fs::rename(directory_ / from, directory_ / to, code);
    if (code)
      return fmt::format("{}: cannot rename to {}: {}", (directory_ / from).string(), to, code.message());
    return std::nullopt;
  }

  [[nodiscard]] fs::path file(const std::string& name) const { return directory_ / name; }

 private:
  fs::path directory_;
};

std::string script(const char* name) { return (kScripts / name).string(); }

std::optional<std::string> unknown_cell(const Netlist& netlist, const Lef& lef) {
  for (const NetlistCell& cell : netlist.cells) {
    const CellType& type = netlist.types[static_cast<std::size_t>(cell.type)];
    const auto macro = lef.macros.find(type.name);
    if (macro == lef.macros.end()) return fmt::format("the library has no layout of cell {}", type.name);
    for (const CellType::Pin& pin : type.pins) {
      if (macro->second.pin(pin.name) == nullptr)
        return fmt::format("the layout of cell {} has no pin {}", type.name, pin.name);
    }
  }
  return std::nullopt;
}

std::string router_script(const std::string& name, const LayoutLibrary& library,
                          const std::string& obstructions) {
  return fmt::format(
      "verbose 1\nread_lef {}\ncatch {{layers {}}}\nvia stack {}\nvdd {}\ngnd {}\n{}read_def {}.def\n"
      // Without `quit` qrouter waits for commands if nets are left over.
      "qrouter::standard_route {}_route.def false\nquit\n",
      kLef, library.lef.layers.size(), kStackedVias, library.supplies.power, library.supplies.ground,
      obstructions, name, name);
}

/// "qrouter 1.4.71.T" in the file that it writes about the layers.
std::string router_version(const std::string& info) {
  const std::size_t end = info.find('\n');
  const std::string line = info.substr(0, end);
  return line.starts_with("qrouter ") ? line.substr(8) : "";
}

Result<> prepare(const Steps& steps, const Netlist& netlist, const LayoutLibrary& library,
                 const std::string& name) {
  std::error_code code;
  fs::create_directories(steps.file(""), code);
  if (code)
    return Error(fmt::format("{}: cannot create the directory: {}", steps.file("").string(), code.message()));
  // graywolf leaves a step out whose results are as new as its inputs, in whole seconds, so that the files of
  // an earlier run may change the placement.
  for (const fs::directory_entry& entry : fs::directory_iterator(steps.file(""), code)) {
    const std::string file = entry.path().filename().string();
    if (file == kLef || file.starts_with(name + ".") || file.starts_with(name + "_"))
      fs::remove(entry.path(), code);
  }
  fs::create_symlink(fs::absolute(library.lef_file), steps.file(kLef), code);
  if (code) return Error(fmt::format("{}: cannot link: {}", steps.file(kLef).string(), code.message()));
  MSQ_TRY(const auto parameters, read_text(library.parameters_file));
  MSQ_CHECK(write_text(steps.file(name + ".par"), parameters));
  MSQ_CHECK(write_text(steps.file("info.cfg"), fmt::format("read_lef {}\n", kLef)));
  return write_text(steps.file(name + ".blif"), layout_blif(netlist, name, library.supplies));
}

/// Up to a placed design NAME.def. Returns the seconds of the placement.
Result<double> place(Steps& steps, const LayoutLibrary& library, const std::string& name) {
  auto info = steps.run("info", {"qrouter", "-nog", "-i", name + ".info", "-c", "info.cfg"}, name + ".info");
  if (!info) return info;
  auto cel = steps.run(
      "cel", {script("blif2cel.tcl"), "--blif", name + ".blif", "--lef", kLef, "--cel", name + ".cel"},
      name + ".cel");
  if (!cel) return cel;
  auto placed = steps.run("place", {"graywolf", "-n", name}, name + ".pin");
  if (!placed) return placed;
  auto def = steps.run("def", {script("place2def.tcl"), name, library.filler}, name + ".def");
  if (!def) return def;
  std::vector<std::string> spacers = {script("addspacers.tcl")};
  spacers.insert(spacers.end(), kStripes.begin(), kStripes.end());
  spacers.insert(spacers.end(), {name, kLef, library.filler});
  auto filled = steps.run("spacers", spacers, name + "_filled.def");
  if (!filled) return filled;
  if (auto problem = steps.replace(name + "_filled.def", name + ".def")) return Error(*problem);
  if (fs::exists(steps.file(name + ".obsx"))) {
    if (auto problem = steps.replace(name + ".obsx", name + ".obs")) return Error(*problem);
  }
  auto pins = steps.run("pins", {script("arrangepins.tcl"), name}, name + "_mod.def");
  if (!pins) return pins;
  if (auto problem = steps.replace(name + "_mod.def", name + ".def")) return Error(*problem);
  return placed;
}

}  // namespace

Result<LayoutLibrary> layout_library(const fs::path& liberty) {
  LayoutLibrary library;
  const fs::path directory = fs::absolute(liberty).parent_path();
  library.lef_file = fs::path(liberty).replace_extension(".lef");
  library.parameters_file = directory / (directory.filename().string() + ".par");
  std::error_code code;
  for (const fs::path& file : {library.lef_file, library.parameters_file}) {
    if (!fs::is_regular_file(file, code)) {
      return Error(
          fmt::format("{}: no such file; a layout needs the library of a qflow technology, as those of the "
                      "Debian package qflow-tech-osu018",
                      file.string()));
    }
  }
  auto lef = read_lef(library.lef_file);
  if (!lef) return Error(lef.error());
  library.lef = std::move(*lef);
  library.supplies = {library.lef.supply(LefPin::Use::power), library.lef.supply(LefPin::Use::ground)};
  library.filler = library.lef.filler();
  if (library.supplies.power.empty() || library.supplies.ground.empty() || library.filler.empty())
    return Error(fmt::format("{}: no pins of the supply, or no filler cell", library.lef_file.string()));
  return library;
}

Result<> check_layout_tools() {
  for (const char* program : {"graywolf", "qrouter"}) {
    if (!on_path(program)) return Error(missing_program_message(program));
  }
  for (const char* name : {"blif2cel.tcl", "place2def.tcl", "addspacers.tcl", "arrangepins.tcl"}) {
    if (!on_path(script(name)))
      return Error(fmt::format("{}: not found; install the Debian package qflow (apt-get install qflow)",
                               script(name)));
  }
  return {};
}

Result<PlaceRouteResult> place_and_route(const Netlist& netlist, const LayoutLibrary& library,
                                         const PlaceRouteRequest& request) {
  if (auto tools = check_layout_tools(); !tools) return Error(tools.error());
  if (auto problem = unknown_cell(netlist, library.lef)) return Error(*problem);
  const std::string& name = request.name;
  Steps steps(request.work_directory);
  MSQ_CHECK(prepare(steps, netlist, library, name));
  PlaceRouteResult result;
  const auto placed = place(steps, library, name);
  if (!placed) return Error(placed.error());
  result.place_seconds = *placed;
  result.router_version = router_version(read_text(steps.file(name + ".info")).value_or(""));

  const std::string obstructions = read_text(steps.file(name + ".obs")).value_or("");
  MSQ_CHECK(write_text(steps.file("route.tcl"), router_script(name, library, obstructions)));
  const auto routed =
      steps.run("route", {"qrouter", "-nog", "-s", "route.tcl"}, name + "_route.def", kRouterLimit);
  if (!routed) return Error(routed.error());
  result.route_seconds = *routed;
  result.def_file = steps.file(name + "_route.def");
  auto def = read_def(result.def_file);
  if (!def) return Error(def.error());
  result.def = std::move(*def);
  return result;
}

}  // namespace msq::synth
