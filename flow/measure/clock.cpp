#include "flow/measure/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "flow/measure/modules.hpp"
#include "flow/measure/netlist.hpp"
#include "flow/measure/timing.hpp"
#include "gen/arch/manifest.hpp"
#include "support/process.hpp"
#include "synth/recipe.hpp"

namespace msq::flow {
namespace {

using synth::Recipe;

/// Recipe of each block.
using BlockRecipes = std::map<std::string, Recipe>;

/// A block in one trial.
struct BlockFigures {
  double area = 0;    ///< um^2, with buffers
  double period = 0;  ///< of the longest path to its registers, ns; 0 if there is none
};

struct Trial {
  ClockTrial findings;
  BlockRecipes recipes;
  std::optional<Synthesized> netlist{};
  std::map<std::string, BlockFigures> blocks{};
  std::string critical{};  ///< block with most of the longest path

  [[nodiscard]] bool ok() const { return netlist.has_value(); }
};

std::map<std::string, BlockFigures> figures_of(const PreparedNetlist& prepared,
                                               const TimingFindings& timing) {
  std::map<std::string, BlockFigures> blocks;
  for (const synth::NetlistCell& cell : prepared.core.cells) {
    const std::string& module = prepared.core.scopes[static_cast<std::size_t>(cell.scope)].module;
    const std::string& type = prepared.core.types[static_cast<std::size_t>(cell.type)].name;
    blocks[prepared.block_of.at(module)].area += prepared.liberty.cells.at(type).area.value_or(0);
  }
  for (const BlockTiming& block : timing.blocks) blocks[block.block].period = block.period;
  return blocks;
}

std::string block_of_longest_segment(const DescribedPath& path) {
  const auto longest =
      std::max_element(path.segments.begin(), path.segments.end(),
                       [](const PathSegment& a, const PathSegment& b) { return a.delay < b.delay; });
  return longest == path.segments.end() ? "" : longest->block;
}

/// The smallest buffer of a library: a cell that abc takes for the driver of inputs.
std::string driver_of(const synth::Liberty& liberty) {
  const synth::LibertyCell* smallest = nullptr;
  std::string name;
  for (const auto& [cell_name, cell] : liberty.cells) {
    if (!cell.buffer || cell.dont_use || cell.area.value_or(0) <= 0) continue;
    if (smallest != nullptr && *cell.area >= *smallest->area) continue;
    smallest = &cell;
    name = cell_name;
  }
  return name;
}

class ClockSearch {
 public:
  ClockSearch(const Design& design, const Flow& flow, const SynthesisOptions& options, std::string driver)
      : design_(design), flow_(flow), options_(options), driver_(std::move(driver)) {
    options_.netlist = true;
    for (const std::string& module : logic_modules(design)) blocks_.insert(area_block(design, module));
    for (const DesignFile& leaf : design.leaves) leaves_.insert(module_of(leaf.name));
  }

  Result<ClockedDesign> run() {
    MSQ_CHECK(try_first());
    if (std::any_of(flow_.periods.begin(), flow_.periods.end(),
                    [&](double p) { return !meets(trials_[0], p); })) {
      for (const Recipe recipe : synth::kRecipes) {
        if (recipe != Recipe::area) try_recipes(all(recipe), std::string(recipe_name(recipe)));
      }
      uniform_ = trials_.size();
      if (!options_.flatten) {
        for (const double period : flow_.periods) mix(period);
      }
    }
    return result();
  }

 private:
  static bool meets(const Trial& trial, double period) {
    return trial.ok() && trial.findings.period <= period;
  }

  BlockRecipes all(Recipe recipe) const {
    BlockRecipes recipes;
    for (const std::string& block : blocks_) recipes[block] = recipe;
    return recipes;
  }

  Result<> try_first() {
    Trial trial{{.name = std::string(recipe_name(Recipe::area))}, all(Recipe::area)};
    MSQ_CHECK(measure(trial));
    trials_.push_back(std::move(trial));
    return {};
  }

  void try_recipes(BlockRecipes recipes, std::string name) {
    Trial trial{{.name = std::move(name)}, std::move(recipes)};
    if (const auto measured = measure(trial); !measured) {
      trial.netlist.reset();
      trial.findings.problem = measured.error();
    }
    trials_.push_back(std::move(trial));
  }

  /// Synthesis and timing of a trial that has its recipes.
  Result<> measure(Trial& trial) {
    SynthesisOptions options = options_;
    options.variant = fmt::format("clock-{:g}/{}", flow_.periods.front(), trials_.size());
    if (!trials_.empty()) options.clock = mapping_of(trial.recipes);
    if (!options_.flatten) {
      for (const auto& [block, recipe] : trial.recipes)
        trial.findings.recipes[block] = std::string(recipe_name(recipe));
    }
    MSQ_TRY(auto synthesized, synthesize(design_, flow_, options));
    MSQ_TRY(auto prepared, prepare_netlist(synthesized, flow_));
    prepared.leaves.clear();
    MSQ_TRY(const auto timing, measure_timing(prepared));
    trial.blocks = figures_of(prepared, timing);
    for (const auto& [block, figures] : trial.blocks) trial.findings.area_um2 += figures.area;
    trial.findings.buffers_um2 = prepared.fanout.area;
    trial.findings.period = timing.period();
    trial.critical = block_of_longest_segment(timing.critical());
    trial.netlist = std::move(synthesized);
    return {};
  }

