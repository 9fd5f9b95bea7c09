#include "golden/quantize/panel.hpp"

#include <algorithm>
#include <cmath>

#include "golden/encoding/encoding.hpp"
#include "golden/quantize/block_scale.hpp"
#include "golden/quantize/rows.hpp"
#include "golden/quantize/validate.hpp"

namespace msq::golden {
namespace {

using Eigen::Index;
using Rows = RowMajorXd;

std::span<double> row_of(Rows& rows, Index i) {
  return {rows.row(i).data(), static_cast<std::size_t>(rows.cols())};
}

class Panel {
 public:
  Panel(const LayerPlan& plan, std::int64_t first, std::int64_t columns)
      : plan_(plan), options_(plan.options), weights_(plan.k, columns) {
    output_.tensor = empty_tensor(plan.k, columns, options_);
    output_.edges.resize(static_cast<std::size_t>(plan.k));
    for (Index i = 0; i < plan.k; ++i) {
      const float* row = plan.weights.data() + row_at(i) * plan.n + first;
      std::copy_n(row, columns, weights_.row(i).data());
    }
  }

  PanelOutput run() {
    Rows original;
    if (plan_.factor != nullptr) original = weights_;
    quantized_.resize(plan_.k, weights_.cols());
    for (Index first = 0; first < plan_.k;) {
      const Index count = run_length(first);
      quantize_run(first, count);
      first += count;
    }
    if (plan_.factor != nullptr) {
      if (options_.sweeps > 0) sweep(original - quantized_);
      output_.output_error = {plan_.factor->squared_error(original - quantized_),
                              plan_.factor->squared_error(original)};
    }
    store_scales();
    return std::move(output_);
  }

 private:
  std::int64_t row_at(Index i) const { return plan_.order[static_cast<std::size_t>(i)]; }

  // Rows of the run of B_M rows that starts at position `first` of the order; a short run may be anywhere.
  Index run_length(Index first) const {
    const std::int64_t start = row_at(first) / options_.macro_block * options_.macro_block;
    return std::min<std::int64_t>(options_.macro_block, plan_.k - start);
  }

  // Final cost of a squared error of the row at position i.
  double importance(Index i) const {
    if (plan_.factor == nullptr) return 1.0;
    const double pivot = plan_.factor->pivot(i);
    return 1.0 / (pivot * pivot);
  }

  // Enters the macro-blocks of the run at positions first.. with its weights as they are now.
  void enter(Index first, Index count) {
    const std::int64_t start = row_at(first) / options_.macro_block * options_.macro_block;
    const auto columns = static_cast<std::size_t>(weights_.cols());
    std::vector<double> values(static_cast<std::size_t>(count) * columns);
    std::vector<double> importances(static_cast<std::size_t>(count));
    for (Index i = first; i < first + count; ++i) {
      const auto r = static_cast<std::size_t>(row_at(i) - start);
      std::copy_n(weights_.row(i).data(), columns, values.begin() + static_cast<std::ptrdiff_t>(r * columns));
      importances[r] = importance(i);
    }
    MacroBlockEntry entry =
        enter_macro_blocks(options_, values, start, weights_.cols(), importances, plan_.price);
    if (options_.axis == Axis::output) limit_scale_spread(entry, options_.row_align_bits);
    entries_.push_back(std::move(entry));
  }

  void quantize_run(Index first, Index count) {
    enter(first, count);
    const MacroBlockEntry& entry = entries_.back();
    Rows errors(count, weights_.cols());
    for (Index i = first; i < first + count; ++i) {
      const std::int64_t row = row_at(i);
      const auto weights = row_of(weights_, i);
      count_adjacent(entry, row, weights);
      quantize_row(options_, entry, row, weights, plan_.price / importance(i), output_.tensor,
                   row_of(quantized_, i), output_.statistics);
      if (plan_.factor == nullptr) continue;
      const auto& upper = plan_.factor->upper();
      errors.row(i - first) = (weights_.row(i) - quantized_.row(i)) / upper(i, i);
      for (Index later = i + 1; later < first + count; ++later) {
        weights_.row(later) -= upper(i, later) * errors.row(i - first);
      }
    }
    if (plan_.factor == nullptr) return;
    const Index end = first + count;
    weights_.bottomRows(plan_.k - end).noalias() -=
        plan_.factor->upper().block(first, end, count, plan_.k - end).transpose() * errors;
  }

