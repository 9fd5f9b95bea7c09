#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "flow/sweep/analysis.hpp"
#include "flow/sweep/grid.hpp"
#include "flow/sweep/point.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Figures kept between runs by a key that names configuration and measures. Several threads call it at once,
/// with different keys.
class PointStore {
 public:
  PointStore() = default;
  PointStore(const PointStore&) = delete;
  PointStore& operator=(const PointStore&) = delete;
  virtual ~PointStore() = default;
  /// Nothing if none were kept, or they are damaged or of another configuration.
  [[nodiscard]] virtual std::optional<SweepPoint> find(const std::string& key,
                                                       const Config& config) const = 0;
  [[nodiscard]] virtual Result<> keep(const std::string& key, const SweepPoint& point) = 0;
  /// The file of the figures of a key.
  [[nodiscard]] virtual std::filesystem::path file(const std::string& key) const = 0;
};

/// Key of a configuration's figures. @param digest of SweepMeasures. @param period clock that it is mapped
/// for, ns; 0: least area.
[[nodiscard]] std::string point_key(const Config& config, const std::string& digest, double period = 0);

struct FailedPoint {
  Settings settings;
  std::string reason;
};

/// A finished sweep. docs/user/reports.md has the keys of its JSON form.
struct SweepFindings {
  std::string model;
  std::int64_t tokens = 0;
  std::optional<std::string> weights;  ///< where they come from
  bool top = false, clock = false, timing = false, power = false;
  std::vector<ToolVersion> tools;
  std::vector<MeasuredPoint> points;  ///< in the order of the grid, marked
  std::vector<ScalingLaw> scaling;
  std::vector<SkippedPoint> skipped;
  std::vector<FailedPoint> failed;
};

/// A point that is done: its number (from 1), and its figures or the reason of its failure.
struct PointDone {
  std::size_t number = 0;
  const Settings& settings;
  const Result<SweepPoint>& figures;
  bool kept = false;
  std::string not_kept{};  ///< why the store did not take the figures, which are good all the same
};

/// Measures the points of a grid, `jobs` at once, and keeps each in the store: the next run resumes after an
/// interruption. @param on_point called after every point, one call at a time. Error: those of
/// SweepMeasures::digest; a point that fails is a finding.
[[nodiscard]] Result<SweepFindings> run_sweep(const GridPoints& grid, const SweepMeasures& measures, int jobs,
                                              PointStore& store,
                                              const std::function<void(const PointDone&)>& on_point);

}  // namespace msq::flow
