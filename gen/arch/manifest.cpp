#include "gen/arch/manifest.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gen/arch/interfaces.hpp"
#include "gen/arch/paths/path.hpp"
#include "gen/arch/shell.hpp"
#include "gen/config/serialize.hpp"

namespace msq {

using json = nlohmann::ordered_json;

namespace {

/// Clock, reset, interrupt and buses of the top.
json json_of(const Interfaces& interfaces) {
  json buses = json::array();
  for (const BusInterface& bus : interfaces.buses) {
    json ports = json::object();
    for (const BusPort& p : bus.ports) ports[p.logical] = p.port.name;
    buses.push_back({{"name", bus.name},
                     {"protocol", protocol_name(bus.protocol)},
                     {"role", bus.manager ? "manager" : "subordinate"},
                     {"ports", ports}});
  }
  json all = {{"clock", interfaces.clock}, {"reset", interfaces.reset}, {"buses", buses}};
  if (!interfaces.interrupt.empty()) all["interrupt"] = interfaces.interrupt;
  return all;
}

}  // namespace

std::vector<Memory> memories(const Design& design) {
  const Dimensions& d = design.dimensions;
  std::vector<Memory> list = d.path->memories(d);
  if (!has_top(design)) return list;
  const int unit_words = d.block_units / d.banks;
  list.push_back({"weight stream FIFO", 1, d.weight_beat + 1, d.weight_fifo});
  list.push_back({"weight section FIFO", 1, d.weight_beat, d.section_fifo});
  if (d.outliers) list.push_back({"outlier FIFO", 1, d.weight_beat, d.entry_fifo});
  list.push_back({"activation buffer", d.places, d.activation_beat, 2 * d.act_words / d.places});
  list.push_back({"activation scales", 1, 8, 2 * d.act_words});
  list.push_back({"activation references", 2, 8, 2 * d.tokens});
  list.push_back({"ranges of activation scales", 1, 16, d.tokens});
  list.push_back({"weight scales", d.section_words, d.section_word, d.slots});
  if (d.factor_bits > 0) {
    list.push_back({"weight factors", d.factor_words, std::min(d.section_word, 4 * d.lanes), d.slots});
  }
  list.push_back({"weight references", d.banks * d.unit_words, d.section_word, 4 * unit_words});
  list.push_back({"output accumulators", 2 * d.banks, d.unit * d.out_acc_bits, unit_words * d.tokens});
  if (has_shell(design)) {
    for (const Memory& memory : shell_memories(design.config.shell)) list.push_back(memory);
  }
  return list;
}

std::string ports_file(const Design& design) { return design.prefix + "_ports.hpp"; }

std::string registers_file(const Design& design) { return design.prefix + "_registers.h"; }

std::string shell_registers_file(const Design& design) { return design.prefix + "_shell_registers.h"; }

std::vector<std::string> other_files(const Design& design) {
  std::vector<std::string> names = {design.control.name, kManifestFile, ports_file(design)};
  if (has_top(design)) names.insert(names.end(), {registers_file(design), kRegisterPage});
  if (has_shell(design)) names.insert(names.end(), {shell_registers_file(design), kShellRegisterPage});
  for (const DesignFile& file : design.packaging) names.push_back(file.name);
  return names;
}

std::string manifest_json(const Design& design) {
  const Dimensions& d = design.dimensions;
  const ReconDimensions recon = d.recon.value_or(ReconDimensions{});  // keys of other tools: 0 without ReCoN
  std::vector<std::string> files = design.verilog_files();
  files.insert(files.begin(), design.assertions.name);
  json ports = json::array();
  for (const verilog::Port& port : design.ports) {
    ports.push_back({{"name", port.name},
                     {"direction", port.direction == verilog::Direction::input ? "input" : "output"},
                     {"width", port.type.width},
                     {"doc", port.doc}});
  }
  json manifest = {
      {"generator", "microscopiq " + generator_version()},
      {"config_hash", config_hash(design.config)},
      {"config", json::parse(to_json_with_derived(design.config))},
      {"top", design.top},
      {"files", files},
      {"other_files", other_files(design)},
      {"ports", ports},
      {"interfaces", json_of(find_interfaces(design.ports))},
      {"widths",
       {{"activation", d.act_bits},
        {"partial_sum", d.acc_bits},
        {"partial_sum_stored", d.sum_bits},
        {"column_bus", recon.bus_bits},
        {"recon_addend_per_pe", recon.addend_bits},
        {"recon_settings_per_row", recon.settings_bits}}},
      {"latency",
       {{"launch_to_partial_sums", d.latency}, {"recon", d.lead}, {"column_skew", d.skew_groups - 1}}},
      {"memories", json::array()}};
  if (d.baseline) {
    // The configuration is that of the plain array whose control and skew it has.
    manifest["baseline"] = baseline_name(d.baseline->kind);
  }
  for (const Memory& memory : memories(design)) {
    manifest["memories"].push_back({{"name", memory.name},
                                    {"module", design.prefix + "_ram_1r1w"},
                                    {"instances", memory.instances},
                                    {"width", memory.width},
                                    {"depth", memory.depth},
                                    {"bits", memory.bits()}});
  }
  return manifest.dump(2) + "\n";
}

long memory_bits(const Design& design) {
  long bits = 0;
  for (const Memory& memory : memories(design)) bits += memory.bits();
  return bits;
}

std::string ports_header(const Design& design) {
  const std::string macros = upper(design.prefix);
  std::string text = fmt::format(
      "// Generated by microscopiq {}. Ports of {}, configuration hash {}.\n#pragma once\n\n#include "
      "\"V{}.h\"\n#define {}_TOP V{}\n#define {}_PORTS(PORT)",
      generator_version(), design.top, config_hash(design.config), design.top, macros, design.top, macros);
  for (const verilog::Port& port : design.ports) {
    text += fmt::format(" \\\n  PORT({}, {})", port.name, port.type.width);
  }
  return text + "\n";
}

}  // namespace msq