  // Outliers of the row with another one beside them, and the outliers at the panel's edges.
  void count_adjacent(const MacroBlockEntry& entry, std::int64_t row, std::span<const double> weights) {
    const auto wanted = [&](std::size_t i) {
      const std::size_t block = entry.index(row, static_cast<std::int64_t>(i));
      return std::fabs(weights[i] - entry.mean[block]) > entry.threshold[block];
    };
    const std::size_t last = weights.size() - 1;
    bool before = false;
    bool here = wanted(0);
    for (std::size_t i = 0; i <= last; ++i) {
      const bool after = i < last && wanted(i + 1);
      if (here && (before || after)) ++output_.statistics.adjacent_outliers;
      before = here;
      here = after;
    }
    const auto bit = [&](bool inside, std::size_t i, unsigned position) {
      return inside && wanted(i) ? 1U << position : 0U;
    };
    output_.edges[static_cast<std::size_t>(row)] = static_cast<std::uint8_t>(
        bit(true, 0, 0) | bit(last > 0, 1, 1) | bit(last > 0, last - 1, 2) | bit(true, last, 3));
  }

  // Sweeps over the finished layer. With d = w - q the layer's error is the sum over columns of d^T H d; for
  // one row and all others as they are it is least at q + (H d)_i / H_ii, and a change of q costs H_ii times
  // the squared distance from there.
  void sweep(const Rows& difference) {
    Rows gradient = plan_.factor->product(difference);
    for (int s = 0; s < options_.sweeps; ++s) {
      std::size_t run = 0;
      for (Index first = 0; first < plan_.k; ++run) {
        const Index count = run_length(first);
        const Rows before = quantized_.middleRows(first, count);
        const Eigen::MatrixXd columns = plan_.factor->columns(first, count);
        Rows local = gradient.middleRows(first, count);
        const Eigen::MatrixXd square = columns.middleRows(first, count);
        if (refits_scales(options_.format())) refit_scales(entries_[run], first, square, local);
        for (Index i = 0; i < count; ++i) sweep_row(entries_[run], first, i, square, local);
        gradient.noalias() -= columns * (quantized_.middleRows(first, count) - before);
        first += count;
      }
    }
    recount();
  }

  // New scales for a run's codes as they are. The error is quadratic in each column's scale; of the scales
  // that can be stored, the neighbours of its least point are tried.
  void refit_scales(MacroBlockEntry& entry, Index first, const Eigen::MatrixXd& square, Rows& gradient) {
    const Format format = options_.format();
    const Rows values = quantized_.middleRows(first, square.rows());
    const Rows curvature = square * values;
    for (Index n = 0; n < values.cols(); ++n) {
      const auto column = static_cast<std::size_t>(n);
      const double step = entry.steps[column];
      const double gain = values.col(n).dot(gradient.col(n)) / step;  // in units of one step, as is the bend
      const double bend = values.col(n).dot(curvature.col(n)) / (step * step);
      if (bend <= 0) continue;
      const double ideal = step + gain / bend;
      double best = 0;
      for (const BlockScale& scale : scales_near(format, ideal)) {
        const double change = step_of(format, scale) - step;
        const double saving = 2 * change * gain - change * change * bend;
        if (saving <= best) continue;
        best = saving;
        entry.set_scale(format, column, scale);
      }
      if (best > 0) rescale(n, entry.steps[column] / step, first, square, values, gradient);
    }
  }

  void rescale(Index n, double ratio, Index first, const Eigen::MatrixXd& square, const Rows& values,
               Rows& gradient) {
    const Eigen::VectorXd change = values.col(n) * (ratio - 1);
    quantized_.block(first, n, change.size(), 1) = values.col(n) * ratio;
    gradient.col(n) -= square * change;
  }

