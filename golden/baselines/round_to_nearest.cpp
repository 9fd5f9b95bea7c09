#include "golden/baselines/round_to_nearest.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "golden/check.hpp"

namespace msq::golden::baselines {
namespace {

// Calls visit(index in [k][n], grid of its group, rounded weight) for every weight.
template <class Visit>
Result<> for_each_rounded(std::span<const float> weights, std::int64_t k, std::int64_t n,
                          const IntegerOptions& options, Visit visit) {
  MSQ_CHECK(validate(options));
  MSQ_CHECK(check_weights(weights, k, n));
  std::vector<double> group;
  for (std::int64_t column = 0; column < n; ++column) {
    for (std::int64_t first = 0; first < k;) {
      const std::int64_t rows = std::min(options.group, k - first);
      const auto at = [&](std::int64_t row) { return static_cast<std::size_t>((first + row) * n + column); };
      group.clear();
      for (std::int64_t row = 0; row < rows; ++row) group.push_back(weights[at(row)]);
      const IntegerGrid grid = fit_grid(group, options);
      for (std::int64_t row = 0; row < rows; ++row) {
        visit(at(row), grid, grid.round(group[static_cast<std::size_t>(row)]));
      }
      first += rows;
    }
  }
  return {};
}

}  // namespace

Result<BaselineResult> round_to_nearest(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                        const IntegerOptions& options) {
  BaselineResult result;
  result.values.resize(weights.size());
  const auto done =
      for_each_rounded(weights, k, n, options, [&](std::size_t at, const IntegerGrid&, double value) {
        result.values[at] = static_cast<float>(value);
      });
  if (!done) return Error(done.error());
  result.stored_bits = integer_bits(k, n, options);
  return result;
}

Result<std::vector<int>> rounded_integers(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                          const IntegerOptions& options) {
  std::vector<int> integers(weights.size());
  const auto done =
      for_each_rounded(weights, k, n, options, [&](std::size_t at, const IntegerGrid& grid, double value) {
        // Exact, as a code has few bits and the scale is an FP16 number.
        integers[at] = static_cast<int>(std::lround(value / grid.scale));
      });
  if (!done) return Error(done.error());
  return integers;
}

}  // namespace msq::golden::baselines
