#include "flow/sweep/analysis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace msq::flow {
namespace {

/// Multiplications per second, or per cycle where there is no timing.
double speed(const SweepPoint& point) {
  return point.timed() ? point.gmacs_per_second() : point.throughput.macs_per_cycle;
}

bool dominates(const SweepPoint& a, const SweepPoint& b) {
  return a.area() <= b.area() && speed(a) >= speed(b) && (a.area() < b.area() || speed(a) > speed(b));
}

std::string series_of(const Settings& settings) {
  std::string text;
  for (const Setting& setting : settings) {
    if (setting.name == "size" || setting.name == "rows" || setting.name == "cols") continue;
    const std::string value = setting.plain_value();
    text += fmt::format("{}{}", text.empty() ? "" : ", ",
                        setting.name == "outlier_path" ? value : fmt::format("{} {}", setting.name, value));
  }
  return text.empty() ? "all" : text;
}

/// @param points PEs and area, at least two.
ScalingLaw fit(const std::map<double, double>& points) {
  const auto n = static_cast<double>(points.size());
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (const auto& [pes, area] : points) {
    const double x = std::log(pes);
    const double y = std::log(area);
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  ScalingLaw law;
  law.sizes = points.size();
  law.exponent = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  law.coefficient = std::exp((sy - law.exponent * sx) / n);
  double residual = 0, total = 0;
  for (const auto& [pes, area] : points) {
    const double expected = law.coefficient * std::pow(pes, law.exponent);
    residual += std::pow(std::log(area / expected), 2);
    total += std::pow(std::log(area) - sy / n, 2);
    law.largest_deviation = std::max(law.largest_deviation, std::abs(area / expected - 1));
  }
  if (total > 0) law.r_squared = 1 - residual / total;
  return law;
}

}  // namespace

void mark_points(std::vector<MeasuredPoint>& points) {
  for (MeasuredPoint& point : points) {
    point.series = series_of(point.settings);
    point.pareto = std::none_of(points.begin(), points.end(), [&](const MeasuredPoint& other) {
      return dominates(other.figures, point.figures);
    });
  }
}

std::vector<ScalingLaw> scaling_laws(const std::vector<MeasuredPoint>& points) {
  std::map<std::string, std::map<double, double>> series;  // PEs -> area
  for (const MeasuredPoint& point : points) {
    const Config& config = point.figures.config;
    series[point.series][static_cast<double>(config.rows) * config.cols] = point.figures.area();
  }
  std::vector<ScalingLaw> laws;
  for (const auto& [name, areas] : series) {
    constexpr std::size_t kFewest = 3;
    if (areas.size() < kFewest) continue;
    laws.push_back(fit(areas));
    laws.back().series = name;
  }
  return laws;
}

}  // namespace msq::flow
