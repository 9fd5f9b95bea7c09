#include "golden/exec/sum_groups.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "golden/exec/gemm.hpp"

namespace msq::golden {
namespace {

/// Largest |partial sum| of each column that the rows of a group can cause.
class Group {
 public:
  explicit Group(std::size_t columns) : bounds_(columns, 0) {}

  /// Adds a row if every column stays at `most` or below.
  bool add(std::span<const std::int64_t> row, std::int64_t most) {
    for (std::size_t n = 0; n < row.size(); ++n) {
      if (row[n] > most - bounds_[n]) return false;
    }
    for (std::size_t n = 0; n < row.size(); ++n) bounds_[n] += row[n];
    return true;
  }

 private:
  std::vector<std::int64_t> bounds_;
};

}  // namespace

RowGroups sum_groups(const Tile& tile, const SumLimits& limits, std::span<const int> row_shifts) {
  if (limits.bits >= 64) return {};
  const std::int64_t most = (std::int64_t{1} << (limits.bits - 1)) - 1;
  const std::vector<std::int64_t> bounds = row_bounds(tile, limits.activation_max, row_shifts);
  const auto columns = static_cast<std::size_t>(tile.columns);
  std::vector<Group> groups(1, Group(columns));
  RowGroups result;
  for (std::size_t row = 0; row < static_cast<std::size_t>(tile.rows); ++row) {
    const auto own = std::span(bounds).subspan(row * columns, columns);
    const auto fits = [&](Group& group) { return group.add(own, most); };
    auto found = std::find_if(groups.begin(), groups.end(), fits);
    if (found == groups.end()) {
      found = groups.insert(groups.end(), Group(columns));
      if (!fits(*found)) throw std::logic_error("sum_groups: a row of the tile does not fit the sums");
    }
    result.push_back(static_cast<int>(found - groups.begin()));
  }
  return groups.size() == 1 ? RowGroups{} : result;
}

int group_count(const RowGroups& groups) {
  return groups.empty() ? 1 : 1 + *std::max_element(groups.begin(), groups.end());
}

std::vector<bool> rows_in(const RowGroups& groups, int group, int rows) {
  std::vector<bool> in(static_cast<std::size_t>(rows), groups.empty() && group == 0);
  for (std::size_t row = 0; row < groups.size(); ++row) in[row] = groups[row] == group;
  return in;
}

}  // namespace msq::golden
