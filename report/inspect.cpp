#include "report/inspect.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gen/config/serialize.hpp"
#include "golden/io/describe.hpp"
#include "golden/io/model_file.hpp"
#include "golden/quantize/option_names.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace msq::report {
namespace {

/// Values in use for the keys that are null, as "tree_rows 8, inline.units_per_block 2".
std::string derived_text(const Config& config) {
  const Json given = Json::parse(msq::to_json(config)).flatten();
  const Json in_use = Json::parse(to_json_with_derived(config)).flatten();
  std::vector<std::string> derived;
  for (const auto& [pointer, value] : given.items()) {
    if (!value.is_null()) continue;
    std::string key = pointer.substr(1);
    std::replace(key.begin(), key.end(), '/', '.');
    derived.push_back(fmt::format("{} {}", key, in_use.at(pointer).dump()));
  }
  return derived.empty() ? "nothing" : fmt::format("{}", fmt::join(derived, ", "));
}

Json json_of(const flow::ValueStatistics& s) {
  Json json = {{"values", s.values}, {"not_finite", s.not_finite}};
  if (!s.finite) return json;
  json.update({{"minimum", s.finite->minimum},
               {"maximum", s.finite->maximum},
               {"mean", s.finite->mean},
               {"sigma", s.finite->sigma}});
  return json;
}

std::string text_of(const flow::ValueStatistics& s) {
  std::string text =
      item("values", fmt::format("{}, {} of them NaN or infinite", grouped(s.values), grouped(s.not_finite)));
  if (!s.finite) return text;
  return text + item("range", fmt::format("{:.6g} to {:.6g}", s.finite->minimum, s.finite->maximum)) +
         item("mean, sigma", fmt::format("{:.6g}, {:.6g}", s.finite->mean, s.finite->sigma));
}

Json json_of(const flow::QuantizedDescription& layer) {
  return {{"name", layer.name},
          {"k", layer.k},
          {"n", layer.n},
          {"bits", layer.format.bits},
          {"encoding", golden::option_name(layer.format.encoding)},
          {"input_scales", layer.input_scales},
          {"micro_block", layer.format.micro_block},
          {"macro_block", layer.format.macro_block},
          {"axis", golden::option_name(layer.axis)},
          {"outlier_shift_max", layer.outlier_shift_max},
          {"outliers", layer.outliers},
          {"outlier_share", layer.outlier_share()},
          {"ebw_paper", layer.bits.paper},
          {"ebw_stored", layer.bits.stored}};
}

std::string text_of(const flow::QuantizedDescription& layer) {
  const golden::Format& format = layer.format;
  std::string text = fmt::format("{}\n", golden::in_quotes(layer.name));
  text +=
      item("weights", fmt::format("[{}][{}], {} bits, encoding {}, micro-block {}, macro-block {} along {}",
                                  layer.k, layer.n, format.bits, golden::option_name(format.encoding),
                                  format.micro_block, format.macro_block, golden::option_name(layer.axis)));
  if (layer.input_scales) text += item("activations", "are divided by the layer's input scales first");
  text += item("outliers", fmt::format("{} = {}, shift up to {}", grouped(layer.outliers),
                                       percent(layer.outlier_share()), layer.outlier_shift_max));
  return text + item("effective bit width",
                     fmt::format("{:.3f} by the paper's formula, {:.3f} with every stored bit",
                                 layer.bits.paper, layer.bits.stored));
}

Json json_of(const golden::TensorInfo& tensor) {
  return {{"name", tensor.name}, {"dtype", tensor.dtype}, {"shape", tensor.shape}};
}

Json json_of(const golden::StoredTensor& tensor) {
  return {{"name", tensor.name},
          {"type", tensor.type},
          {"shape", tensor.shape},
          {"layout", tensor.layout ? Json(golden::layout_name(*tensor.layout)) : Json()},
          {"use", tensor.use}};
}

template <class Item>
Json list_of(const std::vector<Item>& items) {
  Json list = Json::array();
  for (const Item& of : items) list.push_back(json_of(of));
  return list;
}

/// Keys and text after the name of the file.
struct Contents {
  const std::string& file;

