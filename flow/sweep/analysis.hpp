#pragma once

#include <string>
#include <vector>

#include "flow/sweep/grid.hpp"
#include "flow/sweep/point.hpp"

namespace msq::flow {

/// A measured point of a grid.
struct MeasuredPoint {
  SweepPoint figures;
  Settings settings;    ///< that made the configuration
  bool kept = false;    ///< measured by an earlier run
  std::string series;   ///< the settings except the array's size, in words; set by mark_points
  bool pareto = false;  ///< set by mark_points
};

/// Area = coefficient * PEs^exponent, fitted by least squares to the logarithms.
struct ScalingLaw {
  std::string series;
  double coefficient = 0, exponent = 0, r_squared = 1;
  double largest_deviation = 0;  ///< of a point from the law, as a fraction
  std::size_t sizes = 0;
};

/// Names the series of every point and finds the Pareto points: no other point has less area and at least the
/// same throughput, or more throughput and at most the same area. Throughput is per second if there is
/// timing.
void mark_points(std::vector<MeasuredPoint>& points);

/// A law for every series of at least three sizes, by the name of the series. @param points marked.
[[nodiscard]] std::vector<ScalingLaw> scaling_laws(const std::vector<MeasuredPoint>& points);

}  // namespace msq::flow
