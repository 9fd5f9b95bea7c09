#include "flow/layer/model_selection.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <string_view>

#include "golden/io/describe.hpp"

namespace msq::flow {
namespace {

constexpr std::string_view kWeight = ".weight";

/// A pattern matches itself, too: names may hold brackets.
bool matches(const std::string& pattern, const std::string& name) {
  return pattern == name || ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

/// By its own name, or that of the tensor whose expert it is.
bool matches(const std::string& pattern, const golden::StoredTensor& tensor) {
  return matches(pattern, tensor.name) || (tensor.expert && matches(pattern, tensor.tensor));
}

/// The first pattern that matches; null if none does.
const std::string* matching(const std::vector<std::string>& patterns, const golden::StoredTensor& tensor) {
  const auto found = std::find_if(patterns.begin(), patterns.end(),
                                  [&](const std::string& pattern) { return matches(pattern, tensor); });
  return found == patterns.end() ? nullptr : &*found;
}

Result<> check_patterns(const char* option, const std::vector<std::string>& patterns,
                        const golden::ModelFile& model, const std::vector<golden::StoredTensor>& tensors) {
  for (const std::string& pattern : patterns) {
    const bool used = std::any_of(tensors.begin(), tensors.end(), [&](const golden::StoredTensor& tensor) {
      return matches(pattern, tensor);
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
  if (!tensor.loadable) return fmt::format("type {}, not a float type that is read", tensor.type);
  if (tensor.shape.size() != 2) return "not two-dimensional";
  if (!tensor.doubt.empty()) return tensor.doubt;
  return std::count(tensor.shape.begin(), tensor.shape.end(), 0) != 0 ? "K or N is 0" : "";
}

std::string not_asked_for(const golden::StoredTensor& tensor, const TensorSelection& selection) {
  if (const std::string* pattern = matching(selection.exclude, tensor)) {
    return fmt::format("excluded by {}", golden::in_quotes(*pattern));
  }
  if (selection.tensors.empty()) return "";
  return matching(selection.tensors, tensor) != nullptr ? "" : "not chosen by --tensor";
}

/// Decides layout and reason.
ListedTensor listed(const golden::StoredTensor& tensor, const TensorSelection& selection,
                    std::optional<golden::Layout> layout) {
  ListedTensor result{tensor, tensor.layout, unfit(tensor), false};
  if (layout && !tensor.layout_proven && tensor.shape.size() == 2) result.layout = layout;
  // Why it is no layer says more than its shape or type.
  if (!tensor.belongs_to.empty()) result.reason = tensor.use;
  if (!result.chosen()) return result;
  result.reason = not_asked_for(tensor, selection);
  result.by_choice = !result.chosen();
  if (!result.chosen()) return result;
  if (selection.tensors.empty() && !tensor.linear) {
    result.reason = tensor.use;
  } else if (!result.layout) {
    result.reason = fmt::format("layout unknown ({}): needs --layout", tensor.use);
  } else if (layout && *layout != *result.layout) {
    result.reason =
        fmt::format("--layout {} contradicts the file ({})", golden::layout_name(*layout), tensor.use);
  }
  return result;
}

/// How many tensors from `first` on are experts of the same tensor, left out for the same reason; 1 if it is
/// no expert.
std::size_t experts_left_out_alike(const std::vector<ListedTensor>& tensors, std::size_t first) {
  const ListedTensor& one = tensors[first];
  std::size_t end = first + 1;
  while (one.stored.expert && end < tensors.size() && tensors[end].stored.expert &&
         tensors[end].stored.tensor == one.stored.tensor && tensors[end].reason == one.reason) {
    ++end;
  }
  return end - first;
}

std::string left_out_line(const ListedTensor& tensor, std::size_t experts) {
  const std::string what =
      experts > 1 ? fmt::format("{} and {} more experts", golden::in_quotes(tensor.stored.name), experts - 1)
                  : golden::in_quotes(tensor.stored.name);
  return fmt::format("  {} {}: {}", what, golden::shape_text(tensor.stored.shape), tensor.reason);
}

}  // namespace

bool TensorSelection::names_one() const {
  return tensors.size() == 1 && exclude.empty() && tensors[0].find_first_of("*?[") == std::string::npos;
}

Result<std::vector<ListedTensor>> select_tensors(const golden::ModelFile& model,
                                                 const TensorSelection& selection,
                                                 std::optional<golden::Layout> layout) {
  const std::vector<golden::StoredTensor>& tensors = model.tensors();
  for (const auto& [option, patterns] :
       {std::pair("--tensor", &selection.tensors), {"--exclude", &selection.exclude}}) {
    MSQ_CHECK(check_patterns(option, *patterns, model, tensors));
  }
  std::vector<ListedTensor> result;
  result.reserve(tensors.size());
  for (const golden::StoredTensor& tensor : tensors) {
    result.push_back(listed(tensor, selection, layout));
  }
  return result;
}

std::vector<std::string> left_out_lines(const std::string& model, const std::vector<ListedTensor>& tensors) {
  std::vector<std::string> named;
  std::size_t all = 0;
  std::size_t by_choice = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].left_out()) continue;
    ++all;
    if (tensors[i].by_choice) {
      ++by_choice;
      continue;
    }
    const std::size_t experts = experts_left_out_alike(tensors, i);
    named.push_back(left_out_line(tensors[i], experts));
    all += experts - 1;
    i += experts - 1;
  }
  if (all == 0) return {};
  std::string first = fmt::format("{}: {} {} of two or more dimensions not quantized", model, all,
                                  all == 1 ? "tensor" : "tensors");
  if (by_choice > 0) first += fmt::format(", {} of them as --tensor and --exclude say", by_choice);
  named.insert(named.begin(), std::move(first));
  return named;
}

std::optional<LayerOfModel> layer_of(const ListedTensor& tensor) {
  const golden::StoredTensor& stored = tensor.stored;
  if (stored.shape.size() != 2 || !tensor.layout) return std::nullopt;
  const bool k_first = *tensor.layout == golden::Layout::k_by_n;
  std::string layer = layer_name_of(stored);
  std::string input = stored.input.empty() ? layer : stored.input;
  return LayerOfModel{std::move(layer),
                      stored.tensor,
                      stored.expert,
                      stored.shape[k_first ? 0 : 1],
                      stored.shape[k_first ? 1 : 0],
                      *tensor.layout,
                      std::move(input),
                      stored.parts};
}

std::vector<LayerOfModel> layers_of(const std::vector<ListedTensor>& tensors) {
  std::vector<LayerOfModel> layers;
  for (const ListedTensor& tensor : tensors) {
    if (tensor.chosen()) layers.push_back(*layer_of(tensor));
  }
  return layers;
}

std::string layer_name_of(const std::string& tensor) {
  return tensor.ends_with(kWeight) && tensor.size() > kWeight.size()
             ? tensor.substr(0, tensor.size() - kWeight.size())
             : tensor;
}

std::string layer_name_of(const golden::StoredTensor& tensor) {
  return tensor.expert ? fmt::format("{}.{}", layer_name_of(tensor.tensor), *tensor.expert)
                       : layer_name_of(tensor.name);
}

}  // namespace msq::flow
