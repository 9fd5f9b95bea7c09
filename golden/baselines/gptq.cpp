#include "golden/baselines/gptq.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <vector>

#include "golden/baselines/inverse_factor.hpp"
#include "golden/check.hpp"

namespace msq::golden::baselines {
namespace {

constexpr std::int64_t kBlockRows = 128;

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

// The part of the work that all columns share.
struct Plan {
  GptqOptions options;
  std::int64_t k = 0;
  std::vector<std::int64_t> order;  // row of W quantized at each step
  std::vector<bool> dead;           // rows of W whose input is always zero
  Eigen::MatrixXd factor;           // U, rows and columns in `order`
};

Result<Plan> make_plan(const Eigen::MatrixXd& given, const GptqOptions& options) {
  Eigen::MatrixXd hessian = given.selfadjointView<Eigen::Lower>();
  Plan plan{options, hessian.rows(), {}, {}, {}};
  for (Eigen::Index row = 0; row < plan.k; ++row) {
    plan.dead.push_back(hessian(row, row) == 0);
    if (plan.dead.back()) hessian(row, row) = 1;
  }
  plan.order.resize(index(plan.k));
  std::iota(plan.order.begin(), plan.order.end(), 0);
  if (options.act_order) {
    std::stable_sort(plan.order.begin(), plan.order.end(),
                     [&](std::int64_t a, std::int64_t b) { return hessian(a, a) > hessian(b, b); });
    hessian = Eigen::MatrixXd(hessian(plan.order, plan.order));
  }
  MSQ_TRY(auto factor, upper_inverse_factor(hessian, options.damping));
  plan.factor = std::move(factor);
  return plan;
}

// Some columns of W, rows in the order of quantization, row-major. Every element goes through the same
// operations in the same order whatever the width, so the result does not depend on it.
class Panel {
 public:
  Panel(const Plan& plan, std::span<const float> weights, std::int64_t n, std::int64_t first,
        std::int64_t width)
      : plan_(plan), n_(n), first_(first), width_(width), values_(index(plan.k * width)) {
    for (std::int64_t step = 0; step < plan.k; ++step) {
      const std::int64_t source = plan.order[index(step)];
      if (plan.dead[index(source)]) continue;
      const auto from = weights.subspan(index(source * n + first), index(width));
      std::copy(from.begin(), from.end(), row(step).begin());
    }
    if (plan.options.static_groups) fit_static_groups();
  }

  void quantize(std::span<float> result) {
    const std::int64_t group = plan_.options.grid.group;
    for (std::int64_t begin = 0; begin < plan_.k;) {
      // A block ends where a group starts: a grid is found from weights with all updates in them.
      const std::int64_t end = std::min({plan_.k, begin + kBlockRows, (begin / group + 1) * group});
      if (!plan_.options.static_groups && begin % group == 0) {
        fit_groups(begin, std::min(group, plan_.k - begin), begin / group);
      }
      quantize_block(begin, end, result);
      begin = end;
    }
  }

 private:
  std::span<double> row(std::int64_t step) {
    return std::span(values_).subspan(index(step * width_), index(width_));
  }

  // Grids of group `number`, the rows given by steps first.., one for each column.
  void fit_groups(std::int64_t first, std::int64_t count, std::int64_t number) {
    std::vector<std::int64_t> steps(index(count));
    std::iota(steps.begin(), steps.end(), first);
    fit_groups(steps, number);
  }

  void fit_groups(std::span<const std::int64_t> steps, std::int64_t number) {
    grids_.resize(std::max(grids_.size(), index((number + 1) * width_)));
    std::vector<double> group(steps.size());
    for (std::int64_t column = 0; column < width_; ++column) {
      std::transform(steps.begin(), steps.end(), group.begin(),
                     [&](std::int64_t step) { return row(step)[index(column)]; });
      grids_[index(number * width_ + column)] = fit_grid(group, plan_.options.grid);
    }
  }

