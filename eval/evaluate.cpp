// Quantizes the linear layers of a model by several methods and writes how far their outputs are off on
// held-out activations: see eval/README.md.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <Eigen/Core>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>

#include "eval/method.hpp"
#include "golden/io/atomic_file.hpp"
#include "golden/io/matrix_source.hpp"
#include "golden/io/npy.hpp"
#include "golden/io/safetensors.hpp"
#include "golden/quantize/activations.hpp"

namespace msq::eval {
namespace {

namespace fs = std::filesystem;
using golden::Matrix;
using RowsXf = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowsXd = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct Arguments {
  std::string model = "minilm";
  std::string weights, activations, methods, output, save;
  std::vector<std::string> only;
};

/// A layer's weights as stored, and the file name of its activations.
struct LayerSource {
  std::string name, tensor;
  golden::Layout layout = golden::Layout::n_by_k;
};

fs::path activations_of(const Arguments& a, const char* part, const std::string& name) {
  return fs::path(a.activations) / part / fmt::format("{}.npy", name);
}

/// Layers of the model that have activations: with DIR/index.json those it lists, else tensors NAME.weight.
Result<std::vector<LayerSource>> find_layers(const Arguments& a) {
  std::vector<LayerSource> layers;
  if (const fs::path index = fs::path(a.activations) / "index.json"; fs::exists(index)) {
    std::ifstream file(index);
    const auto json = nlohmann::json::parse(file, nullptr, false);
    if (!json.is_object()) return Error(fmt::format("{}: no JSON object", index.string()));
    for (const auto& [name, entry] : json.items()) {
      const bool n_by_k = entry.value("layout", "n_by_k") == "n_by_k";
      layers.push_back({name, name, n_by_k ? golden::Layout::n_by_k : golden::Layout::k_by_n});
    }
  } else {
    const auto reader = golden::SafetensorsReader::open(a.weights);
    if (!reader) return Error(reader.error());
    constexpr std::string_view kWeight = ".weight";
    for (const auto& tensor : reader->tensors()) {
      if (!tensor.name.ends_with(kWeight)) continue;
      const std::string name = tensor.name.substr(0, tensor.name.size() - kWeight.size());
      if (fs::exists(activations_of(a, "calibration", name))) layers.push_back({name, tensor.name});
    }
  }
  std::erase_if(layers, [&](const LayerSource& layer) {
    return !a.only.empty() && std::ranges::find(a.only, layer.name) == a.only.end();
  });
  if (layers.empty()) return Error(fmt::format("{}: no layer has activations there", a.activations));
  return layers;
}

Result<Layer> load_layer(const Arguments& a, const LayerSource& source) {
  auto weights = golden::load_matrix(a.weights, source.tensor, source.layout);
  if (!weights) return Error(weights.error());
  const auto x = golden::read_npy(activations_of(a, "calibration", source.name));
  if (!x) return Error(x.error());
  if (x->columns != weights->rows) {
    return Error(fmt::format("{}: activations have {} columns, the weights K = {}", source.name, x->columns,
                             weights->rows));
  }
  Layer layer{source.name,
              weights->rows,
              weights->columns,
              std::move(weights->values),
              {},
              golden::Hessian(x->columns)};
  if (auto ok = layer.hessian.add(x->values); !ok) return Error(ok.error());
  const Eigen::Map<const RowsXf> map(x->values.data(), x->rows, x->columns);
  const Eigen::VectorXf largest = map.cwiseAbs().colwise().maxCoeff();
  layer.largest.assign(largest.data(), largest.data() + largest.size());
  return layer;
}

/// Activations as the method sees them: divided by its input scales, and quantized.
RowsXd method_inputs(const RowsXd& x, const Method& method, const Quantized& q) {
  RowsXd inputs = x;
  for (std::size_t k = 0; k < q.input_scale.size(); ++k)
    inputs.col(static_cast<Eigen::Index>(k)) /= q.input_scale[k];
  if (method.act_bits == 0) return inputs;
  constexpr int kBlock = 128;
  const RowsXf floats = inputs.cast<float>();
  const auto quantized =
      golden::quantize_activations({floats.data(), static_cast<std::size_t>(floats.size())}, floats.rows(),
                                   floats.cols(), method.act_bits, kBlock);
  if (!quantized) throw std::runtime_error(quantized.error());
  for (Eigen::Index m = 0; m < inputs.rows(); ++m) {
    for (Eigen::Index k = 0; k < inputs.cols(); ++k) {
      const auto value = quantized->values[static_cast<std::size_t>(m * inputs.cols() + k)];
      const auto scale = quantized->scales[static_cast<std::size_t>(m * quantized->groups() + k / kBlock)];
      inputs(m, k) = std::ldexp(value, scale);
    }
  }
  return inputs;
}

/// ||XW - X'Q||^2 / ||XW||^2 of held-out activations.
double squared_error(const RowsXd& x, const RowsXd& exact, const Layer& layer, const Method& method,
                     const Quantized& q) {
  const Eigen::Map<const RowsXd> values(q.values.data(), layer.k, layer.n);
  const RowsXd outputs = method_inputs(x, method, q) * values;
  return (outputs - exact).squaredNorm() / exact.squaredNorm();
}

std::string csv_row(const Arguments& a, const Layer& layer, const Method& method, const Quantized& q,
                    double error, double seconds) {
  const auto& s = q.outliers;
  const auto share = [](std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  return fmt::format("{},{},{},{},{},{},{:.6f},{},{:.8g},{:.6f},{:.6f},{:.6f},{:.6f},{:.2f}\n", a.model,
                     layer.name, method.name, method.spec.value("bits", 4), layer.k, layer.n, q.bits_stored,
                     q.bits_paper ? fmt::format("{:.6f}", *q.bits_paper) : "", error,
                     share(s.outliers_wanted, s.weights), share(s.outliers_kept, s.weights),
                     share(s.adjacent_outliers, s.weights),
                     share(s.micro_blocks_with_outliers, s.micro_blocks), seconds);
}

constexpr const char* kHeader =
    "model,layer,method,bits,k,n,ebw_stored,ebw_paper,error2,outliers_wanted,outliers_kept,adjacent,flagged,"
    "seconds\n";

/// Dequantized weights by method, as [K][N] in the layer's own scale of inputs.
using Saved = std::map<std::string, std::vector<golden::NamedTensor>>;

void save(const Layer& layer, const Method& method, const Quantized& q, Saved& saved) {
  std::vector<float> values(q.values.begin(), q.values.end());
  for (std::size_t i = 0; i < values.size() && !q.input_scale.empty(); ++i) {
    values[i] = static_cast<float>(q.values[i] / q.input_scale[i / static_cast<std::size_t>(layer.n)]);
  }
  // PyTorch's layout, as the model has it.
  std::vector<float> transposed(values.size());
  for (std::int64_t k = 0; k < layer.k; ++k) {
    for (std::int64_t n = 0; n < layer.n; ++n)
      transposed[static_cast<std::size_t>(n * layer.k + k)] =
          values[static_cast<std::size_t>(k * layer.n + n)];
  }
  saved[method.name].push_back(golden::named_tensor(fmt::format("{}.weight", layer.name), {layer.n, layer.k},
                                                    std::span<const float>(transposed)));
}

Result<std::vector<Method>> load_methods(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error(fmt::format("{}: cannot be read", path));
  const auto json = nlohmann::json::parse(file, nullptr, false, true);
  if (json.is_discarded()) return Error(fmt::format("{}: no valid JSON", path));
  return parse_methods(json);
}

Result<> evaluate_layer(const Arguments& a, const LayerSource& source, const std::vector<Method>& methods,
                        std::string& csv, Saved& saved) {
  const auto layer = load_layer(a, source);
  if (!layer) return Error(layer.error());
  const auto heldout = golden::read_npy(activations_of(a, "heldout", source.name));
  if (!heldout) return Error(heldout.error());
  const RowsXd x =
      Eigen::Map<const RowsXf>(heldout->values.data(), heldout->rows, heldout->columns).cast<double>();
  const RowsXd exact = x * Eigen::Map<const RowsXf>(layer->weights.data(), layer->k, layer->n).cast<double>();
  for (const Method& method : methods) {
    const auto start = std::chrono::steady_clock::now();
    const auto quantized = apply(method, *layer);
    if (!quantized) return Error(quantized.error());
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    const double error = squared_error(x, exact, *layer, method, *quantized);
    csv += csv_row(a, *layer, method, *quantized, error, time.count());
    if (!a.save.empty()) save(*layer, method, *quantized, saved);
  }
  return {};
}

Result<> run(const Arguments& a) {
  const auto methods = load_methods(a.methods);
  if (!methods) return Error(methods.error());
  const auto layers = find_layers(a);
  if (!layers) return Error(layers.error());
  std::string csv = kHeader;
  Saved saved;
  for (std::size_t i = 0; i < layers->size(); ++i) {
    fmt::print(stderr, "{}/{} {}\n", i + 1, layers->size(), (*layers)[i].name);
    if (auto ok = evaluate_layer(a, (*layers)[i], *methods, csv, saved); !ok) return ok;
  }
  if (auto ok = golden::write_file_atomically(a.output, csv); !ok) return ok;
  for (const auto& [method, tensors] : saved) {
    std::error_code ignored;
    fs::create_directories(a.save, ignored);
    if (auto ok =
            golden::write_safetensors(fs::path(a.save) / fmt::format("{}.safetensors", method), tensors, {});
        !ok)
      return ok;
  }
  return {};
}

int main_program(int argc, char** argv) {
  Arguments a;
  CLI::App app("Quantizes the linear layers of a model by several methods and measures their output errors");
  app.add_option("--model", a.model, "Name in the table")->capture_default_str();
  app.add_option("--weights", a.weights, "File of the model's weights: .safetensors")->required();
  app.add_option("--activations", a.activations,
                 "Directory of captured inputs: calibration/NAME.npy, heldout/NAME.npy")
      ->required();
  app.add_option("--methods", a.methods, "JSON list of methods")->required();
  app.add_option("-o,--output", a.output, "Table to write: .csv")->required();
  app.add_option("--only", a.only, "Names of layers; default: all");
  app.add_option("--save", a.save, "Directory for dequantized weights, METHOD.safetensors");
  CLI11_PARSE(app, argc, argv);
  if (const auto ok = run(a); !ok) {
    fmt::print(stderr, "msq_evaluate: {}\n", ok.error());
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace msq::eval

int main(int argc, char** argv) {
  try {
    return msq::eval::main_program(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "msq_evaluate: %s\n", error.what());
    return 3;
  }
}
