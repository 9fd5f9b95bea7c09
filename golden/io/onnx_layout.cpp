#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "golden/io/onnx_model.hpp"

namespace msq::golden {
namespace {

constexpr std::size_t kMaxVisits = std::size_t{1} << 20;  ///< nodes, those of a function once for each call
constexpr int kMaxCalls = 16;                             ///< functions within functions
constexpr std::size_t kMaxOthers = 3;                     ///< nodes that a use names

/// A name that stands for a stored matrix, perhaps transposed.
struct Alias {
  std::size_t tensor = 0;
  bool transposed = false;
};

/// The names of a graph; those of the graph around it are seen from within.
struct Scope {
  const Scope* outer = nullptr;
  std::map<std::string_view, std::optional<Alias>> names{};

  [[nodiscard]] std::optional<Alias> find(std::string_view name) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->outer) {
      if (const auto found = scope->names.find(name); found != scope->names.end()) {
        return found->second;
      }
    }
    return std::nullopt;
  }
};

/// In which layouts and by which nodes a tensor is multiplied, and what else takes it.
struct Uses {
  bool k_by_n = false;
  bool n_by_k = false;
  bool matmul = false;
  bool gemm = false;
  std::optional<float> alpha;  ///< of the first product
  bool alphas_differ = false;
  std::vector<std::string> others;  ///< the first few
};

/// Moves the tensors of all graphs to one list, under names of their own, and keeps where each is now.
class Listing {
 public:
  /// `prefix` begins the names: empty, or ends in '/'.
  void add(OnnxGraph& graph, const std::string& prefix) {
    std::vector<std::size_t>& places = places_[&graph];
    for (OnnxTensor& tensor : graph.tensors) {
      places.push_back(tensors.size());
      names.push_back(tensor.name);
      tensor.name = prefix + tensor.name;
      tensors.push_back(std::move(tensor));
    }
    for (OnnxNode& node : graph.nodes) {
      const std::string& holder = node.outputs.empty() ? node.op : node.outputs.front();
      for (OnnxGraph& body : node.bodies) add(body, fmt::format("{}{}/{}/", prefix, holder, body.attribute));
    }
  }

  /// Places of a graph's own tensors.
  [[nodiscard]] const std::vector<std::size_t>& places(const OnnxGraph& graph) const {
    return places_.at(&graph);
  }

  std::vector<OnnxTensor> tensors;
  std::vector<std::string> names;  ///< of the same tensors inside their graphs

 private:
  std::map<const OnnxGraph*, std::vector<std::size_t>> places_;
};

/// Follows every stored matrix through the nodes.
class Follower {
 public:
  Follower(const OnnxModel& model, const Listing& listing)
      : model_(model), listing_(listing), uses_(listing.tensors.size()) {}

  Result<std::vector<Uses>> run() {
    Scope scope;
    follow(model_.graph, scope, "", 0);
    if (visits_ > kMaxVisits) {
      return Error(fmt::format("functions whose calls make more than {} nodes", kMaxVisits));
    }
    return std::move(uses_);
  }

 private:
  /// `within` says which function the graph belongs to.
  void follow(const OnnxGraph& graph, Scope& scope, const std::string& within, int calls) {
    for (const std::size_t place : listing_.places(graph)) {
      // Others than matrices hide what the graph around calls so.
      const bool matrix = listing_.tensors[place].shape.size() == 2;
      scope.names[listing_.names[place]] = matrix ? std::optional(Alias{place, false}) : std::nullopt;
    }
    for (const OnnxNode& node : graph.nodes) {
      if (++visits_ > kMaxVisits) return;
      for (const std::string& output : node.outputs) {
        if (scope.find(output)) scope.names[output] = std::nullopt;
      }
      const auto function = model_.functions.find(node.op);
      const bool known = node.kind != OnnxNode::Kind::other;
      if (!known && function != model_.functions.end() && calls < kMaxCalls) {
        call(function->second, node, scope, calls);
      } else {
        use(node, scope, within);
      }
      for (const OnnxGraph& body : node.bodies) {
        Scope inner{&scope};
        for (const std::string& input : body.inputs) inner.names[input] = std::nullopt;
        follow(body, inner, within, calls);
      }
    }
  }

