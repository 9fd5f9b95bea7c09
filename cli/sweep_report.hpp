#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/outcome.hpp"

namespace msq::cli {

/// Points of a sweep, each with "values", "series" (the values without the array's size, in words), and
/// "pareto": no other point has less area and at least the same throughput, or more throughput and at most
/// the same area.
void mark_points(Json& points);

/// Area = coefficient * PEs^exponent for every series with at least three sizes, fitted by least squares to
/// the logarithms: series, coefficient_um2, exponent, r_squared, largest_deviation (of a point from the law,
/// as a fraction), sizes.
[[nodiscard]] Json scaling_laws(const Json& points);

/// One line a point: parameters, figures, areas of the blocks.
[[nodiscard]] std::string sweep_csv(const Json& points);

/// One HTML page with everything in it.
[[nodiscard]] std::string sweep_page(const Json& sweep);

[[nodiscard]] std::string sweep_text(const Json& sweep);

}  // namespace msq::cli
