#include "flow/layer/few_tokens.hpp"

#include <Eigen/Core>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "golden/quantize/calibration.hpp"
#include "golden/quantize/dequantize.hpp"
#include "golden/quantize/massive.hpp"

namespace msq::flow {
namespace {

using RowsXf = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowsXd = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Every second row, from row `first` on.
template <class T>
std::vector<T> half_of(const std::vector<T>& rows, std::int64_t columns, std::int64_t first) {
  std::vector<T> half;
  const auto width = static_cast<std::size_t>(columns);
  for (std::size_t begin = static_cast<std::size_t>(first) * width; begin < rows.size(); begin += 2 * width) {
    const auto row = rows.begin() + static_cast<std::ptrdiff_t>(begin);
    half.insert(half.end(), row, row + columns);
  }
  return half;
}

/// ||x (W - Wq / s)||^2 of each token x, s the input scale of each row.
std::vector<double> token_errors(const std::vector<float>& activations, const golden::Matrix& exact,
                                 const Quantization& quantization) {
  const std::vector<double> quantized = golden::dequantize(quantization.tensor);
  RowsXd difference(exact.rows, exact.columns);
  for (Eigen::Index k = 0; k < exact.rows; ++k) {
    const double scale =
        quantization.input_scales.empty() ? 1.0 : quantization.input_scales[static_cast<std::size_t>(k)];
    for (Eigen::Index n = 0; n < exact.columns; ++n) {
      const auto i = static_cast<std::size_t>(k * exact.columns + n);
      difference(k, n) = exact.values[i] - quantized[i] / scale;
    }
  }
  const Eigen::Map<const RowsXf> x(activations.data(),
                                   static_cast<Eigen::Index>(activations.size()) / exact.rows, exact.rows);
  const Eigen::VectorXd errors = (x.cast<double>() * difference).rowwise().squaredNorm();
  return {errors.begin(), errors.end()};
}

}  // namespace

bool HeldOutErrors::show_a_gain() const {
  const auto sum = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
  };
  if (compensated.size() < kFewestTokens || !(sum(compensated) < sum(rounded))) return false;
  const auto count = static_cast<double>(compensated.size());
  std::vector<double> gains;
  for (std::size_t i = 0; i < compensated.size(); ++i) {
    const double both = rounded[i] + compensated[i];
    gains.push_back(both == 0 ? 0 : (rounded[i] - compensated[i]) / both);
  }
  const double mean = sum(gains) / count;
  double squares = 0;
  for (const double gain : gains) squares += (gain - mean) * (gain - mean);
  return mean > 3 * std::sqrt(squares / (count - 1) / count);
}

Result<HeldOutErrors> held_out_errors(const LabelledMatrix& weights, const QuantizerChoices& choices,
                                      const golden::RowReader& activations) {
  const auto tokens = static_cast<std::size_t>(activations.rows());
  HeldOutErrors errors{std::vector<double>(tokens), std::vector<double>(tokens)};
  MSQ_TRY(const std::vector<float> rows, activations.read(0, activations.rows()));
  const std::vector<double> counts =
      golden::token_counts(golden::largest_of_tokens(rows, activations.columns()), choices.massive_weight);
  MSQ_TRY(const Quantization rounded, quantize_weights(weights, choices));
  for (const std::int64_t half : {0, 1}) {
    golden::Calibration calibration(activations.columns());
    MSQ_CHECK(calibration.add(half_of(rows, activations.columns(), 1 - half), half_of(counts, 1, 1 - half)));
    MSQ_TRY(const Quantization compensated, quantize_weights(weights, choices, std::move(calibration)));
    const std::vector<float> held_out = half_of(rows, activations.columns(), half);
    const std::vector<double> with = token_errors(held_out, weights.matrix, compensated);
    const std::vector<double> without = token_errors(held_out, weights.matrix, rounded);
    for (std::size_t i = 0; i < with.size(); ++i) {
      errors.compensated[2 * i + static_cast<std::size_t>(half)] = with[i];
      errors.rounded[2 * i + static_cast<std::size_t>(half)] = without[i];
    }
  }
  return errors;
}

}  // namespace msq::flow
