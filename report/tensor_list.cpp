#include "report/tensor_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "golden/io/describe.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace msq::report {
namespace {

struct Totals {
  std::int64_t tensors = 0, weights = 0, left_out = 0;
};

Totals totals(const std::vector<flow::ListedTensor>& tensors) {
  Totals sum;
  for (const flow::ListedTensor& tensor : tensors) {
    sum.tensors += tensor.chosen() ? 1 : 0;
    sum.weights += tensor.weights();
    sum.left_out += tensor.left_out() ? 1 : 0;
  }
  return sum;
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json tensor_json(const flow::ListedTensor& tensor) {
  Json json = {{"name", tensor.stored.name},
               {"type", tensor.stored.type},
               {"shape", tensor.stored.shape},
               {"layout", tensor.layout ? Json(golden::layout_name(*tensor.layout)) : Json()},
               {"quantized", tensor.chosen()},
               {"reason", or_null(tensor.reason)}};
  const auto layer = flow::layer_of(tensor);
  if (!layer) return json;
  json.update({{"layer", layer->layer},
               {"tensor", layer->tensor},
               {"expert", layer->expert ? Json(*layer->expert) : Json()},
               {"k", layer->k},
               {"n", layer->n},
               {"input", or_null(tensor.stored.input)},
               {"parts", or_null(layer->parts)}});
  return json;
}

Json list_json(const std::string& file, const std::vector<flow::ListedTensor>& tensors,
               const std::vector<std::string>& notes) {
  const Totals sum = totals(tensors);
  Json json = {{"weights", file},
               {"tensors", Json::array()},
               {"quantized_tensors", sum.tensors},
               {"quantized_weights", sum.weights},
               {"left_out_tensors", sum.left_out},
               {"notes", notes}};
  for (const flow::ListedTensor& tensor : tensors) json["tensors"].push_back(tensor_json(tensor));
  return json;
}

/// Layers that are to be quantized and have each input.
std::map<std::string, int> input_counts(const std::vector<flow::ListedTensor>& tensors) {
  std::map<std::string, int> counts;
  for (const flow::LayerOfModel& layer : flow::layers_of(tensors)) ++counts[layer.input];
  return counts;
}

std::string answer_of(const flow::ListedTensor& tensor) {
  if (!tensor.chosen()) return fmt::format("no: {}", tensor.reason);
  return tensor.stored.parts.empty() ? "yes" : fmt::format("yes: {} in one", tensor.stored.parts);
}

std::string list_text(const std::string& file, const std::vector<flow::ListedTensor>& tensors,
                      const std::vector<std::string>& notes) {
  const std::map<std::string, int> counts = input_counts(tensors);
  std::size_t width = 0;  // answers begin below each other: Table sets columns to the right
  for (const flow::ListedTensor& tensor : tensors) width = std::max(width, answer_of(tensor).size());
  Table table({"tensor", "type", "shape", "layout", "K x N", "input shared as",
               fmt::format("{:<{}}", "quantized", width)});
  for (const flow::ListedTensor& tensor : tensors) {
    const auto layer = flow::layer_of(tensor);
    const bool shared = tensor.chosen() && counts.at(layer->input) > 1;
    table.add({golden::in_quotes(tensor.stored.name), tensor.stored.type,
               golden::shape_text(tensor.stored.shape),
               tensor.layout ? golden::layout_name(*tensor.layout) : "-",
               layer ? fmt::format("{} x {}", layer->k, layer->n) : "-", shared ? layer->input : "-",
               fmt::format("{:<{}}", answer_of(tensor), width)});
  }
  const Totals sum = totals(tensors);
  std::string text = fmt::format(
      "{}: {} of {} tensors would be quantized, {} weights; {} of two or more dimensions would not\n{}", file,
      sum.tensors, tensors.size(), grouped(sum.weights), sum.left_out, table.str());
  for (const std::string& note : notes) text += fmt::format("note: {}\n", note);
  return text;
}

}  // namespace

std::string render_list(const std::string& file, const std::vector<flow::ListedTensor>& tensors,
                        const std::vector<std::string>& notes, Form form) {
  return form == Form::json ? json_text(list_json(file, tensors, notes)) : list_text(file, tensors, notes);
}

}  // namespace msq::report
