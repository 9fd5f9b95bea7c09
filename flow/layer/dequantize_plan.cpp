#include "flow/layer/dequantize_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "flow/layer/model_selection.hpp"
#include "golden/io/checkpoint.hpp"
#include "golden/io/describe.hpp"
#include "golden/io/mxfp4.hpp"
#include "golden/io/quantized_file.hpp"

namespace msq::flow {
namespace {

using golden::FloatType;
using golden::Layout;
using golden::StoredTensor;
using golden::TensorInfo;

struct Extents {
  std::int64_t k = 0, n = 0;
};

Result<std::int64_t> extent_of(const golden::SafetensorsReader& quantized, const std::string& layer,
                               const char* key) {
  const auto found = quantized.metadata().find(fmt::format("{}.{}", layer, key));
  std::int64_t value = 0;
  if (found != quantized.metadata().end()) {
    const char* end = found->second.data() + found->second.size();
    if (std::from_chars(found->second.data(), end, value).ptr == end && value > 0) return value;
  }
  return Error(
      fmt::format("{}: layer {}: metadata {} is {}; allowed: a positive number", quantized.name(),
                  golden::in_quotes(layer), key,
                  found == quantized.metadata().end() ? "missing" : golden::in_quotes(found->second)));
}

Result<Extents> extents_of(const golden::SafetensorsReader& quantized, const std::string& layer) {
  Extents extents;
  MSQ_TRY(extents.k, extent_of(quantized, layer, "k"));
  MSQ_TRY(extents.n, extent_of(quantized, layer, "n"));
  return extents;
}

Error no_layers(const golden::SafetensorsReader& quantized) {
  return Error(fmt::format("{}: found no layers; allowed: a file that quantize wrote", quantized.name()));
}

std::vector<std::int64_t> shape_of(const Extents& extents, Layout layout) {
  if (layout == Layout::k_by_n) return {extents.k, extents.n};
  return {extents.n, extents.k};
}

/// Plans the tensors of a checkpoint one after the other.
class CheckpointPlanner {
 public:
  CheckpointPlanner(const golden::SafetensorsReader& quantized, const golden::ModelFile& model,
                    const DequantizedForm& form)
      : quantized_(quantized), model_(model), form_(form) {
    for (std::string& layer : golden::quantized_layers(quantized)) left_.insert(std::move(layer));
    plan_.layers = left_.size();
    for (const StoredTensor& stored : model.tensors()) {
      matrices_of_[stored.tensor].push_back(&stored);
      mxfp4_ = mxfp4_ || (stored.type == "MXFP4" && is_layer(stored));
    }
  }

  Result<DequantizePlan> plan() {
    if (left_.empty()) return no_layers(quantized_);
    const std::vector<std::filesystem::path>& shards = model_.checkpoint()->files().shards;
    for (std::size_t shard = 0; shard < shards.size(); ++shard) {
      MSQ_TRY(const auto reader, golden::SafetensorsReader::open(shards[shard]));
      for (const TensorInfo& tensor : reader.tensors()) MSQ_CHECK(add(tensor, shard));
    }
    if (!left_.empty()) {
      return Error(fmt::format(
          "{}: layer {} ({} of {}): {} has no tensor of this name; allowed: the checkpoint "
          "that was quantized",
          quantized_.name(), golden::in_quotes(*left_.begin()), left_.size(), plan_.layers, model_.name()));
    }
    const auto is_dropped = [this](const OutputTensor& tensor) {
      return dropped_.contains(tensor.info.name);
    };
    std::erase_if(plan_.tensors, is_dropped);
    plan_.dropped.assign(dropped_.begin(), dropped_.end());
    return std::move(plan_);
  }

 private:
  Result<> add(const TensorInfo& tensor, std::size_t shard) {
    OutputTensor output{tensor, shard, FloatType::f32, {}};
    const std::vector<const StoredTensor*>& matrices = matrices_of_[tensor.name];
    const TensorInfo* scales = model_.checkpoint()->scales_of(tensor);
    const bool matrix = std::ranges::all_of(matrices, [](const auto* m) { return m->shape.size() == 2; });
    const bool quantized = std::ranges::any_of(matrices, [this](const auto* m) { return is_layer(*m); });
    if (!golden::mxfp4_name(tensor).empty()) {
      if (mxfp4_) MSQ_CHECK(add_blocks(output, matrices));
    } else if (quantized || (scales != nullptr && matrix)) {
      for (const StoredTensor* stored : matrices) MSQ_CHECK(add_matrix(output, *stored));
      if (scales != nullptr) drop_scales(tensor, *scales);
      output.type = form_.type.value_or(
          golden::safetensors_float_type(tensor.dtype).value_or(FloatType::bf16));  // of 8-bit floats
      output.info.dtype = type_name(output.type);
    }
    plan_.tensors.push_back(std::move(output));
    return {};
  }

