#include "gen/arch/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

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

/// Puts an instance around the instances of a memory.
void add_level(Memory& memory, const std::string& instance) {
  for (std::string& path : memory.paths) path.insert(0, instance + ".");
}

/// "NAME0", "NAME1" ..
std::vector<std::string> numbered(const std::string& name, int count) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) names.push_back(fmt::format("{}{}", name, i));
  return names;
}

/// Memories of the top, without those of its core.
std::vector<Memory> top_memories(const Dimensions& d) {
  std::vector<Memory> list;
  const auto add = [&](const char* name, int width, int depth, std::vector<std::string> paths) {
    const int instances = static_cast<int>(paths.size());
    list.push_back({name, instances, width, depth, std::move(paths)});
  };
  const int unit_words = d.block_units / d.banks;
  add("weight stream FIFO", d.weight_beat + 1, d.weight_fifo, {"u_weight_fifo.u_ram"});
  add("weight section FIFO", d.weight_beat, d.section_fifo, {"u_sections.u_ram"});
  if (d.outliers) add("outlier FIFO", d.weight_beat, d.entry_fifo, {"u_entries.u_ram"});
  add("weight row FIFO", d.row_bits, d.row_fifo, {"u_queue.u_ram"});
  add("activation buffer", d.activation_beat, 2 * d.act_words / d.places,
      d.places == 1 ? std::vector<std::string>{"u_act_words"} : numbered("u_act_words", d.places));
  add("activation scales", 8, 2 * d.act_words, {"u_act_scales"});
  add("activation references", 8, 2 * d.tokens, {"u_collect_act_references", "u_drain_act_references"});
  add("ranges of activation scales", 16, d.tokens, {"u_act.u_range"});
  add("weight scales", d.section_word, d.slots, numbered("u_weight_scales", d.section_words));
  if (d.factor_bits > 0) {
    add("weight factors", std::min(d.section_word, 4 * d.lanes), d.slots,
        numbered("u_weight_factors", d.factor_words));
  }
  std::vector<std::string> references, accumulators;
  for (const std::string& bank : numbered("u_weight_references", d.banks)) {
    for (const std::string& word : numbered(bank + "_", d.unit_words)) references.push_back(word);
  }
  for (const std::string& bank : numbered("u_bank", d.banks)) {
    for (const std::string& half : numbered(bank + ".u_half", 2)) accumulators.push_back(half);
  }
  add("weight references", d.section_word, 4 * unit_words, std::move(references));
  add("output accumulators", d.unit * d.out_acc_bits, unit_words * d.tokens, std::move(accumulators));
  return list;
}

}  // namespace

std::vector<Memory> memories(const Design& design) {
  const Dimensions& d = design.dimensions;
  std::vector<Memory> list = d.path->memories(d);
  if (!has_top(design)) return list;
  for (Memory& memory : list) add_level(memory, "u_core");
  for (Memory& memory : top_memories(d)) list.push_back(std::move(memory));
  if (!has_shell(design)) return list;
  for (Memory& memory : list) add_level(memory, "u_top");
  for (Memory& memory : shell_memories(design.config.shell)) list.push_back(std::move(memory));
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
                                    {"bits", memory.bits()},
                                    {"paths", memory.paths}});
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
