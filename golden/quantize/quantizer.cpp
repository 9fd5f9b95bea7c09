#include "golden/quantize/quantizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

#include "golden/check.hpp"
#include "golden/encoding/encoding.hpp"
#include "golden/quantize/panel.hpp"

namespace msq::golden {
namespace {

// Positions of the rows in the order they are quantized: as they are, or runs of B_M rows by their total
// Hessian diagonal, and rows inside a run by theirs, largest first.
std::vector<std::int64_t> row_order(const QuantizerOptions& options, std::int64_t k,
                                    const std::optional<Hessian>& hessian) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(k));
  std::iota(order.begin(), order.end(), 0);
  if (!hessian || !options.activation_order) return order;
  const Eigen::VectorXd diagonal = hessian->lower().diagonal();
  const auto run = [&](std::int64_t row) { return row / options.macro_block; };
  std::vector<double> totals(static_cast<std::size_t>(run(k - 1) + 1), 0.0);
  for (const std::int64_t row : order) totals[static_cast<std::size_t>(run(row))] += diagonal(row);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    if (run(a) == run(b)) return diagonal(a) > diagonal(b);
    const double ta = totals[static_cast<std::size_t>(run(a))];
    const double tb = totals[static_cast<std::size_t>(run(b))];
    return ta != tb ? ta > tb : run(a) < run(b);
  });
  return order;
}

// outlier_price in the units of errors that are weighted by what an error of their row costs.
double absolute_price(const LayerPlan& plan, const std::function<double(std::int64_t)>& cost) {
  double energy = 0;
  for (std::int64_t i = 0; i < plan.k; ++i) {
    const auto row =
        plan.weights.subspan(static_cast<std::size_t>(plan.order[static_cast<std::size_t>(i)] * plan.n),
                             static_cast<std::size_t>(plan.n));
    double squares = 0;
    for (const double w : row) squares += w * w;
    energy += squares * cost(i);
  }
  const double mean = energy / static_cast<double>(plan.weights.size());
  return std::ldexp(plan.options.outlier_price * mean, 2 * (2 - plan.options.bits));
}

void set_prices(LayerPlan& plan) {
  if (plan.options.outlier_rule == OutlierRule::sigma) return;
  const HessianFactor* factor = plan.factor;
  plan.price = absolute_price(plan, [&](std::int64_t i) {
    return factor == nullptr ? 1.0 : 1.0 / (factor->pivot(i) * factor->pivot(i));
  });
  if (factor != nullptr)
    plan.sweep_price = absolute_price(plan, [&](std::int64_t i) { return factor->diagonal(i); });
}

template <class T>
void copy_columns(const std::vector<T>& from, std::int64_t rows, std::vector<T>& to,
                  std::int64_t first_column) {
  if (from.empty()) return;
  const auto width = static_cast<std::ptrdiff_t>(from.size()) / rows;
  const auto stride = static_cast<std::ptrdiff_t>(to.size()) / rows;
  for (std::ptrdiff_t row = 0; row < rows; ++row) {
    std::copy_n(from.begin() + row * width, width, to.begin() + row * stride + first_column);
  }
}

// Puts a panel into its place in the layer.
void insert(const QuantizedTensor& panel, std::int64_t first, QuantizedTensor& tensor) {
  const bool reduction = tensor.axis == Axis::reduction;
  const std::int64_t scale_rows = reduction ? tensor.groups() : tensor.k;
  const std::int64_t first_scale = reduction ? first : first / tensor.format.macro_block;
  copy_columns(panel.codes, tensor.k, tensor.codes, first);
  copy_columns(panel.blocks, tensor.k, tensor.blocks, first / tensor.format.micro_block);
  copy_columns(panel.scales, scale_rows, tensor.scales, first_scale);
  copy_columns(panel.factors, scale_rows, tensor.factors, first_scale);
}

void add(const QuantizeStatistics& from, QuantizeStatistics& to) {
  to.weights += from.weights;
  to.outliers_wanted += from.outliers_wanted;
  to.outliers_kept += from.outliers_kept;
  to.demoted_too_many += from.demoted_too_many;
  to.demoted_unroutable += from.demoted_unroutable;
  to.demoted_unwelcome += from.demoted_unwelcome;
  to.demoted_too_small += from.demoted_too_small;
  to.adjacent_outliers += from.adjacent_outliers;
  to.micro_blocks += from.micro_blocks;
  to.micro_blocks_with_outliers += from.micro_blocks_with_outliers;
  to.pruned_weights += from.pruned_weights;
}

// Outliers whose only neighbouring outlier is in the next or previous panel.
std::int64_t adjacent_across(const std::vector<std::uint8_t>& left, const std::vector<std::uint8_t>& right) {
  std::int64_t count = 0;
  for (std::size_t row = 0; row < left.size(); ++row) {
    const bool meet = (left[row] & 8U) != 0 && (right[row] & 1U) != 0;
    if (meet) count += ((left[row] & 4U) == 0 ? 1 : 0) + ((right[row] & 2U) == 0 ? 1 : 0);
  }
  return count;
}

