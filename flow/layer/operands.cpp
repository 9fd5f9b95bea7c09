#include "flow/layer/operands.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <random>
#include <utility>

#include "golden/io/model_file.hpp"
#include "golden/quantize/activations.hpp"

namespace msq::flow {
namespace {

constexpr double kDegreesOfFreedom = 5;
constexpr double kWeightScale = 0.04;
constexpr int kLargeChannelEvery = 64;
constexpr std::int64_t kMaxSynthetic = 65536;  ///< rows or columns
constexpr std::int64_t kMaxSyntheticWeights = std::int64_t{1} << 26;

/// "384x1536"; false if it is not of this form or out of range.
bool parse_shape(std::string_view text, std::int64_t& k, std::int64_t& n) {
  const std::size_t cross = text.find('x');
  if (cross == std::string_view::npos) return false;
  const auto number = [](std::string_view digits, std::int64_t& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() && value >= 1 &&
           value <= kMaxSynthetic;
  };
  return number(text.substr(0, cross), k) && number(text.substr(cross + 1), n) &&
         k * n <= kMaxSyntheticWeights;
}

LabelledMatrix synthetic_weights(std::int64_t k, std::int64_t n, unsigned seed) {
  LabelledMatrix result{{k, n, std::vector<float>(static_cast<std::size_t>(k * n))}, "", true};
  std::mt19937_64 random(seed);
  std::student_t_distribution<double> t(kDegreesOfFreedom);
  for (float& value : result.matrix.values) value = static_cast<float>(kWeightScale * t(random));
  result.source = fmt::format("synthetic: Student's t, {} degrees of freedom, seed {} (no real layer)",
                              kDegreesOfFreedom, seed);
  return result;
}

LabelledMatrix random_activations(std::int64_t m, std::int64_t k, unsigned seed) {
  LabelledMatrix result{{m, k, std::vector<float>(static_cast<std::size_t>(m * k))}, "", true};
  std::mt19937_64 random(seed ^ 0x5eedac71U);
  std::uniform_real_distribution<double> exponent(3, 5);
  std::vector<double> scale(static_cast<std::size_t>(k), 1.0);
  std::uniform_int_distribution<int> large(0, kLargeChannelEvery - 1);
  for (double& channel : scale) {
    if (large(random) == 0) channel = std::exp2(exponent(random));
  }
  std::normal_distribution<double> normal;
  for (std::size_t i = 0; i < result.matrix.values.size(); ++i) {
    result.matrix.values[i] = static_cast<float>(normal(random) * scale[i % scale.size()]);
  }
  result.source =
      fmt::format("random: normal, one channel in {} larger by 8 to 32, seed {}", kLargeChannelEvery, seed);
  return result;
}

std::string file_label(const std::string& file, const std::string& tensor) {
  return tensor.empty() ? file : fmt::format("{}: {}", file, tensor);
}

}  // namespace

std::optional<golden::Layout> WeightsSource::chosen_layout() const {
  if (layout.empty()) return std::nullopt;
  return layout == "n_by_k" ? golden::Layout::n_by_k : golden::Layout::k_by_n;
}

Result<std::vector<std::filesystem::path>> files_of(const WeightsSource& source) {
  if (source.file.empty()) return std::vector<std::filesystem::path>{};
  if (!golden::ModelFile::is_model(source.file)) return std::vector<std::filesystem::path>{source.file};
  MSQ_TRY(const golden::ModelFile model, golden::ModelFile::open(source.file));
  return model.files();
}

Result<LabelledMatrix> load_weights(const WeightsSource& source, unsigned seed) {
  if (source.file.empty()) {
    std::int64_t k = 0;
    std::int64_t n = 0;
    if (!parse_shape(source.synthetic, k, n)) {
      return Error(fmt::format(
          "--synthetic: found \"{}\"; allowed: KxN with K and N from 1 to {} and K * N up to {}, such as "
          "384x1536",
          source.synthetic, kMaxSynthetic, kMaxSyntheticWeights));
    }
    return synthetic_weights(k, n, seed);
  }
  MSQ_TRY(golden::Matrix matrix, golden::load_matrix(source.file, source.tensor, source.chosen_layout()));
  return LabelledMatrix{std::move(matrix), file_label(source.file, source.tensor), false};
}

Result<LabelledMatrix> load_activations(const ActivationsSource& source, std::int64_t k,
                                        const std::string& weights_name, unsigned seed) {
  if (source.file.empty()) return random_activations(source.tokens, k, seed);
  MSQ_TRY(golden::Matrix matrix, golden::load_matrix(source.file, source.tensor, golden::Layout::k_by_n));
  if (matrix.columns != k) {
    return Error(fmt::format("{}: found shape [{}][{}]; allowed: [M][{}], since {} has K = {}",
                             file_label(source.file, source.tensor), matrix.rows, matrix.columns, k,
                             weights_name, k));
  }
  return LabelledMatrix{std::move(matrix), file_label(source.file, source.tensor), false};
}

Result<golden::QuantizedActivations> quantize_activations(const LabelledMatrix& activations, int bits,
                                                          int block) {
  const golden::Matrix& x = activations.matrix;
  auto quantized = golden::quantize_activations(x.values, x.rows, x.columns, bits, block);
  if (!quantized) return Error(fmt::format("{}: {}", activations.source, quantized.error()));
  return std::move(*quantized);
}

void divide_inputs(golden::Matrix& activations, const std::vector<float>& scales) {
  for (std::size_t i = 0; i < activations.values.size() && !scales.empty(); ++i) {
    activations.values[i] /= scales[i % scales.size()];
  }
}

}  // namespace msq::flow
