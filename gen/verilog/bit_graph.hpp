#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace msq::verilog::detail {

/// Index of a node in a vector.
inline std::size_t at(int node) { return static_cast<std::size_t>(node); }

/// Directed graph over numbered nodes.
class Graph {
 public:
  int add_node() { return nodes_++; }
  void add_edge(int from, int to) { edges_.emplace_back(from, to); }
  [[nodiscard]] int nodes() const { return nodes_; }

  /// Strongly connected components that contain a cycle (several nodes, or one with an edge to itself),
  /// each in ascending order.
  [[nodiscard]] std::vector<std::vector<int>> cycles();
  /// Shortest path from first back to itself through the nodes of its component, first not repeated.
  /// Call cycles() before.
  [[nodiscard]] std::vector<int> shortest_cycle(int first, const std::vector<int>& component) const;

 private:
  void index_edges();
  [[nodiscard]] bool has_edge(int from, int to) const;

  int nodes_ = 0;
  std::vector<std::pair<int, int>> edges_;
  std::vector<int> first_;  ///< of a node's entries in targets_; one more than nodes
  std::vector<int> targets_;
};

}  // namespace msq::verilog::detail
