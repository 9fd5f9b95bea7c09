#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/presets.hpp"
#include "cli/text.hpp"
#include "gen/arch/dimensions.hpp"
#include "gen/config/serialize.hpp"
#include "golden/io/describe.hpp"
#include "golden/io/model_file.hpp"
#include "golden/io/npy.hpp"
#include "golden/io/quantized_file.hpp"
#include "golden/quantize/option_names.hpp"
#include "golden/quantize/packing.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

struct InspectOptions {
  std::string file, tensor;
  bool json = false;
};

/// What was found: as JSON, and as text.
struct Finding {
  Json json;
  std::string text;
};

Json statistics(const std::vector<float>& values) {
  double sum = 0;
  double squares = 0;
  double low = INFINITY;
  double high = -INFINITY;
  std::int64_t finite = 0;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    ++finite;
    sum += value;
    squares += static_cast<double>(value) * value;
    low = std::min<double>(low, value);
    high = std::max<double>(high, value);
  }
  Json json = {{"values", values.size()}, {"not_finite", static_cast<std::int64_t>(values.size()) - finite}};
  if (finite == 0) return json;
  const double mean = sum / static_cast<double>(finite);
  json.update({{"minimum", low},
               {"maximum", high},
               {"mean", mean},
               {"sigma", std::sqrt(std::max(0.0, squares / static_cast<double>(finite) - mean * mean))}});
  return json;
}

std::string statistics_text(const Json& s) {
  std::string text =
      item("values", fmt::format("{}, {} of them NaN or infinite", grouped(s["values"].get<std::int64_t>()),
                                 grouped(s["not_finite"].get<std::int64_t>())));
  if (!s.contains("mean")) return text;
  return text +
         item("range",
              fmt::format("{:.6g} to {:.6g}", s["minimum"].get<double>(), s["maximum"].get<double>())) +
         item("mean, sigma",
              fmt::format("{:.6g}, {:.6g}", s["mean"].get<double>(), s["sigma"].get<double>()));
}

Result<Finding> inspect_npy(const std::string& file) {
  const auto source = golden::open_file(file);
  if (!source) return Error(source.error());
  const auto array = golden::read_npy_array(**source);
  if (!array) return Error(array.error());
  const Json s = statistics(array->values);
  return Finding{
      {{"file", file}, {"kind", "npy"}, {"shape", array->shape}, {"statistics", s}},
      fmt::format("{}: NumPy array {}\n{}", file, golden::shape_text(array->shape), statistics_text(s))};
}

std::int64_t outliers(const golden::QuantizedTensor& tensor) {
  std::int64_t count = 0;
  for (const golden::MicroBlock& block : tensor.blocks)
    count += static_cast<std::int64_t>(block.pairs.size());
  return count;
}

Result<Finding> inspect_quantized(const std::string& file, const golden::SafetensorsReader& reader) {
  Finding finding{{{"file", file}, {"kind", "quantized"}, {"layers", Json::array()}},
                  fmt::format("{}: quantized layers\n", file)};
  for (const std::string& name : golden::quantized_layers(reader)) {
    const auto layer = golden::load_quantized(reader, name);
    if (!layer) return Error(layer.error());
    const golden::QuantizedTensor* tensor = &layer->tensor;
    const golden::EffectiveBits bits = golden::effective_bits(*layer);
    const std::int64_t count = outliers(*tensor);
    const double share = static_cast<double>(count) / static_cast<double>(tensor->k * tensor->n);
    const std::string_view axis = golden::option_name(tensor->axis);
    finding.json["layers"].push_back({{"name", name},
                                      {"k", tensor->k},
                                      {"n", tensor->n},
                                      {"bits", tensor->format.bits},
                                      {"encoding", golden::option_name(tensor->format.encoding)},
                                      {"input_scales", !layer->input_scales.empty()},
                                      {"micro_block", tensor->format.micro_block},
                                      {"macro_block", tensor->format.macro_block},
                                      {"axis", axis},
                                      {"outlier_shift_max", tensor->outlier_shift_max},
                                      {"outliers", count},
                                      {"outlier_share", share},
                                      {"ebw_paper", bits.paper},
                                      {"ebw_stored", bits.stored}});
    finding.text += fmt::format("{}\n", golden::in_quotes(name));
    finding.text +=
        item("weights",
             fmt::format("[{}][{}], {} bits, encoding {}, micro-block {}, macro-block {} along {}", tensor->k,
                         tensor->n, tensor->format.bits, golden::option_name(tensor->format.encoding),
                         tensor->format.micro_block, tensor->format.macro_block, axis));
    if (!layer->input_scales.empty()) {
      finding.text += item("activations", "are divided by the layer's input scales first");
    }
    finding.text += item("outliers", fmt::format("{} = {}, shift up to {}", grouped(count), percent(share),
                                                 tensor->outlier_shift_max));
    finding.text += item(
        "effective bit width",
        fmt::format("{:.3f} by the paper's formula, {:.3f} with every stored bit", bits.paper, bits.stored));
  }
  return finding;
}

