#include "golden/baselines/integer_grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "golden/baselines/float16_round.hpp"
#include "golden/check.hpp"

namespace msq::golden::baselines {
namespace {

constexpr int kSearchGrid = 100;
constexpr int kSearchSteps = 80;  // maxshrink 0.8 of the grid
constexpr double kSearchNorm = 2.4;

struct Range {
  double low = 0;
  double high = 0;
};

Range range_of(std::span<const double> group, bool symmetric) {
  Range range;
  for (const double w : group) {
    range.low = std::min(range.low, w);
    range.high = std::max(range.high, w);
  }
  if (symmetric) range.high = std::max(range.high, -range.low);
  if (symmetric) range.low = -range.high;
  return range.low == range.high ? Range{-1, 1} : range;
}

IntegerGrid grid_of(Range range, const IntegerOptions& options) {
  IntegerGrid grid;
  grid.max_code = (1 << options.bits) - 1;
  grid.scale = scale_to_float16((range.high - range.low) / grid.max_code);
  grid.zero = options.symmetric ? 1 << (options.bits - 1)
                                : round_half_even_to(std::fabs(range.low) / grid.scale, grid.max_code);
  return grid;
}

// Sum of |error|^2.4; given up, and then only known to be >= limit, once it reaches the limit.
double search_error(std::span<const double> group, const IntegerGrid& grid, double limit) {
  double sum = 0;
  for (const double w : group) {
    sum += std::pow(std::fabs(grid.round(w) - w), kSearchNorm);
    if (sum >= limit) break;
  }
  return sum;
}

}  // namespace

Result<void> validate(const IntegerOptions& options) {
  MSQ_CHECK(check_choice("bits", options.bits, {2, 3, 4, 8}));
  return check_positive("group", options.group);
}

double IntegerGrid::round(double value) const {
  const int distance = round_half_even_symmetric(value / scale, max_code);
  return scale * (std::clamp(distance + zero, 0, max_code) - zero);
}

IntegerGrid fit_grid(std::span<const double> group, const IntegerOptions& options) {
  const Range range = range_of(group, options.symmetric);
  IntegerGrid best = grid_of(range, options);
  if (!options.mse_search) return best;
  double least = std::numeric_limits<double>::infinity();
  for (int step = 0; step < kSearchSteps; ++step) {
    const double shrink = 1 - static_cast<double>(step) / kSearchGrid;
    const IntegerGrid grid = grid_of({shrink * range.low, shrink * range.high}, options);
    const double sum = search_error(group, grid, least);
    if (sum >= least) continue;
    least = sum;
    best = grid;
  }
  return best;
}

std::int64_t group_count(std::int64_t k, std::int64_t group) { return k / group + (k % group != 0 ? 1 : 0); }

std::int64_t integer_bits(std::int64_t k, std::int64_t n, const IntegerOptions& options) {
  const int per_group = 16 + (options.symmetric ? 0 : options.bits);
  return n * (k * options.bits + group_count(k, options.group) * per_group);
}

}  // namespace msq::golden::baselines
