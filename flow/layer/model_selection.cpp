#include "flow/layer/model_selection.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <string_view>

#include "golden/io/describe.hpp"

namespace msq::flow {
namespace {

constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kEmbedding = "embed";

/// A pattern matches itself, too: names may hold brackets.
bool matches(const std::string& pattern, const std::string& name) {
  return pattern == name || ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

/// The first pattern that matches; null if none does.
const std::string* matching(const std::vector<std::string>& patterns, const std::string& name) {
  const auto found = std::find_if(patterns.begin(), patterns.end(),
                                  [&](const std::string& pattern) { return matches(pattern, name); });
  return found == patterns.end() ? nullptr : &*found;
}

Result<> check_patterns(const char* option, const std::vector<std::string>& patterns,
                        const golden::ModelFile& model, const std::vector<golden::StoredTensor>& tensors) {
  for (const std::string& pattern : patterns) {
    const bool used = std::any_of(tensors.begin(), tensors.end(), [&](const golden::StoredTensor& tensor) {
      return matches(pattern, tensor.name);
    });
    if (!used) {
      return Error(
          fmt::format("{}: found {}, which matches no tensor of {}; allowed: names and patterns of "
                      "what `microscopiq inspect` lists",
                      option, golden::in_quotes(pattern), model.name()));
    }
  }
  return {};
}

/// Why it cannot be quantized whatever is asked for; empty if it can.
std::string unfit(const golden::StoredTensor& tensor) {
  if (!tensor.loadable) return "not of a float type that is read";
  if (tensor.shape.size() != 2) return "not two-dimensional";
  return std::count(tensor.shape.begin(), tensor.shape.end(), 0) != 0 ? "K or N is 0" : "";
}

std::string not_asked_for(const golden::StoredTensor& tensor, const TensorSelection& selection, bool onnx) {
  if (const std::string* pattern = matching(selection.exclude, tensor.name)) {
    return fmt::format("excluded by {}", golden::in_quotes(*pattern));
  }
  if (!selection.tensors.empty()) {
    return matching(selection.tensors, tensor.name) != nullptr ? "" : "not chosen by --tensor";
  }
  if (onnx) return tensor.layout ? "" : tensor.use;
  if (!tensor.name.ends_with(kWeight)) return "its name does not end in \".weight\"";
  return tensor.name.find(kEmbedding) != std::string::npos ? "its name contains \"embed\"" : "";
}

/// Decides layout and reason.
ListedTensor listed(const golden::StoredTensor& tensor, const TensorSelection& selection, bool onnx,
                    std::optional<golden::Layout> layout) {
  ListedTensor result{tensor, std::nullopt, unfit(tensor)};
  if (tensor.shape.size() == 2) {
    result.layout = onnx ? tensor.layout : layout.value_or(golden::Layout::n_by_k);
  }
  if (result.chosen()) result.reason = not_asked_for(tensor, selection, onnx);
  if (!result.chosen()) return result;
  if (!result.layout) result.layout = layout;
  if (!result.layout) {
    result.reason = fmt::format("layout unknown ({}): needs --layout", tensor.use);
  } else if (layout && *layout != *result.layout) {
    result.reason = fmt::format("--layout {} contradicts the graph", golden::layout_name(*layout));
  }
  return result;
}

}  // namespace

bool TensorSelection::names_one() const {
  return tensors.size() == 1 && exclude.empty() && tensors[0].find_first_of("*?[") == std::string::npos;
}

Result<std::vector<ListedTensor>> select_tensors(const golden::ModelFile& model,
                                                 const TensorSelection& selection,
                                                 std::optional<golden::Layout> layout) {
  const std::vector<golden::StoredTensor> tensors = model.tensors();
  for (const auto& [option, patterns] :
       {std::pair("--tensor", &selection.tensors), {"--exclude", &selection.exclude}}) {
    MSQ_CHECK(check_patterns(option, *patterns, model, tensors));
  }
  std::vector<ListedTensor> result;
  result.reserve(tensors.size());
  for (const golden::StoredTensor& tensor : tensors) {
    result.push_back(listed(tensor, selection, model.is_onnx(), layout));
  }
  return result;
}

std::string layer_name_of(const std::string& tensor) {
  return tensor.ends_with(kWeight) && tensor.size() > kWeight.size()
             ? tensor.substr(0, tensor.size() - kWeight.size())
             : tensor;
}

}  // namespace msq::flow