  [[nodiscard]] bool is_layer(const StoredTensor& stored) const {
    return left_.contains(layer_name_of(stored));
  }

  /// MXFP4 blocks hold [experts][N][K]; the model that has no blocks holds [experts][K][N].
  Result<> add_blocks(OutputTensor& output, const std::vector<const StoredTensor*>& matrices) {
    for (const StoredTensor* stored : matrices) {
      MSQ_CHECK(add_matrix(output, *stored));
      output.matrices.back().layout = Layout::k_by_n;
      output.matrices.back().transposed = true;
    }
    dropped_.insert(golden::mxfp4_scales_name(output.info));
    output.info.name = golden::mxfp4_name(output.info);
    const std::vector<std::int64_t>& stored = matrices.front()->shape;
    output.info.shape = {output.info.shape.front(), stored[1], stored[0]};
    output.type = form_.type.value_or(FloatType::bf16);
    output.info.dtype = type_name(output.type);
    return {};
  }

  Result<> add_matrix(OutputTensor& output, const StoredTensor& stored) {
    const std::string layer = layer_name_of(stored);
    if (left_.erase(layer) == 0) {
      output.matrices.push_back({"", stored.name});
      return {};
    }
    const std::optional<Layout> layout = stored.layout_proven || !form_.layout ? stored.layout : form_.layout;
    if (!layout) {
      return Error(
          fmt::format("{}: tensor {}: found no layout in the checkpoint; allowed: with the layout "
                      "given, k_by_n or n_by_k",
                      model_.name(), golden::in_quotes(stored.name)));
    }
    MSQ_TRY(const Extents extents, extents_of(quantized_, layer));
    if (stored.shape != shape_of(extents, *layout)) {
      return Error(fmt::format("{}: tensor {} has shape {}; allowed: {}, as layer {} of {} in layout {}",
                               model_.name(), golden::in_quotes(stored.name),
                               golden::shape_text(stored.shape),
                               golden::shape_text(shape_of(extents, *layout)), golden::in_quotes(layer),
                               quantized_.name(), golden::layout_name(*layout)));
    }
    output.matrices.push_back({layer, stored.name, *layout, false, *layout});
    return {};
  }

  /// Those of the weights, and of their inputs if those were quantized with a fixed scale.
  void drop_scales(const TensorInfo& tensor, const TensorInfo& scales) {
    dropped_.insert(scales.name);
    const std::string inputs = layer_name_of(tensor.name) + ".input_scale";
    if (model_.checkpoint()->find(inputs) != nullptr) dropped_.insert(inputs);
  }

  const golden::SafetensorsReader& quantized_;
  const golden::ModelFile& model_;
  const DequantizedForm& form_;
  DequantizePlan plan_;
  std::set<std::string> left_;  ///< layers that no tensor was found for so far
  std::set<std::string> dropped_;
  bool mxfp4_ = false;  ///< experts of MXFP4 blocks are among the layers
  std::map<std::string, std::vector<const StoredTensor*>> matrices_of_;  ///< of each tensor
};

}  // namespace

const char* type_name(FloatType type) {
  switch (type) {
    case FloatType::f16:
      return "F16";
    case FloatType::bf16:
      return "BF16";
    case FloatType::f64:
      return "F64";
    default:
      return "F32";
  }
}

std::uint64_t OutputTensor::bytes() const {
  if (copied()) return info.end - info.begin;
  auto count = static_cast<std::uint64_t>(golden::element_bytes(type));
  for (const std::int64_t extent : info.shape) count *= static_cast<std::uint64_t>(extent);
  return count;
}

Result<DequantizePlan> plan_layers(const golden::SafetensorsReader& quantized, const DequantizedForm& form) {
  DequantizePlan plan;
  const Layout layout = form.layout.value_or(Layout::n_by_k);
  for (const std::string& layer : golden::quantized_layers(quantized)) {
    MSQ_TRY(const Extents extents, extents_of(quantized, layer));
    OutputTensor output;
    output.type = form.type.value_or(FloatType::f32);
    output.info = {layer + ".weight", type_name(output.type), shape_of(extents, layout)};
    output.matrices.push_back({layer, "", layout});
    plan.tensors.push_back(std::move(output));
  }
  plan.layers = plan.tensors.size();
  if (plan.layers == 0) return no_layers(quantized);
  return plan;
}

Result<DequantizePlan> plan_checkpoint(const golden::SafetensorsReader& quantized,
                                       const golden::ModelFile& model, const DequantizedForm& form) {
  if (model.checkpoint() == nullptr) {
    return Error(
        fmt::format("{}: found an ONNX model; allowed: a checkpoint of .safetensors files", model.name()));
  }
  return CheckpointPlanner(quantized, model, form).plan();
}

}  // namespace msq::flow