  void fit_static_groups() {
    std::vector<std::int64_t> step_of(index(plan_.k));
    for (std::int64_t step = 0; step < plan_.k; ++step) step_of[index(plan_.order[index(step)])] = step;
    const std::int64_t group = plan_.options.grid.group;
    for (std::int64_t number = 0; number < group_count(plan_.k, group); ++number) {
      const std::int64_t first = number * group;
      fit_groups(std::span(step_of).subspan(index(first), index(std::min(group, plan_.k - first))), number);
    }
  }

  std::span<const IntegerGrid> grids(std::int64_t step) const {
    const std::int64_t place = plan_.options.static_groups ? plan_.order[index(step)] : step;
    const std::int64_t number = place / plan_.options.grid.group;
    return std::span(grids_).subspan(index(number * width_), index(width_));
  }

  // Rounds the rows of a block, each after the updates of those before it, then updates the rows below.
  void quantize_block(std::int64_t begin, std::int64_t end, std::span<float> result) {
    errors_.resize(index((end - begin) * width_));
    for (std::int64_t step = begin; step < end; ++step) {
      round_row(step, begin, result);
      for (std::int64_t below = step + 1; below < end; ++below) compensate(below, begin, step, step + 1);
    }
    for (std::int64_t below = end; below < plan_.k; ++below) compensate(below, begin, begin, end);
  }

  void round_row(std::int64_t step, std::int64_t begin, std::span<float> result) {
    const auto from = row(step);
    const auto grid = grids(step);
    const auto to = result.subspan(index(plan_.order[index(step)] * n_ + first_), index(width_));
    const auto error = std::span(errors_).subspan(index((step - begin) * width_), index(width_));
    const double pivot = plan_.factor(step, step);
    for (std::size_t column = 0; column < from.size(); ++column) {
      const double rounded = grid[column].round(from[column]);
      to[column] = static_cast<float>(rounded);
      error[column] = (from[column] - rounded) / pivot;
    }
  }

  // Takes the errors of steps first..last - 1, of the block from `begin`, off row `below`.
  void compensate(std::int64_t below, std::int64_t begin, std::int64_t first, std::int64_t last) {
    double* const to = row(below).data();
    for (std::int64_t step = first; step < last; ++step) {
      const double weight = plan_.factor(step, below);
      const double* const error = errors_.data() + (step - begin) * width_;
      for (std::int64_t column = 0; column < width_; ++column) to[column] -= weight * error[column];
    }
  }

  const Plan& plan_;
  std::int64_t n_;
  std::int64_t first_;
  std::int64_t width_;
  std::vector<double> values_;      // [k][width]
  std::vector<IntegerGrid> grids_;  // [group][width]
  std::vector<double> errors_;      // [rows of the block][width]
};

std::int64_t group_index_bits(std::int64_t k, const GptqOptions& options) {
  if (!options.act_order || options.static_groups) return 0;
  const auto last = static_cast<std::uint64_t>(group_count(k, options.grid.group) - 1);
  return k * static_cast<std::int64_t>(std::bit_width(last));
}

}  // namespace

Result<BaselineResult> gptq(std::span<const float> weights, std::int64_t k, std::int64_t n,
                            const Eigen::MatrixXd& hessian, const GptqOptions& options) {
  MSQ_CHECK(validate(options.grid));
  MSQ_CHECK(check_positive("panel_columns", options.panel_columns));
  MSQ_CHECK(check_weights(weights, k, n));
  MSQ_CHECK(check_hessian(hessian, k, options.damping));
  GptqOptions limited = options;
  limited.grid.group = std::min(options.grid.group, k);
  MSQ_TRY(const auto plan, make_plan(hessian, limited));
  BaselineResult result{std::vector<float>(weights.size()),
                        integer_bits(k, n, options.grid) + group_index_bits(k, options)};
  for (std::int64_t first = 0; first < n;) {
    const std::int64_t width = std::min(options.panel_columns, n - first);
    Panel(plan, weights, n, first, width).quantize(result.values);
    first += width;
  }
  return result;
}

}  // namespace msq::golden::baselines
