#include "report/tensor_list.hpp"

#include <fmt/format.h>

#include <algorithm>
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

Json list_json(const std::string& file, const std::vector<flow::ListedTensor>& tensors) {
  const Totals sum = totals(tensors);
  Json json = {{"weights", file},
               {"tensors", Json::array()},
               {"quantized_tensors", sum.tensors},
               {"quantized_weights", sum.weights},
               {"left_out_tensors", sum.left_out}};
  for (const flow::ListedTensor& tensor : tensors) {
    json["tensors"].push_back({{"name", tensor.stored.name},
                               {"type", tensor.stored.type},
                               {"shape", tensor.stored.shape},
                               {"layout", tensor.layout ? Json(golden::layout_name(*tensor.layout)) : Json()},
                               {"quantized", tensor.chosen()},
                               {"reason", tensor.chosen() ? Json() : Json(tensor.reason)}});
  }
  return json;
}

std::string list_text(const std::string& file, const std::vector<flow::ListedTensor>& tensors) {
  const auto answer = [](const flow::ListedTensor& tensor) {
    return tensor.chosen() ? "yes" : fmt::format("no: {}", tensor.reason);
  };
  std::size_t width = 0;  // answers begin below each other: Table sets columns to the right
  for (const flow::ListedTensor& tensor : tensors) width = std::max(width, answer(tensor).size());
  Table table({"tensor", "type", "shape", "layout", fmt::format("{:<{}}", "quantized", width)});
  for (const flow::ListedTensor& tensor : tensors) {
    table.add({golden::in_quotes(tensor.stored.name), tensor.stored.type,
               golden::shape_text(tensor.stored.shape),
               tensor.layout ? golden::layout_name(*tensor.layout) : "-",
               fmt::format("{:<{}}", answer(tensor), width)});
  }
  const Totals sum = totals(tensors);
  return fmt::format(
      "{}: {} of {} tensors would be quantized, {} weights; {} of two or more dimensions would not\n{}", file,
      sum.tensors, tensors.size(), grouped(sum.weights), sum.left_out, table.str());
}

}  // namespace

std::string render_list(const std::string& file, const std::vector<flow::ListedTensor>& tensors, Form form) {
  return form == Form::json ? json_text(list_json(file, tensors)) : list_text(file, tensors);
}

}  // namespace msq::report