  synth::ClockMapping mapping_of(const BlockRecipes& recipes) const {
    synth::ClockMapping mapping{.driver = driver_};
    if (options_.flatten) {
      mapping.modules.push_back({design_.top, recipes.begin()->second, false});
      return mapping;
    }
    for (const std::string& module : logic_modules(design_)) {
      const Recipe recipe = recipes.at(area_block(design_, module));
      // Modules written by hand are small: the contents of one are worth a netlist of their own.
      mapping.modules.push_back({module, recipe, recipe != Recipe::area && leaves_.count(module) > 0});
    }
    return mapping;
  }

  /// The recipe of a block that is smallest among those whose trials have it at `period` or faster, else the
  /// fastest.
  Recipe recipe_for(const std::string& block, double period) const {
    const Trial* best = nullptr;
    for (std::size_t i = 0; i < uniform_; ++i) {
      if (!trials_[i].ok()) continue;
      if (best == nullptr || better(figures(trials_[i], block), figures(*best, block), period))
        best = &trials_[i];
    }
    return best->recipes.at(block);
  }

  static BlockFigures figures(const Trial& trial, const std::string& block) {
    const auto found = trial.blocks.find(block);
    return found == trial.blocks.end() ? BlockFigures{} : found->second;
  }

  static bool better(const BlockFigures& a, const BlockFigures& b, double period) {
    const bool a_meets = a.period <= period, b_meets = b.period <= period;
    if (a_meets != b_meets) return a_meets;
    if (!a_meets) return a.period < b.period;
    return a.area < b.area;
  }

  void mix(double period) {
    if (meets(trials_[0], period)) return;
    BlockRecipes recipes;
    std::map<std::string, double> limits;  // that a block's own trials must keep
    for (const std::string& block : blocks_) limits[block] = period;
    for (int i = 0; i < kMostMixtures; ++i) {
      for (const std::string& block : blocks_) recipes[block] = recipe_for(block, limits[block]);
      const Trial& trial = trial_of(recipes);
      if (!trial.ok() || meets(trial, period) || !tighten(limits, trial, period)) return;
    }
  }

  /// The trial of these recipes: an earlier one, or a new one.
  const Trial& trial_of(const BlockRecipes& recipes) {
    const auto known =
        std::find_if(trials_.begin(), trials_.end(), [&](const Trial& t) { return t.recipes == recipes; });
    if (known != trials_.end()) return *known;
    try_recipes(recipes, "mixed");
    return trials_.back();
  }

  /// Asks blocks that are too slow in a mixture for more than they had in a trial of their own. @return
  /// whether one can do better.
  bool tighten(std::map<std::string, double>& limits, const Trial& trial, double period) const {
    bool changed = false;
    for (const std::string& block : blocks_) {
      if (figures(trial, block).period <= period && block != trial.critical) continue;
      const Recipe now = trial.recipes.at(block);
      double had = 0;
      for (std::size_t i = 0; i < uniform_; ++i) {
        if (trials_[i].recipes.at(block) == now) had = figures(trials_[i], block).period;
      }
      // Below the last decimal that OpenSTA prints.
      constexpr double kLess = 1e-6;
      limits[block] = had - kLess;
      changed = changed || recipe_for(block, limits[block]) != now;
    }
    return changed;
  }

  std::size_t kept_for(double period) const {
    if (meets(trials_[0], period)) return 0;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      if (!trials_[i].ok()) continue;
      const ClockTrial &a = trials_[i].findings, &b = trials_[kept].findings;
      if (better({a.area_um2, a.period}, {b.area_um2, b.period}, period)) kept = i;
    }
    return kept;
  }

  ClockedDesign result() {
    ClockFindings findings{.max_fanout = flow_.max_fanout};
    for (const double period : flow_.periods) {
      const std::size_t kept = kept_for(period);
      const ClockTrial& trial = trials_[kept].findings;
      findings.points.push_back({period, kept, trial.period, trial.area_um2, trial.buffers_um2});
    }
    Synthesized netlist = std::move(*trials_[findings.points.front().trial].netlist);
    for (Trial& trial : trials_) findings.trials.push_back(std::move(trial.findings));
    return {std::move(netlist), std::move(findings)};
  }

  const Design& design_;
  const Flow& flow_;
  SynthesisOptions options_;
  std::string driver_;
  std::set<std::string> blocks_, leaves_;
  std::vector<Trial> trials_;
  std::size_t uniform_ = 0;  ///< trials in which all blocks have one recipe come first
};

}  // namespace

Result<> check_clocks(const Flow& flow) {
  if (flow.periods.size() > kMostPeriods) {
    return Error(
        fmt::format("--period: found {} clocks; allowed: up to {}", flow.periods.size(), kMostPeriods));
  }
  if (!flow.periods.empty() && !on_path("sta")) return Error(missing_program_message("sta"));
  return {};
}

Result<ClockedDesign> map_for_clock(const Design& design, const Flow& flow, const SynthesisOptions& options) {
  if (flow.periods.empty()) return Error("--period: found none; allowed: at least one");
  MSQ_TRY(const auto liberty, synth::read_liberty(flow.liberty));
  return ClockSearch(design, flow, options, driver_of(liberty)).run();
}

}  // namespace msq::flow