// In the order of the panels, whatever thread was first.
OutputError sum(const std::vector<OutputError>& panels) {
  OutputError total;
  for (const OutputError& panel : panels) {
    total.error += panel.error;
    total.energy += panel.energy;
  }
  return total;
}

// Quantizes all panels, threads taking them one by one.
QuantizeOutput quantize_panels(const LayerPlan& plan, const QuantizeProgress& progress) {
  QuantizeOutput output;
  output.tensor = empty_tensor(plan.k, plan.n, plan.options);
  const std::int64_t panels = (plan.n + kPanelColumns - 1) / kPanelColumns;
  std::vector<std::vector<std::uint8_t>> edges(static_cast<std::size_t>(panels));
  std::vector<OutputError> errors(static_cast<std::size_t>(panels));
  std::atomic<std::int64_t> next = 0;
  std::mutex mutex;
  std::int64_t done = 0;
  const auto work = [&] {
    for (std::int64_t p = next++; p < panels; p = next++) {
      const std::int64_t first = p * kPanelColumns;
      PanelOutput panel = quantize_panel(plan, first, std::min(kPanelColumns, plan.n - first));
      const std::lock_guard lock(mutex);
      insert(panel.tensor, first, output.tensor);
      add(panel.statistics, output.statistics);
      edges[static_cast<std::size_t>(p)] = std::move(panel.edges);
      errors[static_cast<std::size_t>(p)] = panel.output_error;
      if (progress) progress(static_cast<double>(++done) / static_cast<double>(panels));
    }
  };
  const auto machine = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  const std::int64_t threads = std::min(plan.options.threads == 0 ? machine : plan.options.threads, panels);
  {
    std::vector<std::jthread> helpers;
    for (std::int64_t t = 1; t < threads; ++t) helpers.emplace_back(work);
    work();
  }
  if (plan.factor != nullptr) output.output_error = sum(errors);
  for (std::size_t p = 1; p < edges.size(); ++p) {
    output.statistics.adjacent_outliers += adjacent_across(edges[p - 1], edges[p]);
  }
  return output;
}

Result<> check_number(const char* field, double value) {
  if (std::isfinite(value) && value >= 0) return {};
  return Error(fmt::format("{} is {}; allowed are finite numbers from 0 on", field, value));
}

}  // namespace

Result<> validate(const QuantizerOptions& options) {
  MSQ_CHECK(check_range("outliers_per_block", options.max_outliers(), 0, options.micro_block / 2));
  if (options.outliers_per_block && has_field(options.encoding, &Format::list_entries)) {
    MSQ_CHECK(check_choice("outliers_per_block", *options.outliers_per_block, {0, 1, 2, 4, 8}));
  }
  MSQ_CHECK(validate(options.format()));
  MSQ_CHECK(check_range("outlier_shift_max", options.outlier_shift_max, 0, kOutlierShiftLimit));
  MSQ_CHECK(check_range("row_align_bits", options.row_align_bits, 0, 7));
  MSQ_CHECK(check_range("sweeps", options.sweeps, 0, 100));
  MSQ_CHECK(check_range("threads", options.threads, 0, 1024));
  MSQ_CHECK(check_number("outlier_price", options.outlier_price));
  MSQ_CHECK(check_number("damping", options.damping));
  MSQ_CHECK(validate(options.axis, options.encoding));
  if (!std::isfinite(options.outlier_sigma) || options.outlier_sigma <= 0) {
    return Error(
        fmt::format("outlier_sigma is {}; allowed are finite numbers above 0", options.outlier_sigma));
  }
  return {};
}

Format QuantizerOptions::format() const {
  return with_fixed_fields({.bits = bits,
                            .micro_block = micro_block,
                            .macro_block = macro_block,
                            .encoding = encoding,
                            .list_entries = outliers_per_block ? std::max(1, *outliers_per_block) : 0,
                            .shift_bits = shift_bits,
                            .fraction_bits = fraction_bits,
                            .scale_mantissa_bits = scale_mantissa_bits,
                            .identifier_group = identifier_group});
}

Result<QuantizeOutput> quantize(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                const QuantizerOptions& options, std::optional<Hessian> hessian,
                                const QuantizeProgress& progress) {
  MSQ_CHECK(validate(options));
  MSQ_CHECK(check_weights(weights, k, n));
  if (hessian && hessian->k() != k) {
    return Error(fmt::format("the Hessian is of k={}; the weights have k={}", hessian->k(), k));
  }
  LayerPlan plan{
      .options = options, .weights = weights, .k = k, .n = n, .order = row_order(options, k, hessian)};
  std::optional<HessianFactor> factor;
  if (hessian) {
    MSQ_TRY(factor, HessianFactor::create(*std::move(hessian), plan.order, options.damping));
    hessian.reset();
    plan.factor = &*factor;
  }
  set_prices(plan);
  return quantize_panels(plan, progress);
}

}  // namespace msq::golden
