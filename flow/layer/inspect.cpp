#include "flow/layer/inspect.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "gen/arch/design.hpp"
#include "gen/arch/dimensions.hpp"
#include "gen/arch/manifest.hpp"
#include "gen/configs/presets.hpp"
#include "golden/io/model_families.hpp"
#include "golden/io/model_file.hpp"
#include "golden/io/natural_order.hpp"
#include "golden/io/npy.hpp"
#include "golden/io/quantized_file.hpp"

namespace msq::flow {
namespace {

ValueStatistics statistics(const std::vector<float>& values) {
  double sum = 0;
  double squares = 0;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  std::int64_t finite = 0;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    ++finite;
    sum += value;
    squares += static_cast<double>(value) * value;
    low = std::min<double>(low, value);
    high = std::max<double>(high, value);
  }
  const auto count = static_cast<std::int64_t>(values.size());
  if (finite == 0) return {count, count, std::nullopt};
  const double mean = sum / static_cast<double>(finite);
  const double variance = squares / static_cast<double>(finite) - mean * mean;
  return {count, count - finite, Distribution{low, high, mean, std::sqrt(std::max(0.0, variance))}};
}

Result<Description> inspect_npy(const std::string& file) {
  MSQ_TRY(const auto source, golden::open_file(file));
  MSQ_TRY(const auto array, golden::read_npy_array(*source));
  return Description{file, ArrayDescription{"", array.shape, statistics(array.values)}};
}

QuantizedDescription describe_layer(const golden::QuantizedLayer& layer) {
  const golden::QuantizedTensor& tensor = layer.tensor;
  std::int64_t outliers = 0;
  for (const golden::MicroBlock& block : tensor.blocks)
    outliers += static_cast<std::int64_t>(block.pairs.size());
  return {layer.name,
          tensor.k,
          tensor.n,
          tensor.format,
          tensor.axis,
          tensor.outlier_shift_max,
          !layer.input_scales.empty(),
          outliers,
          golden::effective_bits(layer)};
}

Result<Description> inspect_quantized(const std::string& file, const golden::SafetensorsReader& reader) {
  std::vector<QuantizedDescription> layers;
  for (const std::string& name : golden::quantized_layers(reader)) {
    MSQ_TRY(golden::QuantizedLayer layer, golden::load_quantized(reader, name));
    layer.name = name;
    layers.push_back(describe_layer(layer));
  }
  return Description{file, std::move(layers)};
}

/// As the file stores it.
Result<Description> inspect_tensor(const std::string& file, const std::string& tensor) {
  MSQ_TRY(const golden::ModelFile model, golden::ModelFile::open(file));
  MSQ_TRY(const golden::Matrix matrix, model.load_stored(tensor, std::nullopt));
  return Description{file,
                     ArrayDescription{tensor, {matrix.rows, matrix.columns}, statistics(matrix.values)}};
}

Result<Description> inspect_safetensors(const std::string& file) {
  MSQ_TRY(const auto reader, golden::SafetensorsReader::open(file));
  if (reader.metadata().contains("microscopiq.contract")) return inspect_quantized(file, reader);
  std::vector<golden::TensorInfo> tensors(reader.tensors());
  std::ranges::sort(tensors, golden::natural_less, &golden::TensorInfo::name);
  return Description{file, std::move(tensors)};
}

Result<Description> inspect_model(const std::string& file) {
  MSQ_TRY(const golden::ModelFile model, golden::ModelFile::open(file));
  if (model.is_onnx()) return Description{file, model.tensors()};
  CheckpointDescription description;
  const golden::ModelConfig& config = model.checkpoint()->config();
  if (const golden::Family* family = golden::find_family(config)) description.family = family->name;
  description.model_type = config.model_type;
  const auto& shards = model.checkpoint()->files().shards;
  description.shards = shards.size();
  for (const auto& shard : shards) {
    std::error_code ignored;
    description.bytes += std::filesystem::file_size(shard, ignored);
  }
  description.tensors = model.tensors();
  description.notes = model.notes();
  return Description{file, std::move(description)};
}

Result<Description> inspect_config(const std::string& name) {
  MSQ_TRY(const Config config, find_config(name));
  const Dimensions d(config);
  return Description{name, ConfigDescription{config, d.acc_bits, d.lanes, d.latency, d.memory_bits(),
                                             memory_bits(build_accelerator(config))}};
}

}  // namespace

Result<Description> inspect(const std::string& file, const std::string& tensor) {
  const std::string extension = std::filesystem::path(file).extension().string();
  const auto& presets = preset_names();
  const bool preset = std::find(presets.begin(), presets.end(), file) != presets.end();
  const bool model = !preset && golden::ModelFile::is_model(file);
  if (!tensor.empty() && !model) {
    return Error(
        fmt::format("--tensor: found \"{}\"; allowed: only with a checkpoint or .onnx file", tensor));
  }
  if (!tensor.empty()) return inspect_tensor(file, tensor);
  if (extension == ".npy") return inspect_npy(file);
  if (extension == ".safetensors") return inspect_safetensors(file);
  if (model) return inspect_model(file);
  if (extension == ".json" || preset) return inspect_config(file);
  return Error(
      fmt::format("{}: no file of a known kind; allowed: names that end in .npy, .safetensors, .onnx, "
                  ".safetensors.index.json or .json, the directory of a checkpoint, or a preset: {}",
                  file, fmt::join(presets, ", ")));
}

}  // namespace msq::flow
