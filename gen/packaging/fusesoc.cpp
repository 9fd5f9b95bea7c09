#include <fmt/format.h>

#include <string>

#include "gen/packaging/packaging.hpp"

namespace msq::packaging {
namespace {

std::string fileset(const std::string& name, const std::string& type, const std::string& files) {
  return fmt::format("  {}:\n    file_type: {}\n    files:\n{}", name, type, files);
}

std::string file_line(const std::string& name) { return fmt::format("      - {}\n", name); }

std::string target(const std::string& name, const std::string& description, const std::string& filesets,
                   const std::string& top, const std::string& flow) {
  return fmt::format("  {}:\n    description: {}\n    filesets: [{}]\n    toplevel: {}\n{}", name,
                     description, filesets, top, flow);
}

/// Flow of Edalize with a tool and its options.
std::string flow(const std::string& name, const std::string& tool, const std::string& options) {
  return fmt::format("    flow: {}\n    flow_options:\n      tool: {}\n      {}\n", name, tool, options);
}

}  // namespace

std::string fusesoc_core(const Package& package) {
  const Design& design = package.design;
  std::string text =
      fmt::format("CAPI=2:\nname: microscopiq:rtl:{}:{}\ndescription: \"MicroScopiQ {}\"\n\nfilesets:\n",
                  design.top, generator_version(), package.title());
  std::string rtl = fmt::format("      - {}: {{is_include_file: true}}\n", design.assertions.name);
  for (const std::string& file : design.verilog_files()) rtl += file_line(file);
  text += fileset("rtl", "verilogSource-2005", rtl);
  text += fileset("verilator", "vlt", file_line(design.control.name));
  text += fileset("sdc", "SDC", file_line(sdc_file(design)));
  text += fileset("xdc", "xdc", file_line(xdc_file(design)));
  const bool bench = !package.blocks.empty();
  if (bench) text += fileset("smoke", "systemVerilogSource", file_line(smoke_file(design)));
  text += "\ntargets:\n";
  // Cores that depend on this one take the files of its default target, not its flow.
  const std::string lint = flow("lint", "verilator", "verilator_options: [-Wall]");
  text += target("default", "the design alone; Verilator without waivers", "rtl", design.top, lint);
  text += target("lint", "the same with the control file of benches", "verilator, rtl", design.top, lint);
  text += target("synth", "Yosys, cells of ECP5", "rtl", design.top,
                 flow("generic", "yosys", "arch: ecp5\n      output_format: json"));
  if (bench) {
    text += target("sim", "registers after reset against their table", "rtl, smoke", design.top + "_smoke",
                   flow("sim", "icarus", "iverilog_options: [-g2012]"));
  }
  return text;
}

}  // namespace msq::packaging
