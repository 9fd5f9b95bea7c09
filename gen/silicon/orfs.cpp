#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "gen/arch/manifest.hpp"
#include "gen/silicon/floorplan.hpp"
#include "gen/silicon/flows.hpp"

namespace msq::silicon {
namespace {

/// Modules of more gates than this stay modules, so that the placer of macros sees the hierarchy.
constexpr int kKeptGates = 1000;
/// Bits of a memory that the flow builds of registers, if it is asked to; its own limit is 4096.
constexpr long kRegisterBits = 65536;
constexpr double kCoreMargin = 2;       ///< um
constexpr double kDensityAddon = 0.15;  ///< density of placement above the least one

std::string set(const std::string& name, const std::string& value, const char* how = "=") {
  return fmt::format("export {} {} {}\n", name, how, value);
}

/// A list of files beside the configuration.
std::string files(const std::string& name, const std::vector<std::string>& names) {
  std::string text = fmt::format("export {} = $(addprefix $(HERE)/", name);
  for (std::size_t i = 0; i < names.size(); ++i)
    text += fmt::format("{} \\\n  {}", i == 0 ? "," : "", names[i]);
  return text + ")\n";
}

/// Directory of the results: letters, digits, `_` and `-`.
std::string nickname(const Design& design) {
  std::string name = design.top + "_" + design.config.name;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_' && c != '-'; },
      '_');
  return name;
}

bool is_macro(const FlowDesign& f, const Memory& memory) {
  return std::any_of(f.macros.begin(), f.macros.end(), [&](const Macro& m) {
    return m.memory.width == memory.width && m.memory.depth == memory.depth;
  });
}

/// Bits that the largest memory of registers may have.
long most_register_bits(const FlowDesign& f) {
  long most = kRegisterBits;
  for (const Memory& memory : memories(f.design)) {
    if (!is_macro(f, memory)) most = std::max(most, static_cast<long>(memory.width) * memory.depth);
  }
  return most;
}

std::string macro_settings(const FlowDesign& f) {
  std::vector<std::string> lefs, libs, stubs;
  for (const Macro& macro : f.macros) {
    lefs.push_back(macro.file("lef"));
    libs.push_back(macro.file("lib"));
    stubs.push_back(macro.stub_file());
  }
  return "\n# Placeholders of memory macros: no layout, no figures of a real macro.\n" +
         files("ADDITIONAL_LEFS", lefs) + files("ADDITIONAL_LIBS", libs) +
         files("LEC_AUX_VERILOG_FILES", stubs) + set("GDS_ALLOW_EMPTY", f.design.prefix + "_sram_.*");
}

std::string config_mk(const FlowDesign& f) {
  const ConstraintOptions& constraints = f.options.constraints;
  std::string text =
      f.heading("#", "Configuration for OpenROAD-flow-scripts") +
      "# In its directory flow: make DESIGN_CONFIG=PATH_OF_THIS_FILE\n"
      "HERE := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))\n\n" +
      set("PLATFORM", std::string(f.platform.name)) + set("DESIGN_NAME", f.design.top) +
      set("DESIGN_NICKNAME", nickname(f.design)) + "\n" + files("VERILOG_FILES", f.sources()) +
      set("SDC_FILE", fmt::format("$(HERE)/{}", kConstraintsFile)) +
      set("ABC_CLOCK_PERIOD_IN_PS", fmt::format("{:g}", constraints.period_ns * 1000)) +
      "\n# Hierarchy for the placement of macros and for reports.\n" + set("SYNTH_HIERARCHICAL", "1") +
      set("SYNTH_MINIMUM_KEEP_SIZE", fmt::format("{}", kKeptGates), "?=") +
      set("SYNTH_MEMORY_MAX_BITS", fmt::format("{}", most_register_bits(f)), "?=") +
      "\n# Core: rows / columns of the array.\n" +
      set("CORE_UTILIZATION", fmt::format("{:g}", f.options.utilization), "?=") +
      set("CORE_ASPECT_RATIO", fmt::format("{:g}", aspect_ratio(f.design)), "?=") +
      set("CORE_MARGIN", fmt::format("{:g}", kCoreMargin), "?=") +
      set("PLACE_DENSITY_LB_ADDON",
          fmt::format("{:g}", std::min(kDensityAddon, 1 - f.options.utilization / 100)), "?=") +
      set("IO_CONSTRAINTS", "$(HERE)/io.tcl");
  return f.macros.empty() ? text : text + macro_settings(f);
}

std::string io_tcl(const FlowDesign& f) {
  std::string text = f.heading("#", "Sides of the pins") + "foreach {side ports} {\n";
  for (const SidePorts& side : port_sides(f.design)) {
    if (side.ports.empty()) continue;
    text += fmt::format("  {} {{\n", side_name(side.side));
    for (const verilog::Port& port : side.ports)
      text += fmt::format("    {}{}\n", port.name, port.type.width == 1 ? "" : "[*]");
    text += "  }\n";
  }
  return text +
         "} {\n"
         "  set names {}\n"
         "  foreach port [get_ports $ports] { lappend names [get_full_name $port] }\n"
         "  set_io_pin_constraint -region $side:* -pin_names $names\n"
         "}\n";
}

}  // namespace

std::vector<DesignFile> orfs_files(const FlowDesign& f) {
  return {{"config.mk", config_mk(f)}, {"io.tcl", io_tcl(f)}};
}

}  // namespace msq::silicon
