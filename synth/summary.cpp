#include "synth/summary.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace msq::synth {
namespace {

/// Larger than any design; far from what 64 bits hold, as sums of a few such products are.
constexpr double kMaxArea = 1e17;
constexpr double kMaxCells = 1e15;

/// As Yosys prints it.
double printed(AreaNm2 area) { return static_cast<double>(area) / 1e6; }

/// The modules below a top module, and how often each is instantiated.
class Hierarchy {
 public:
  static Result<Hierarchy> of(const std::vector<StatModule>& modules, const std::string& top) {
    Hierarchy hierarchy;
    for (const StatModule& module : modules) hierarchy.modules_.emplace(module.name, &module);
    const StatModule* top_module = hierarchy.find(top);
    if (top_module == nullptr)
      return Error(fmt::format("statistics of Yosys: top module \"{}\" is missing", top));
    if (!hierarchy.visit(*top_module)) return Error("statistics of Yosys: a module contains itself");
    if (const auto problem = hierarchy.multiply(*top_module)) return Error(*problem);
    return hierarchy;
  }

  [[nodiscard]] const StatModule* find(const std::string& type) const {
    const auto found = modules_.find(type);
    return found == modules_.end() ? nullptr : found->second;
  }
  [[nodiscard]] std::int64_t instances(const StatModule& module) const { return instances_.at(&module); }
  /// Children first, the top last.
  [[nodiscard]] const std::vector<const StatModule*>& order() const { return order_; }

 private:
  /// Depth-first; false on a cycle.
  bool visit(const StatModule& module) {
    const auto [mark, first_time] = done_.emplace(&module, false);
    if (!first_time) return mark->second;
    for (const auto& [type, count] : module.cells) {
      const StatModule* child = find(type);
      if (child != nullptr && !visit(*child)) return false;
    }
    done_[&module] = true;
    order_.push_back(&module);
    return true;
  }

  /// Every parent of a module is counted before the module is.
  std::optional<std::string> multiply(const StatModule& top) {
    instances_[&top] = 1;
    for (auto module = order_.rbegin(); module != order_.rend(); ++module) {
      const std::int64_t instances = instances_[*module];
      for (const auto& [type, count] : (*module)->cells) {
        if (static_cast<double>(instances) * static_cast<double>(count) > kMaxCells) {
          return fmt::format("module {}: {} times {} cells of type {}; allowed: {:.0f}", (*module)->name,
                             instances, count, type, kMaxCells);
        }
        if (const StatModule* child = find(type)) instances_[child] += instances * count;
      }
    }
    return std::nullopt;
  }

  std::map<std::string, const StatModule*> modules_;
  std::map<const StatModule*, bool> done_;
  std::map<const StatModule*, std::int64_t> instances_;
  std::vector<const StatModule*> order_;
};

/// Adds the modules up.
class Summary {
 public:
  Summary(const Hierarchy& hierarchy, const Liberty& liberty) : hierarchy_(hierarchy), liberty_(liberty) {}

  Result<SynthesisReport> run(const std::string& top, AreaNm2 yosys_total) {
    for (const StatModule* module : hierarchy_.order()) {
      if (auto problem = add(*module)) return Error(*problem);
    }
    return finish(top, yosys_total);
  }

 private:
  std::optional<std::string> add(const StatModule& module) {
    const std::int64_t instances = hierarchy_.instances(module);
    ModuleArea& entry = by_name_[base_module_name(module.name)];
    entry.instances += instances;
    double area = 0;
    for (const auto& [type, count] : module.cells) {
      if (hierarchy_.find(type) != nullptr) continue;
      if (const auto cell = liberty_.cells.find(type); cell != liberty_.cells.end()) {
        if (cell->second.latch)
          return fmt::format("module {}: {} latches ({}) after mapping", module.name, count, type);
        if (!cell->second.area) return fmt::format("library {}: cell {} has no area", liberty_.name, type);
        area += static_cast<double>(count) * *cell->second.area * liberty_.area_factor * 1e6;
        entry.cells += instances * count;
        if (cell->second.flip_flop) entry.flip_flops += instances * count;
      } else if (type.substr(0, 1) == "$") {
        return fmt::format("module {}: {} cells of type {} are not mapped to the library", module.name, count,
                           type);
      } else {
        blackboxes_[type] += instances * count;
      }
    }
    if (area * static_cast<double>(instances) > kMaxArea)
      return fmt::format("module {}: {} times an area of {}", module.name, instances, area / 1e6);
    entry.area += instances * std::llround(area);
    rounding_ += instances;
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
    // Rounded are the area of every module here, and in Yosys its total and every partial sum of it.
    const double allowed = static_cast<double>(rounding_) + 1e-10 * static_cast<double>(yosys_total);
    if (std::abs(static_cast<double>(report.area - yosys_total)) > allowed) {
      return Error(fmt::format("the cells have an area of {}, Yosys counts {}", printed(report.area),
                               printed(yosys_total)));
    }
    return report;
  }

  const Hierarchy& hierarchy_;
  const Liberty& liberty_;
  std::map<std::string, ModuleArea> by_name_;
  std::map<std::string, std::int64_t> blackboxes_;
  std::int64_t rounding_ = 0;
};

}  // namespace

std::string base_module_name(std::string_view yosys_name) {
  constexpr std::string_view kParametric = "$paramod";
  if (yosys_name.substr(0, kParametric.size()) != kParametric) return std::string(yosys_name);
  const std::size_t start = yosys_name.find('\\');
  if (start == std::string_view::npos) return std::string(yosys_name);
  const std::string_view rest = yosys_name.substr(start + 1);
  return std::string(rest.substr(0, rest.find('\\')));
}

Result<SynthesisReport> summarize(const Stat& stat, const Liberty& liberty, const std::string& top) {
  MSQ_TRY(const Hierarchy hierarchy, Hierarchy::of(stat.modules, top));
  return Summary(hierarchy, liberty).run(top, stat.total_area);
}

Result<std::map<std::string, std::int64_t>> count_cells(const std::vector<StatModule>& modules,
                                                        const std::string& top) {
  MSQ_TRY(const Hierarchy hierarchy, Hierarchy::of(modules, top));
  std::map<std::string, std::int64_t> cells;
  for (const StatModule* module : hierarchy.order()) {
    for (const auto& [type, count] : module->cells) {
      if (hierarchy.find(type) == nullptr) cells[type] += hierarchy.instances(*module) * count;
    }
  }
  return cells;
}

}  // namespace msq::synth
