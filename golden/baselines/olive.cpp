#include "golden/baselines/olive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "golden/baselines/float16_round.hpp"
#include "golden/baselines/olive_pair.hpp"
#include "golden/check.hpp"

namespace msq::golden::baselines {
namespace {

constexpr int kSearchFirst = 75;  // percent of the first threshold
constexpr int kSearchEnd = 250;
constexpr int kSearchStep = 2;

// Weights that share a scale: `columns` runs of `rows` consecutive k, one after the other. Pairs do not cross
// runs.
struct Slice {
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  std::int64_t first_column = 0;
  std::int64_t columns = 0;
  std::vector<double> values;

  [[nodiscard]] std::int64_t stored_codes() const { return columns * (rows + rows % 2); }

  // Calls visit(index of the first, pair) for every pair; the partner of an odd last weight is 0.
  template <class Visit>
  void for_each_pair(Visit visit) const {
    for (std::int64_t column = 0; column < columns; ++column) {
      for (std::int64_t row = 0; row < rows; row += 2) {
        const auto at = static_cast<std::size_t>(column * rows + row);
        visit(at, OlivePair{values[at], row + 1 < rows ? values[at + 1] : 0.0});
      }
    }
  }
};

std::vector<Slice> make_slices(std::span<const float> weights, std::int64_t k, std::int64_t n,
                               const OliveOptions& options) {
  const bool whole = options.granularity == OliveGranularity::tensor;
  const std::int64_t columns = whole ? n : 1;
  const std::int64_t rows = options.granularity == OliveGranularity::group ? std::min(options.group, k) : k;
  std::vector<Slice> slices;
  for (std::int64_t column = 0; column < n; column += columns) {
    for (std::int64_t row = 0; row < k; row += rows) {
      Slice slice{row, std::min(rows, k - row), column, columns, {}};
      for (std::int64_t c = column; c < column + columns; ++c) {
        for (std::int64_t r = row; r < row + slice.rows; ++r) {
          slice.values.push_back(weights[static_cast<std::size_t>(r * n + c)]);
        }
      }
      slices.push_back(std::move(slice));
    }
  }
  return slices;
}

// The larger magnitude of mean + 3 sigma and mean - 3 sigma.
double first_threshold(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const double w : values) squares += (w - mean) * (w - mean);
  return std::fabs(mean) + 3 * std::sqrt(squares / std::max(count - 1, 1.0));
}

struct Scale {
  double scale = 0;
  double squared_error = std::numeric_limits<double>::infinity();
};

double squared_error(const Slice& slice, const OliveNumbers& table, double scale) {
  double sum = 0;
  slice.for_each_pair([&](std::size_t, OlivePair pair) {
    const OlivePair rounded = quantize_olive_pair(table, scale, pair);
    sum += (rounded.first - pair.first) * (rounded.first - pair.first);
    sum += (rounded.second - pair.second) * (rounded.second - pair.second);
  });
  return sum;
}

Scale search_scale(const Slice& slice, const OliveNumbers& table) {
  const double threshold = first_threshold(slice.values);
  Scale best;
  double last = 0;
  for (int percent = kSearchFirst; percent < kSearchEnd; percent += kSearchStep) {
    const double scale = scale_to_float16(threshold * (percent * 0.01) / table.largest_normal());
    if (scale == last) continue;
    last = scale;
    const double sum = squared_error(slice, table, scale);
    if (sum < best.squared_error) best = {scale, sum};
  }
  return best;
}

// The scales of all slices with one normal type.
struct Fit {
  OliveNumbers table;
  std::vector<Scale> scales;
  double squared_error = 0;  // sum of those of the slices
};

Fit fit(std::span<const Slice> slices, const OliveNumbers& table) {
  Fit result{table, {}, 0};
  for (const Slice& slice : slices) {
    result.scales.push_back(search_scale(slice, table));
    result.squared_error += result.scales.back().squared_error;
  }
  return result;
}

Fit best_fit(std::span<const Slice> slices, const OliveOptions& options) {
  if (options.normal || options.bits == 8) {
    return fit(slices, OliveNumbers::of(options.normal.value_or(OliveNormal::integer), options.bits));
  }
  Fit integer = fit(slices, OliveNumbers::of(OliveNormal::integer, options.bits));
  Fit flint = fit(slices, OliveNumbers::of(OliveNormal::flint, options.bits));
  return flint.squared_error < integer.squared_error ? flint : integer;
}

// Calls visit(index in [k][n], rounded weight) for every weight.
template <class Visit>
void quantize_slice(const Slice& slice, const OliveNumbers& table, double scale, std::int64_t n,
                    Visit visit) {
  slice.for_each_pair([&](std::size_t index, OlivePair pair) {
    const auto at = static_cast<std::int64_t>(index);
    const std::int64_t row = slice.first_row + at % slice.rows;
    const std::int64_t place = row * n + slice.first_column + at / slice.rows;
    const OlivePair rounded = quantize_olive_pair(table, scale, pair);
    visit(static_cast<std::size_t>(place), rounded.first);
    if (row + 1 < slice.first_row + slice.rows) visit(static_cast<std::size_t>(place + n), rounded.second);
  });
}

Result<> validate(const OliveOptions& options) {
  MSQ_CHECK(check_choice("bits", options.bits, {4, 8}));
  if (options.bits == 8 && options.normal == OliveNormal::flint) {
    return Error("normal is flint with bits 8; allowed is integer");
  }
  if (options.granularity == OliveGranularity::group && (options.group < 2 || options.group % 2 != 0)) {
    return Error(fmt::format("group is {}; allowed are even numbers of at least 2", options.group));
  }
  return {};
}

}  // namespace

Result<BaselineResult> olive(std::span<const float> weights, std::int64_t k, std::int64_t n,
                             const OliveOptions& options) {
  MSQ_CHECK(validate(options));
  MSQ_CHECK(check_weights(weights, k, n));
  const std::vector<Slice> slices = make_slices(weights, k, n, options);
  const Fit best = best_fit(slices, options);
  BaselineResult result{std::vector<float>(weights.size()), options.bits == 4 ? 1 : 0};
  for (std::size_t i = 0; i < slices.size(); ++i) {
    quantize_slice(slices[i], best.table, best.scales[i].scale, n,
                   [&](std::size_t at, double value) { result.values[at] = static_cast<float>(value); });
    result.stored_bits += slices[i].stored_codes() * options.bits + 16;
  }
  return result;
}

Result<std::vector<int>> olive_integers(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                        OliveOptions options) {
  options.normal = OliveNormal::integer;
  MSQ_CHECK(validate(options));
  MSQ_CHECK(check_weights(weights, k, n));
  std::vector<int> integers(weights.size());
  const std::vector<Slice> slices = make_slices(weights, k, n, options);
  const Fit best = best_fit(slices, options);
  for (std::size_t i = 0; i < slices.size(); ++i) {
    // A product of a short number and an FP16 scale, so that the quotient is exact.
    const double scale = best.scales[i].scale;
    quantize_slice(slices[i], best.table, scale, n, [&](std::size_t at, double value) {
      integers[at] = static_cast<int>(std::lround(value / scale));
    });
  }
  return integers;
}

}  // namespace msq::golden::baselines
