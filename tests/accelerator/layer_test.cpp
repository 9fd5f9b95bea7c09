// Layers of a real transformer through the ports, and a chain of two: the MX-INT-8 outputs of one are the
// inputs of the next. Without the fetched weights, heavy-tailed ones of the same shapes take their place (and
// the test says so).

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <random>

#include "golden/exec/output.hpp"
#include "golden/io/matrix_source.hpp"
#include "golden/quantize/activations.hpp"
#include "golden/quantize/quantizer.hpp"
#include "tests/accelerator/fixture.hpp"

namespace msq::tests {
namespace {

golden::Matrix heavy_tailed(std::int64_t rows, std::int64_t columns, unsigned seed) {
  std::mt19937 random(seed);
  std::student_t_distribution<float> draw(4);
  golden::Matrix m{rows, columns, {}};
  m.values.resize(static_cast<std::size_t>(rows * columns));
  for (float& value : m.values) value = 0.04F * draw(random);
  return m;
}

golden::QuantizedTensor layer(const Config& config, const std::string& name, std::int64_t k, std::int64_t n,
                              int bits) {
  golden::Matrix w = heavy_tailed(k, n, 5);
  if (std::filesystem::exists(MSQ_WEIGHTS)) {
    auto real = golden::load_matrix(MSQ_WEIGHTS, name, std::nullopt);
    EXPECT_TRUE(real) << real.error();
    w = std::move(*real);
  } else {
    fmt::print("{}: not there, synthetic weights instead\n", MSQ_WEIGHTS);
  }
  EXPECT_EQ(w.rows, k);
  EXPECT_EQ(w.columns, n);
  golden::QuantizerOptions options;
  options.bits = bits;
  options.outliers_per_block = config.list_entries();
  if (config.encoding == Encoding::full_range) {
    options.encoding = golden::Encoding::full_range;
    options.fraction_bits = config.fraction_bits;
    options.scale_mantissa_bits = config.scale_mantissa_bits;
  }
  auto quantized = golden::quantize(w.values, k, n, options);
  EXPECT_TRUE(quantized) << quantized.error();
  EXPECT_GT(quantized->statistics.outliers_kept, 0);
  return std::move(quantized->tensor);
}

golden::QuantizedActivations inputs(std::int64_t m, std::int64_t k) {
  std::mt19937 random(9);
  std::normal_distribution<float> draw;
  std::vector<float> x(static_cast<std::size_t>(m * k));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = draw(random) * (i % 64 == 7 ? 12.0F : 1.0F);
  return *golden::quantize_activations(x, m, k, 8, 128);
}

class LayerThroughPorts : public testing::TestWithParam<const char*> {};

TEST_P(LayerThroughPorts, IsBitExact) {
  Bench bench(GetParam());
  for (const int bits : {2, 4}) {
    const std::vector parts = {
        layer(bench.config, "encoder.layer.0.attention.self.query.weight", 384, 384, bits)};
    const auto x = inputs(12, 384);
    for (const auto format : {tb::OutputFormat::fp32, tb::OutputFormat::mx8}) {
      const auto job = tb::make_job(bench.config, parts, x, format);
      ASSERT_TRUE(job) << job.error();
      Tally tally;
      run_and_compare(bench, parts, x, *job, {}, fmt::format("{} bits", bits), tally);
      ASSERT_EQ(tally.outputs, 12 * 384);
    }
  }
}

TEST_P(LayerThroughPorts, ChainOfTwo) {
  Bench bench(GetParam());
  // The feed-forward block without its activation function: 384 -> 1536 -> 384.
  const std::vector first = {layer(bench.config, "encoder.layer.0.intermediate.dense.weight", 384, 1536, 4)};
  const std::vector second = {layer(bench.config, "encoder.layer.0.output.dense.weight", 1536, 384, 2)};
  const auto x = inputs(5, 384);
  const auto job = tb::make_job(bench.config, first, x, tb::OutputFormat::mx8);
  ASSERT_TRUE(job) << job.error();
  const auto result = bench.accelerator.run(*job);
  ASSERT_TRUE(result) << result.error();
  ASSERT_TRUE(result->done);
  const auto hidden = tb::read_mx_outputs(bench.design.dimensions, *job, result->outputs);
  const auto golden_hidden = golden::to_mx(*tb::golden_result(bench.config, first, x), 8);
  EXPECT_EQ(hidden.values, golden_hidden->values);
  EXPECT_EQ(hidden.scales, golden_hidden->scales);
  ASSERT_EQ(hidden.k, 1536);
  const auto next = tb::make_job(bench.config, second, hidden, tb::OutputFormat::fp32);
  ASSERT_TRUE(next) << next.error();
  Tally tally;
  run_and_compare(bench, second, hidden, *next, {}, "second layer", tally);
  EXPECT_EQ(tally.outputs, 5 * 384);
}

INSTANTIATE_TEST_SUITE_P(Accelerator, LayerThroughPorts,
                         testing::Values("recon-8x8", "recon-8x8-full-range-halves", "recon-16x16",
                                         "inline-8x8-bands-of-4-two-units", "inline-16x16"),
                         by_config);

}  // namespace
}  // namespace msq::tests
