#include "synth/stat.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <system_error>

namespace msq::synth {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::optional<std::int64_t> to_count(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// "240.000000" without passing through a double, which could not hold large areas to the last digit.
std::optional<AreaNm2> to_area(std::string_view text) {
  constexpr std::size_t kDecimals = 6;
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || text.size() != point + 1 + kDecimals) return std::nullopt;
  return to_count(std::string(text.substr(0, point)) + std::string(text.substr(point + 1)));
}

/// As Yosys prints it.
double printed(AreaNm2 area) { return static_cast<double>(area) / 1e6; }

class StatParser {
 public:
  Result<Stat> parse(std::string_view text) {
    std::size_t line_number = 0;
    while (!text.empty()) {
      ++line_number;
      const std::size_t end = text.find('\n');
      const std::string_view line = trimmed(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (!read_line(line)) {
        return Error(fmt::format("statistics of Yosys, line {}: cannot read \"{}\"", line_number, line));
      }
    }
    if (stat_.modules.empty()) return Error("statistics of Yosys: no module in them");
    if (!in_hierarchy_) {
      // A design of one module gets no hierarchy section.
      if (stat_.modules.size() != 1)
        return Error("statistics of Yosys: the section \"design hierarchy\" is missing");
      stat_.total_area = stat_.modules[0].area;
    }
    return std::move(stat_);
  }

 private:
  bool read_line(std::string_view line) {
    if (line.size() > 8 && line.substr(0, 4) == "=== " && line.substr(line.size() - 4) == " ===") {
      return open_section(line.substr(4, line.size() - 8));
    }
    if (line.empty()) in_cells_ = false;
    if (line.substr(0, 16) == "Number of cells:") {
      in_cells_ = true;
      return to_count(trimmed(line.substr(16))).has_value();
    }
    if (line.substr(0, 14) == "Chip area for ") return read_area(line);
    // The hierarchy section counts the cells once more; we multiply by ourselves.
    if (in_cells_ && !in_hierarchy_) return read_cell(line);
    return true;
  }

  bool open_section(std::string_view name) {
    in_cells_ = false;
    if (name == "design hierarchy") {
      in_hierarchy_ = true;
    } else {
      stat_.modules.push_back({.name = std::string(name), .cells = {}});
    }
    return true;
  }

  bool read_cell(std::string_view line) {
    const std::size_t blank = line.rfind(' ');
    if (blank == std::string_view::npos || stat_.modules.empty()) return false;
    const auto count = to_count(line.substr(blank + 1));
    if (!count) return false;
    return stat_.modules.back().cells.emplace(trimmed(line.substr(0, blank)), *count).second;
  }

  bool read_area(std::string_view line) {
    const std::size_t separator = line.rfind("': ");
    if (separator == std::string_view::npos || stat_.modules.empty()) return false;
    const auto area = to_area(line.substr(separator + 3));
    if (!area) return false;
    (in_hierarchy_ ? stat_.total_area : stat_.modules.back().area) = *area;
    return true;
  }

  Stat stat_;
  bool in_cells_ = false;
  bool in_hierarchy_ = false;
};

/// Adds the modules up from the top down.
class Summary {
 public:
  Summary(const Stat& stat, const Liberty& liberty) : liberty_(liberty) {
    for (const StatModule& module : stat.modules) modules_.emplace(module.name, &module);
  }

  Result<SynthesisReport> run(const std::string& top, AreaNm2 yosys_total) {
    const auto top_module = modules_.find(top);
    if (top_module == modules_.end())
      return Error(fmt::format("statistics of Yosys: top module \"{}\" is missing", top));
    std::vector<const StatModule*> order;
    if (!visit(*top_module->second, order)) return Error("statistics of Yosys: a module contains itself");
    instances_[top_module->second] = 1;
    // Parents come last in `order`, and every parent of a module must be counted before the module is.
    for (auto module = order.rbegin(); module != order.rend(); ++module) {
      if (auto problem = add(**module)) return Error(*problem);
    }
    return finish(top, yosys_total);
  }