/// Of a SafetensorsReader or an OnnxReader.
template <class Reader>
Result<Finding> inspect_tensor(const std::string& file, const std::string& tensor, const Reader& reader) {
  const auto matrix = reader.load_matrix(tensor);
  if (!matrix) return Error(matrix.error());
  const Json s = statistics(matrix->values);
  const std::vector<std::int64_t> shape = {matrix->rows, matrix->columns};
  return Finding{{{"file", file}, {"kind", "tensor"}, {"name", tensor}, {"shape", shape}, {"statistics", s}},
                 fmt::format("{}: tensor {} {}\n{}", file, golden::in_quotes(tensor),
                             golden::shape_text(shape), statistics_text(s))};
}

Result<Finding> inspect_safetensors(const InspectOptions& o) {
  const auto reader = golden::SafetensorsReader::open(o.file);
  if (!reader) return Error(reader.error());
  if (!o.tensor.empty()) return inspect_tensor(o.file, o.tensor, *reader);
  if (reader->metadata().contains("microscopiq.contract")) return inspect_quantized(o.file, *reader);
  Finding finding{{{"file", o.file}, {"kind", "safetensors"}, {"tensors", Json::array()}}, ""};
  Table table({"tensor", "type", "shape"});
  for (const golden::TensorInfo& tensor : reader->tensors()) {
    finding.json["tensors"].push_back(
        {{"name", tensor.name}, {"dtype", tensor.dtype}, {"shape", tensor.shape}});
    table.add({golden::in_quotes(tensor.name), tensor.dtype, golden::shape_text(tensor.shape)});
  }
  finding.text = fmt::format("{}: {} tensors\n{}", o.file, reader->tensors().size(), table.str());
  return finding;
}

Result<Finding> inspect_onnx(const InspectOptions& o) {
  const auto reader = golden::OnnxReader::open(o.file);
  if (!reader) return Error(reader.error());
  if (!o.tensor.empty()) return inspect_tensor(o.file, o.tensor, *reader);
  Finding finding{{{"file", o.file}, {"kind", "onnx"}, {"tensors", Json::array()}}, ""};
  Table table({"tensor", "type", "shape", "layout", "use"});
  for (const golden::OnnxTensor& tensor : reader->tensors()) {
    const Json layout = tensor.layout ? Json(golden::layout_name(*tensor.layout)) : Json();
    finding.json["tensors"].push_back({{"name", tensor.name},
                                       {"type", tensor.type},
                                       {"shape", tensor.shape},
                                       {"layout", layout},
                                       {"use", tensor.use}});
    table.add({golden::in_quotes(tensor.name), tensor.type, golden::shape_text(tensor.shape),
               tensor.layout ? golden::layout_name(*tensor.layout) : "-", tensor.use});
  }
  finding.text = fmt::format("{}: {} tensors\n{}", o.file, reader->tensors().size(), table.str());
  return finding;
}

Result<Finding> inspect_config(const std::string& name) {
  const auto config = find_config(name);
  if (!config) return Error(config.error());
  const Dimensions d(*config);
  Finding finding{
      {{"file", name},
       {"kind", "config"},
       {"config", Json::parse(to_json(*config))},
       {"config_hash", config_hash(*config)},
       {"sum_bits", d.acc_bits},
       {"lanes", d.lanes},
       {"latency", d.latency},
       {"memory_bits", d.memory_bits()}},
      fmt::format("{}: configuration, hash {}\n{}", name, config_hash(*config), to_json(*config))};
  finding.text += item("partial sums", fmt::format("{} lanes of {} bits", d.lanes, d.acc_bits));
  finding.text += item("latency", fmt::format("{} cycles from a token to its partial sums", d.latency));
  finding.text += item("memories", fmt::format("{} bits", grouped(d.memory_bits())));
  return finding;
}

Result<Finding> find_out(const InspectOptions& o) {
  const std::string extension = fs::path(o.file).extension().string();
  if (!o.tensor.empty() && !golden::ModelFile::is_model(o.file)) {
    return Error(
        fmt::format("--tensor: found \"{}\"; allowed: only with a .safetensors or .onnx file", o.tensor));
  }
  if (extension == ".npy") return inspect_npy(o.file);
  if (extension == ".safetensors") return inspect_safetensors(o);
  if (extension == ".onnx") return inspect_onnx(o);
  const auto& presets = preset_names();
  if (extension == ".json" || std::find(presets.begin(), presets.end(), o.file) != presets.end()) {
    return inspect_config(o.file);
  }
  return Error(
      fmt::format("{}: found a name that ends in \"{}\"; allowed: .npy, .safetensors, .onnx, .json, or a "
                  "preset: {}",
                  o.file, extension, fmt::join(presets, ", ")));
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command = app.add_subcommand("inspect", "Tell what is in a file, or in a preset configuration");
  command
      ->add_option("file", options->file,
                   "A .npy, .safetensors (weights or quantized layers), .onnx or configuration file, or a "
                   "preset's name")
      ->required();
  command->add_option("--tensor", options->tensor,
                      "Statistics of this tensor of a .safetensors or .onnx file");
  add_json(*command, options->json);
  command->footer("\nExample:\n  microscopiq inspect 8x8");
  command->callback([options, &action] {
    action = [options]() -> Outcome {
      const auto finding = find_out(*options);
      if (!finding) return Error(finding.error());
      fmt::print("{}", options->json ? json_text(finding->json) : finding->text);
      return kOk;
    };
  });
}

}  // namespace msq::cli
