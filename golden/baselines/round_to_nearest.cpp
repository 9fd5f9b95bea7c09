#include "golden/baselines/round_to_nearest.hpp"

#include <algorithm>
#include <vector>

#include "golden/baselines/check.hpp"

namespace msq::golden::baselines {

Result<BaselineResult> round_to_nearest(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                        const IntegerOptions& options) {
  if (auto ok = validate(options); !ok) return tl::unexpected(ok.error());
  if (auto ok = check_weights(weights, k, n); !ok) return tl::unexpected(ok.error());
  BaselineResult result{std::vector<float>(weights.size()), integer_bits(k, n, options)};
  std::vector<double> group;
  for (std::int64_t column = 0; column < n; ++column) {
    for (std::int64_t first = 0; first < k;) {
      const std::int64_t rows = std::min(options.group, k - first);
      const auto at = [&](std::int64_t row) { return static_cast<std::size_t>((first + row) * n + column); };
      group.clear();
      for (std::int64_t row = 0; row < rows; ++row) group.push_back(weights[at(row)]);
      const IntegerGrid grid = fit_grid(group, options);
      for (std::int64_t row = 0; row < rows; ++row) {
        result.values[at(row)] = static_cast<float>(grid.round(group[static_cast<std::size_t>(row)]));
      }
      first += rows;
    }
  }
  return result;
}

}  // namespace msq::golden::baselines