 private:
  const StatModule* submodule(const std::string& type) const {
    const auto found = modules_.find(type);
    return found == modules_.end() ? nullptr : found->second;
  }

  /// Depth-first, children first; false on a cycle.
  bool visit(const StatModule& module, std::vector<const StatModule*>& order) {
    const auto [mark, first_time] = done_.emplace(&module, false);
    if (!first_time) return mark->second;
    for (const auto& [type, count] : module.cells) {
      const StatModule* child = submodule(type);
      if (child != nullptr && !visit(*child, order)) return false;
    }
    done_[&module] = true;
    order.push_back(&module);
    return true;
  }

  std::optional<std::string> add(const StatModule& module) {
    const std::int64_t instances = instances_[&module];
    ModuleArea& entry = by_name_[base_module_name(module.name)];
    entry.instances += instances;
    entry.area += instances * module.area;
    rounding_ += instances;
    double expected = 0;
    for (const auto& [type, count] : module.cells) {
      if (const StatModule* child = submodule(type)) {
        instances_[child] += instances * count;
      } else if (const auto cell = liberty_.cells.find(type); cell != liberty_.cells.end()) {
        if (cell->second.latch)
          return fmt::format("module {}: {} latches ({}) after mapping", module.name, count, type);
        if (!cell->second.area) return fmt::format("library {}: cell {} has no area", liberty_.name, type);
        expected += static_cast<double>(count) * *cell->second.area * liberty_.area_factor;
        entry.cells += instances * count;
        if (cell->second.flip_flop) entry.flip_flops += instances * count;
      } else if (type.substr(0, 1) == "$") {
        return fmt::format("module {}: {} cells of type {} are not mapped to the library", module.name, count,
                           type);
      } else {
        blackboxes_[type] += instances * count;
      }
    }
    // One unit in the last place that Yosys prints.
    if (std::abs(expected * 1e6 - static_cast<double>(module.area)) > 1.0) {
      return fmt::format("module {}: Yosys counts an area of {}, its cells have {}", module.name,
                         printed(module.area), expected);
    }
    return std::nullopt;
  }

  Result<SynthesisReport> finish(const std::string& top, AreaNm2 yosys_total) {
    SynthesisReport report;
    report.top = top;
    report.library = liberty_.name;
    report.gate_cell = liberty_.gate_cell;
    report.area_factor = liberty_.area_factor;
    report.gate_area = std::llround(liberty_.gate_area * liberty_.area_factor * 1e6);
    report.blackboxes = blackboxes_;
    for (auto& [name, entry] : by_name_) {
      entry.name = name;
      report.area += entry.area;
      report.cells += entry.cells;
      report.flip_flops += entry.flip_flops;
      report.modules.push_back(entry);
    }
    // Yosys rounds every module's area to what it prints, and its total once.
    if (std::abs(report.area - yosys_total) > rounding_) {
      return Error(fmt::format("the areas of the modules add up to {}, Yosys has {}", printed(report.area),
                               printed(yosys_total)));
    }
    return report;
  }

  const Liberty& liberty_;
  std::map<std::string, const StatModule*> modules_;
  std::map<const StatModule*, bool> done_;
  std::map<const StatModule*, std::int64_t> instances_;
  std::map<std::string, ModuleArea> by_name_;
  std::map<std::string, std::int64_t> blackboxes_;
  std::int64_t rounding_ = 0;
};

}  // namespace

Result<Stat> parse_stat(std::string_view text) { return StatParser().parse(text); }

std::string base_module_name(std::string_view yosys_name) {
  constexpr std::string_view kParametric = "$paramod";
  if (yosys_name.substr(0, kParametric.size()) != kParametric) return std::string(yosys_name);
  const std::size_t start = yosys_name.find('\\');
  if (start == std::string_view::npos) return std::string(yosys_name);
  const std::string_view rest = yosys_name.substr(start + 1);
  return std::string(rest.substr(0, rest.find('\\')));
}

Result<SynthesisReport> summarize(const Stat& stat, const Liberty& liberty, const std::string& top) {
  return Summary(stat, liberty).run(top, stat.total_area);
}

}  // namespace msq::synth