  void sweep_row(const MacroBlockEntry& entry, Index first, Index i, const Eigen::MatrixXd& square,
                 Rows& gradient) {
    const std::int64_t row = row_at(first + i);
    const double curvature = square(i, i);
    const Format format = options_.format();
    const Rows old = quantized_.row(first + i);
    const Rows target = old + gradient.row(i) / curvature;
    const auto targets = std::span(target.data(), static_cast<std::size_t>(target.size()));
    for (std::int64_t column = 0; column < entry.n; column += options_.micro_block) {
      const MicroBlockWeights input = micro_block_weights(options_, entry, row, column, targets);
      const MicroBlockCodes best = best_codes(input, row, column, plan_.sweep_price / curvature);
      store_micro_block(best, row, column, output_.tensor);
      const auto values = micro_block_values(format, input, best);
      std::copy_n(values.begin(), input.count, quantized_.row(first + i).data() + column);
    }
    const Rows change = quantized_.row(first + i) - old;
    for (Index other = 0; other < gradient.rows(); ++other) gradient.row(other) -= square(other, i) * change;
  }

  // The better of new codes with the roles as they are, and new roles.
  MicroBlockCodes best_codes(const MicroBlockWeights& input, std::int64_t row, std::int64_t column,
                             double price) const {
    const Format format = options_.format();
    const MicroBlock& block = output_.tensor.block(row, column / options_.micro_block);
    MicroBlockCodes kept = requantize_micro_block(options_, input, block);
    if (options_.outlier_rule != OutlierRule::error) return kept;
    const auto cost = [&](const MicroBlockCodes& codes) {
      return micro_block_error(format, input, codes) + (codes.block.has_outliers() ? price : 0.0);
    };
    MicroBlockCodes chosen = quantize_micro_block(options_, input, price);
    return cost(chosen) < cost(kept) ? chosen : kept;
  }

  // Outliers are others after sweeps.
  void recount() {
    QuantizeStatistics& s = output_.statistics;
    s.outliers_kept = s.micro_blocks_with_outliers = s.pruned_weights = 0;
    const QuantizedTensor& tensor = output_.tensor;
    for (std::int64_t row = 0; row < tensor.k; ++row) {
      for (std::int64_t index = 0; index < tensor.blocks_per_row(); ++index) {
        const MicroBlock& block = tensor.block(row, index);
        s.outliers_kept += static_cast<std::int64_t>(block.pairs.size());
        s.micro_blocks_with_outliers += block.has_outliers() ? 1 : 0;
        for (const OutlierPair& pair : block.pairs)
          s.pruned_weights += index * options_.micro_block + pair.lower < tensor.n ? 1 : 0;
      }
    }
  }

  void store_scales() {
    QuantizedTensor& tensor = output_.tensor;
    for (const MacroBlockEntry& entry : entries_) {
      const auto at = static_cast<std::ptrdiff_t>(tensor.scale_index(entry.first_row, 0));
      std::copy(entry.scales.begin(), entry.scales.end(), tensor.scales.begin() + at);
      if (!tensor.factors.empty())
        std::copy(entry.factors.begin(), entry.factors.end(), tensor.factors.begin() + at);
    }
  }

  const LayerPlan& plan_;
  const QuantizerOptions& options_;
  Rows weights_;                          // in the order of the plan, compensated
  Rows quantized_;                        // the same rows as they are stored
  std::vector<MacroBlockEntry> entries_;  // by run, in the order of the plan
  PanelOutput output_;
};

}  // namespace

PanelOutput quantize_panel(const LayerPlan& plan, std::int64_t first, std::int64_t columns) {
  return Panel(plan, first, columns).run();
}

QuantizedTensor empty_tensor(std::int64_t k, std::int64_t n, const QuantizerOptions& options) {
  QuantizedTensor tensor;
  tensor.format = options.format();
  tensor.axis = options.axis;
  tensor.outlier_shift_max = options.outlier_shift_max;
  tensor.k = k;
  tensor.n = n;
  tensor.codes.resize(static_cast<std::size_t>(k * tensor.n_padded()));
  tensor.blocks.resize(static_cast<std::size_t>(k * tensor.blocks_per_row()));
  tensor.scales.resize(scale_count(tensor));
  if (factor_bits(tensor.format) > 0) tensor.factors.resize(scale_count(tensor));
  return tensor;
}

}  // namespace msq::golden