  // JSON
  [[nodiscard]] Json json(const flow::ArrayDescription& array) const {
    Json json = {{"file", file}, {"kind", array.tensor.empty() ? "npy" : "tensor"}};
    if (!array.tensor.empty()) json["name"] = array.tensor;
    json["shape"] = array.shape;
    json["statistics"] = json_of(array.statistics);
    return json;
  }
  [[nodiscard]] Json json(const std::vector<flow::QuantizedDescription>& layers) const {
    return {{"file", file}, {"kind", "quantized"}, {"layers", list_of(layers)}};
  }
  [[nodiscard]] Json json(const std::vector<golden::TensorInfo>& tensors) const {
    return {{"file", file}, {"kind", "safetensors"}, {"tensors", list_of(tensors)}};
  }
  [[nodiscard]] Json json(const std::vector<golden::StoredTensor>& tensors) const {
    return {{"file", file}, {"kind", "onnx"}, {"tensors", list_of(tensors)}};
  }
  [[nodiscard]] Json json(const flow::CheckpointDescription& of) const {
    const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    return {{"file", file},
            {"kind", "checkpoint"},
            {"family", or_null(of.family)},
            {"model_type", or_null(of.model_type)},
            {"shards", of.shards},
            {"bytes", of.bytes},
            {"tensors", list_of(of.tensors)},
            {"notes", of.notes}};
  }
  [[nodiscard]] Json json(const flow::ConfigDescription& of) const {
    return {{"file", file},
            {"kind", "config"},
            {"config", Json::parse(msq::to_json(of.config))},
            {"config_hash", config_hash(of.config)},
            {"in_use", Json::parse(to_json_with_derived(of.config))},
            {"sum_bits", of.sum_bits},
            {"lanes", of.lanes},
            {"latency", of.latency},
            {"memory_bits", of.memory_bits},
            {"accelerator_memory_bits", of.accelerator_memory_bits}};
  }

  // Text
  [[nodiscard]] std::string text(const flow::ArrayDescription& array) const {
    const std::string what =
        array.tensor.empty() ? "NumPy array" : fmt::format("tensor {}", golden::in_quotes(array.tensor));
    return fmt::format("{}: {} {}\n{}", file, what, golden::shape_text(array.shape),
                       text_of(array.statistics));
  }
  [[nodiscard]] std::string text(const std::vector<flow::QuantizedDescription>& layers) const {
    std::string text = fmt::format("{}: quantized layers\n", file);
    for (const flow::QuantizedDescription& layer : layers) text += text_of(layer);
    return text;
  }
  [[nodiscard]] std::string text(const std::vector<golden::TensorInfo>& tensors) const {
    Table table({"tensor", "type", "shape"});
    for (const golden::TensorInfo& of : tensors)
      table.add({golden::in_quotes(of.name), of.dtype, golden::shape_text(of.shape)});
    return fmt::format("{}: {} tensors\n{}", file, tensors.size(), table.str());
  }
  [[nodiscard]] std::string text(const flow::CheckpointDescription& of) const {
    std::string text =
        fmt::format("{}: checkpoint of {} {}, {} bytes\n", file, of.shards,
                    of.shards == 1 ? "file" : "shards", grouped(static_cast<std::int64_t>(of.bytes)));
    text += item("architecture", of.family.empty()
                                     ? fmt::format("{}; layers are found by names",
                                                   of.model_type.empty() ? "no config.json" : of.model_type)
                                     : of.family);
    for (const std::string& note : of.notes) text += item("note", note);
    return text + table_of(of.tensors);
  }
  [[nodiscard]] std::string text(const std::vector<golden::StoredTensor>& tensors) const {
    return fmt::format("{}: {} tensors\n{}", file, tensors.size(), table_of(tensors));
  }
  [[nodiscard]] static std::string table_of(const std::vector<golden::StoredTensor>& tensors) {
    Table table({"tensor", "type", "shape", "layout", "use"});
    for (const golden::StoredTensor& of : tensors)
      table.add({golden::in_quotes(of.name), of.type, golden::shape_text(of.shape),
                 of.layout ? golden::layout_name(*of.layout) : "-", of.doubt.empty() ? of.use : of.doubt});
    return table.str();
  }
  [[nodiscard]] std::string text(const flow::ConfigDescription& of) const {
    return fmt::format("{}: configuration, hash {}\n{}", file, config_hash(of.config),
                       msq::to_json(of.config)) +
           item("derived", derived_text(of.config)) +
           item("partial sums", fmt::format("{} lanes of {} bits", of.lanes, of.sum_bits)) +
           item("latency", fmt::format("{} cycles from a token to its partial sums", of.latency)) +
           item("memories", fmt::format("core {} bits, accelerator {} bits", grouped(of.memory_bits),
                                        grouped(of.accelerator_memory_bits)));
  }
};

}  // namespace

std::string render(const flow::Description& description, Form form) {
  const Contents of{description.file};
  return std::visit(
      [&](const auto& contents) {
        return form == Form::json ? json_text(of.json(contents)) : of.text(contents);
      },
      description.contents);
}

}  // namespace msq::report