  void call(const OnnxFunction& function, const OnnxNode& node, Scope& scope, int calls) {
    Scope inner;
    const std::vector<std::string>& formal = function.body.inputs;
    for (std::size_t i = 0; i < std::min(formal.size(), node.inputs.size()); ++i)
      inner.names[formal[i]] = scope.find(node.inputs[i]);
    follow(function.body, inner, fmt::format(" in function {}", node.op), calls + 1);
    for (std::size_t i = 0; i < std::min(function.outputs.size(), node.outputs.size()); ++i)
      scope.names[node.outputs[i]] = inner.find(function.outputs[i]);
  }

  void use(const OnnxNode& node, Scope& scope, const std::string& within) {
    const bool product = node.kind == OnnxNode::Kind::matmul || node.kind == OnnxNode::Kind::gemm;
    const bool renames = node.kind == OnnxNode::Kind::same || node.kind == OnnxNode::Kind::transpose;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const auto alias = scope.find(node.inputs[i]);
      if (!alias) continue;
      if (product && i == 1) {
        multiply(node, *alias);
      } else if (renames && i == 0 && !node.outputs.empty()) {
        scope.names[node.outputs.front()] = Alias{alias->tensor, alias->transposed != node.transposed};
      } else {
        note(uses_[alias->tensor], fmt::format("input {} of {}{}", i + 1, node.op, within));
      }
    }
  }

  void multiply(const OnnxNode& node, const Alias& alias) {
    Uses& use = uses_[alias.tensor];
    const bool turned = alias.transposed != node.transposed;
    (turned ? use.n_by_k : use.k_by_n) = true;
    (node.kind == OnnxNode::Kind::gemm ? use.gemm : use.matmul) = true;
    if (!use.alpha) use.alpha = node.alpha;
    // Written so that a NaN differs from itself.
    use.alphas_differ = use.alphas_differ || !(*use.alpha == node.alpha);
  }

  static void note(Uses& use, std::string other) {
    const bool known = std::ranges::find(use.others, other) != use.others.end();
    if (!known && use.others.size() <= kMaxOthers) use.others.push_back(std::move(other));
  }

  const OnnxModel& model_;
  const Listing& listing_;
  std::vector<Uses> uses_;
  std::size_t visits_ = 0;
};

/// "input 1 of Gather, input 2 of Mul, .."
std::string others_text(const Uses& uses) {
  std::string text;
  for (std::size_t i = 0; i < std::min(uses.others.size(), kMaxOthers); ++i)
    text += (text.empty() ? "" : ", ") + uses.others[i];
  return uses.others.size() > kMaxOthers ? text + ", .." : text;
}

void describe(OnnxTensor& tensor, const Uses& uses) {
  if (!uses.alpha) {
    tensor.use = tensor.shape.size() != 2 ? "no matrix"
                 : uses.others.empty()
                     ? "no node takes it"
                     : fmt::format("{}; not the second input of a MatMul or Gemm", others_text(uses));
    return;
  }
  tensor.use = uses.matmul && uses.gemm ? "MatMul, Gemm" : (uses.gemm ? "Gemm" : "MatMul");
  if (uses.k_by_n && uses.n_by_k) {
    tensor.use += ", in both layouts";
  } else if (uses.alphas_differ) {
    tensor.use += ", with different factors alpha";
  } else {
    tensor.layout = uses.k_by_n ? Layout::k_by_n : Layout::n_by_k;
    tensor.alpha = *uses.alpha;
    if (tensor.alpha != 1) tensor.use += fmt::format(" with alpha {}", tensor.alpha);
  }
}

}  // namespace

Result<std::vector<OnnxTensor>> find_uses(OnnxModel model) {
  Listing listing;
  listing.add(model.graph, "");
  for (auto& [name, function] : model.functions) listing.add(function.body, name + "/");
  MSQ_TRY(const std::vector<Uses> uses, Follower(model, listing).run());
  for (std::size_t i = 0; i < uses.size(); ++i) describe(listing.tensors[i], uses[i]);
  return std::move(listing.tensors);
}

}  // namespace msq::golden
