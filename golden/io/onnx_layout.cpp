#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/onnx_model.hpp"

namespace msq::golden {
namespace {

/// A name that stands for a matrix of the main graph, perhaps transposed.
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

/// In which layouts and by which nodes a tensor is multiplied.
struct Uses {
  bool k_by_n = false;
  bool n_by_k = false;
  bool matmul = false;
  bool gemm = false;
};

void follow(const OnnxGraph& graph, Scope& scope, std::vector<Uses>& uses) {
  for (const OnnxNode& node : graph.nodes) {
    const bool product = node.kind == OnnxNode::Kind::matmul || node.kind == OnnxNode::Kind::gemm;
    const auto alias = scope.find(product ? node.second : node.first);
    if (product && alias) {
      Uses& use = uses[alias->tensor];
      const bool turned = alias->transposed != node.transposed;
      (turned ? use.n_by_k : use.k_by_n) = true;
      (node.kind == OnnxNode::Kind::gemm ? use.gemm : use.matmul) = true;
    } else if (alias && (node.kind == OnnxNode::Kind::same || node.kind == OnnxNode::Kind::transpose)) {
      scope.names[node.output] = Alias{alias->tensor, alias->transposed != node.transposed};
    }
    for (const OnnxGraph& body : node.bodies) {
      Scope inner{&scope};
      for (const OnnxTensor& tensor : body.tensors) {
        inner.names[tensor.name] = std::nullopt;  // hides what the outer graph calls so
      }
      follow(body, inner, uses);
    }
  }
}

void describe(OnnxTensor& tensor, const Uses& uses) {
  if (!uses.k_by_n && !uses.n_by_k) {
    tensor.use = "not the second input of a MatMul or Gemm";
    return;
  }
  tensor.use = uses.matmul && uses.gemm ? "MatMul, Gemm" : (uses.gemm ? "Gemm" : "MatMul");
  if (uses.k_by_n && uses.n_by_k) {
    tensor.use += ", in both layouts";
    return;
  }
  tensor.layout = uses.k_by_n ? Layout::k_by_n : Layout::n_by_k;
}

}  // namespace

void find_layouts(OnnxGraph& graph) {
  Scope scope;
  std::vector<Uses> uses(graph.tensors.size());
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].shape.size() == 2) {
      scope.names[graph.tensors[i].name] = Alias{i, false};
    }
  }
  follow(graph, scope, uses);
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    describe(graph.tensors[i], uses[i]);
  }
}

}  // namespace msq::golden
