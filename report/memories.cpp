#include "report/memories.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "report/text.hpp"

namespace msq::report {

using Json = nlohmann::ordered_json;

namespace {

struct Part {
  std::string name;
  double area = 0;  ///< um^2
};

/// Core, blocks of the top and memories; a flattened design is one part.
std::vector<Part> parts_of(const flow::MemoryFindings& findings, const flow::DesignArea& logic) {
  const synth::SynthesisReport& report = logic.report();
  const std::string top = "top: ";
  const std::string shell = "shell: ";
  std::vector<Part> parts;
  if (logic.blocks.empty()) {
    parts.push_back({"logic", report.um2(report.area)});
  } else {
    parts.push_back({"core", 0});
  }
  for (const synth::BlockArea& block : logic.blocks) {
    if (block.block.starts_with(shell)) {
      parts.push_back({block.block, report.um2(block.area)});
      continue;
    }
    if (block.block.rfind(top, 0) != 0) {
      parts.front().area += report.um2(block.area);
      continue;
    }
    const std::string name = block.block.substr(top.size());
    parts.push_back({name == "control" ? "control around the core" : name, report.um2(block.area)});
  }
  for (const flow::PricedMemory& m : findings.memories)
    parts.push_back({"memory: " + m.memory.name, m.area()});
  return parts;
}

double total(const std::vector<Part>& parts) {
  double sum = 0;
  for (const Part& part : parts) sum += part.area;
  return sum;
}

Json json_of(const flow::PricedMemory& m) {
  const synth::MemoryFigures& f = m.figures;
  Json json = {{"name", m.memory.name},
               {"instances", m.memory.instances},
               {"width", m.memory.width},
               {"depth", m.memory.depth},
               {"kind", memory_kind_name(m.kind)},
               {"area_um2", m.area()},
               {"leakage_w", m.leakage()},
               {"read_energy_j", f.read_energy},
               {"write_energy_j", f.write_energy},
               {"cycle_energy_j", f.cycle_energy},
               {"access_ns", f.access_time},
               {"setup_ns", f.setup_time},
               {"reads_of_a_launch", m.accesses.reads},
               {"writes_of_a_launch", m.accesses.writes},
               {"launch_energy_j", m.launch_energy()}};
  if (m.kind == flow::MemoryKind::macros) {
    json["macros"] = {{"across", m.array.across},
                      {"deep", m.array.deep},
                      {"width", m.array.macro.width},
                      {"depth", m.array.macro.depth},
                      {"words_per_row", m.array.macro.words_per_row}};
  }
  return json;
}

/// Macros, or other kind of memory, of one instance.
std::string built_of(const flow::PricedMemory& m) {
  if (m.kind != flow::MemoryKind::macros) return std::string(memory_kind_name(m.kind));
  return fmt::format("{} of {} x {}", m.array.across * m.array.deep, m.array.macro.depth,
                     m.array.macro.width);
}

/// A figure that only memories of another kind have is 0.
std::string figure(double value, double unit, const char* format) {
  return value > 0 ? fmt::format(fmt::runtime(format), value / unit) : "-";
}

}  // namespace

Json to_json(const flow::MemoryFindings& findings, const flow::DesignArea& logic) {
  Json memories = Json::array();
  for (const flow::PricedMemory& m : findings.memories) memories.push_back(json_of(m));
  const std::vector<Part> parts = parts_of(findings, logic);
  Json rows = Json::array();
  for (const Part& part : parts)
    rows.push_back({{"part", part.name}, {"area_um2", part.area}, {"share", part.area / total(parts)}});
  return {{"memory_area_um2", findings.area()},
          {"memory_leakage_w", findings.leakage()},
          {"memory_launch_energy_j", findings.launch_energy()},
          {"area_um2", total(parts)},
          {"memories", memories},
          {"parts", rows}};
}

std::string to_text(const flow::MemoryFindings& findings, const flow::DesignArea& logic) {
  Table memories({"memory", "instances", "words", "bits", "one of", "mm^2", "leakage uW", "read pJ",
                  "write pJ", "clock pJ", "launch pJ", "access ns", "setup ns"});
  for (const flow::PricedMemory& m : findings.memories) {
    const synth::MemoryFigures& f = m.figures;
    memories.add({m.memory.name, std::to_string(m.memory.instances), grouped(m.memory.depth),
                  grouped(m.memory.width), built_of(m), fmt::format("{:.4f}", m.area() / 1e6),
                  figure(m.leakage(), 1e-6, "{:.2f}"), figure(f.read_energy, 1e-12, "{:.1f}"),
                  figure(f.write_energy, 1e-12, "{:.1f}"), figure(f.cycle_energy, 1e-12, "{:.1f}"),
                  figure(m.launch_energy(), 1e-12, "{:.1f}"), figure(f.access_time, 1, "{:.2f}"),
                  figure(f.setup_time, 1, "{:.2f}")});
  }
  const std::vector<Part> parts = parts_of(findings, logic);
  Table areas({"part", "mm^2", "share"});
  for (const Part& part : parts)
    areas.add({part.name, fmt::format("{:.4f}", part.area / 1e6), percent(part.area / total(parts), 1)});
  areas.add({"all", fmt::format("{:.4f}", total(parts) / 1e6), ""});
  return "  area, leakage and energy of a cycle that starts a token of all instances, else of one "
         "(docs/results/data/sram.md)\n" +
         memories.str() +
         item("energy",
              fmt::format("{:.1f} pJ in a cycle that starts a token", findings.launch_energy() * 1e12)) +
         "  the whole accelerator\n" + areas.str();
}

}  // namespace msq::report
