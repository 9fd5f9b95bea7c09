// Quantizes layers of a model by one method, ours or a baseline, with sums over calibration activations, and
// writes their dequantized weights: see eval/llm/README.md.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "eval/method.hpp"
#include "golden/io/hessian_file.hpp"
#include "golden/io/matrix_source.hpp"
#include "golden/io/safetensors.hpp"
#include "golden/io/transpose.hpp"
#include "golden/quantize/target.hpp"

namespace msq::eval {
namespace {

struct Arguments {
  std::string weights, hessians, method, output;
  std::vector<std::string> layers;
  double target_strength = 0;
};

/// ||X (W - Q)|| / ||X W|| by the Hessian.
double output_error(const Layer& layer, const Quantized& quantized) {
  using golden::RowMajorXd;
  const Eigen::MatrixXd hessian = layer.hessian.lower().selfadjointView<Eigen::Lower>();
  RowMajorXd w(layer.k, layer.n);
  RowMajorXd q(layer.k, layer.n);
  for (Eigen::Index k = 0; k < layer.k; ++k) {
    const double scale =
        quantized.input_scale.empty() ? 1 : quantized.input_scale[static_cast<std::size_t>(k)];
    for (Eigen::Index n = 0; n < layer.n; ++n) {
      const auto i = static_cast<std::size_t>(k * layer.n + n);
      w(k, n) = layer.weights[i];
      q(k, n) = quantized.values[i] / scale;
    }
  }
  const RowMajorXd e = w - q;
  return std::sqrt(e.cwiseProduct(hessian * e).sum() / w.cwiseProduct(hessian * w).sum());
}

Result<Layer> load_layer(const Arguments& a, const std::string& name) {
  MSQ_TRY(golden::Matrix weights, golden::load_matrix(a.weights, name + ".weight", golden::Layout::n_by_k));
  golden::Calibration sums(1);
  if (!a.hessians.empty()) {
    MSQ_TRY(const auto hessians, golden::HessianFile::open(a.hessians));
    MSQ_TRY(sums, hessians.load(name, weights.rows, weights.columns));
  }
  Layer layer{name,
              weights.rows,
              weights.columns,
              std::move(weights.values),
              std::move(sums.largest),
              std::move(sums.hessian)};
  if (a.target_strength > 0) {
    constexpr double kDamping = 0.01;
    MSQ_TRY(layer.weights, golden::weights_for_target(layer.weights, layer.hessian, sums.target, kDamping,
                                                      a.target_strength));
  }
  return layer;
}

/// Weights that replace those of the model, as stored: [n][k].
golden::NamedTensor dequantized(const Layer& layer, const Quantized& quantized) {
  golden::Matrix matrix{layer.k, layer.n, {}};
  matrix.values.assign(quantized.values.begin(), quantized.values.end());
  for (std::size_t i = 0; i < quantized.input_scale.size() * static_cast<std::size_t>(layer.n); ++i) {
    matrix.values[i] = static_cast<float>(quantized.values[i] /
                                          quantized.input_scale[i / static_cast<std::size_t>(layer.n)]);
  }
  const golden::Matrix stored = golden::transposed(matrix);
  return golden::named_tensor(layer.name + ".weight", {layer.n, layer.k},
                              std::span<const float>(stored.values));
}

Result<nlohmann::ordered_json> run(const Arguments& a) {
  const auto json = nlohmann::json::parse(a.method, nullptr, false);
  if (json.is_discarded()) return Error(fmt::format("--method: no JSON: {}", a.method));
  MSQ_TRY(const auto methods, parse_methods(nlohmann::json::array({json})));
  std::vector<golden::NamedTensor> tensors;
  nlohmann::ordered_json report;
  for (const std::string& name : a.layers) {
    MSQ_TRY(const Layer layer, load_layer(a, name));
    MSQ_TRY(const Quantized quantized, apply(methods.front(), layer));
    tensors.push_back(dequantized(layer, quantized));
    report[name] = {{"weights", layer.k * layer.n},
                    {"bits", quantized.bits_stored},
                    {"outliers", quantized.outliers.outliers_kept},
                    {"micro_blocks", quantized.outliers.micro_blocks},
                    {"micro_blocks_with_outliers", quantized.outliers.micro_blocks_with_outliers}};
    if (!a.hessians.empty()) report[name]["output_error"] = output_error(layer, quantized);
  }
  MSQ_CHECK(golden::write_safetensors(a.output, tensors, {}));
  return report;
}

}  // namespace
}  // namespace msq::eval

int main(int argc, char** argv) {
  msq::eval::Arguments a;
  CLI::App app("Quantizes layers of a model by one method and writes their dequantized weights");
  app.add_option("--weights", a.weights, "Model: .safetensors")->required();
  app.add_option("--hessians", a.hessians,
                 "Sums over activations: .safetensors; methods that only round need none");
  app.add_option("--method", a.method, "An entry of eval/methods, as JSON")->required();
  app.add_option("--target-strength", a.target_strength,
                 "How far outputs follow those that the Hessian file wants, 0 to 1");
  app.add_option("-o,--output", a.output, "Dequantized weights: .safetensors")->required();
  app.add_option("layers", a.layers, "Layers, names of tensors without .weight")->required();
  CLI11_PARSE(app, argc, argv);
  const auto report = msq::eval::run(a);
  if (!report) {
    fmt::print(stderr, "quantize_layers: {}\n", report.error());
    return 1;
  }
  fmt::print("{}\n", report->dump());
  return 0;
}
