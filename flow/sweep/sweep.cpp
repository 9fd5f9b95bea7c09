#include "flow/sweep/sweep.hpp"

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "gen/arch/design.hpp"
#include "gen/config/serialize.hpp"

namespace msq::flow {
namespace {

/// Hash of the configuration, and of the Verilog that is measured.
std::string design_key(const Config& config) {
  const Design design = build_design(config);
  std::string verilog;
  for (const auto* files : {&design.leaves, &design.generated}) {
    for (const DesignFile& file : *files) verilog += file.text;
  }
  return fmt::format("{}-{:016x}", config_hash(config), std::hash<std::string>{}(verilog));
}

struct Attempt {
  Result<SweepPoint> figures;
  bool kept = false;
  std::string not_kept{};
};

/// Threads that take the next point of a grid until none is left.
class Workers {
 public:
  using OnPoint = std::function<void(const PointDone&)>;

  Workers(const GridPoints& grid, const SweepMeasures& measures, std::string digest, PointStore& store,
          const OnPoint& on_point)
      : grid_(grid), measures_(measures), digest_(std::move(digest)), store_(store), on_point_(on_point) {
    outcomes_.resize(grid.points.size());
  }

  std::vector<std::optional<Attempt>> run(int jobs) {
    {
      std::vector<std::jthread> threads;
      threads.reserve(static_cast<std::size_t>(jobs));
      for (int i = 0; i < jobs; ++i) threads.emplace_back([this] { work(); });
    }
    return std::move(outcomes_);
  }

 private:
  void work() {
    for (std::size_t i = next_++; i < grid_.points.size(); i = next_++) {
      const GridPoint& point = grid_.points[i];
      Attempt outcome = measure(point);
      const std::lock_guard lock(mutex_);
      on_point_({++done_, point.settings, outcome.figures, outcome.kept, outcome.not_kept});
      outcomes_[i] = std::move(outcome);
    }
  }

  Attempt measure(const GridPoint& point) {
    const std::string key = point_key(point.config, digest_, point.period);
    if (auto known = store_.find(key, point.config)) return {std::move(*known), true};
    Attempt attempt{measure_point(point.config, measures_.at(point.period))};
    if (!attempt.figures) return attempt;
    if (auto written = store_.keep(key, *attempt.figures); !written) attempt.not_kept = written.error();
    return attempt;
  }

  const GridPoints& grid_;
  const SweepMeasures& measures_;
  std::string digest_;
  PointStore& store_;
  const OnPoint& on_point_;
  std::vector<std::optional<Attempt>> outcomes_;
  std::atomic<std::size_t> next_{0};
  std::size_t done_ = 0;
  std::mutex mutex_;
};

}  // namespace

std::string point_key(const Config& config, const std::string& digest, double period) {
  return fmt::format("{}-{}{}", design_key(config), digest,
                     period > 0 ? fmt::format("-clock{}", period) : "");
}

Result<SweepFindings> run_sweep(const GridPoints& grid, const SweepMeasures& measures, int jobs,
                                PointStore& store, const std::function<void(const PointDone&)>& on_point) {
  MSQ_TRY(std::string digest, measures.digest());
  SweepFindings findings;
  findings.model = measures.shapes.name;
  findings.tokens = measures.tokens;
  if (measures.weights) findings.weights = measures.weights->source;
  findings.clock = !measures.flow.periods.empty();
  findings.top = measures.top;
  findings.timing = measures.timing;
  findings.power = measures.power;
  findings.tools = measures.tools();
  findings.skipped = grid.skipped;
  auto outcomes = Workers(grid, measures, std::move(digest), store, on_point).run(jobs);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const Settings& settings = grid.points[i].settings;
    auto& [figures, kept, not_kept] = *outcomes[i];
    if (figures) {
      findings.points.push_back({std::move(*figures), settings, kept, {}, false});
    } else {
      findings.failed.push_back({settings, figures.error()});
    }
  }
  mark_points(findings.points);
  findings.scaling = scaling_laws(findings.points);
  return findings;
}

}  // namespace msq::flow
