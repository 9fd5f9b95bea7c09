#include "gen/verilog/bit_graph.hpp"

#include <algorithm>
#include <queue>

namespace msq::verilog::detail {

void Graph::index_edges() {
  first_.assign(at(nodes_) + 1, 0);
  for (const auto& [from, to] : edges_) ++first_[at(from) + 1];
  for (int i = 0; i < nodes_; ++i) first_[at(i) + 1] += first_[at(i)];
  targets_.resize(edges_.size());
  std::vector<int> next(first_.begin(), first_.end() - 1);
  for (const auto& [from, to] : edges_) targets_[at(next[at(from)]++)] = to;
}

bool Graph::has_edge(int from, int to) const {
  const auto begin = targets_.begin() + first_[at(from)];
  const auto end = targets_.begin() + first_[at(from) + 1];
  return std::find(begin, end, to) != end;
}

// Tarjan's algorithm with its own stack: chains through an array are too long for recursion.
std::vector<std::vector<int>> Graph::cycles() {
  index_edges();
  std::vector<int> order(at(nodes_), -1);
  std::vector<int> low(at(nodes_), 0);
  std::vector<char> open(at(nodes_), 0);
  std::vector<int> stack;
  std::vector<std::pair<int, int>> path;  // node, next edge to follow
  std::vector<std::vector<int>> found;
  int count = 0;
  const auto enter = [&](int node) {
    order[at(node)] = low[at(node)] = count++;
    open[at(node)] = 1;
    stack.push_back(node);
    path.emplace_back(node, first_[at(node)]);
  };
  const auto leave = [&](int node) {
    path.pop_back();
    if (!path.empty()) low[at(path.back().first)] = std::min(low[at(path.back().first)], low[at(node)]);
    if (low[at(node)] != order[at(node)]) return;
    const auto begin = std::find(stack.rbegin(), stack.rend(), node).base() - 1;
    std::vector<int> component(begin, stack.end());
    stack.erase(begin, stack.end());
    for (const int member : component) open[at(member)] = 0;
    std::sort(component.begin(), component.end());
    if (component.size() > 1 || has_edge(node, node)) found.push_back(std::move(component));
  };
  for (int root = 0; root < nodes_; ++root) {
    if (order[at(root)] >= 0) continue;
    enter(root);
    while (!path.empty()) {
      const int node = path.back().first;
      if (path.back().second == first_[at(node) + 1]) {
        leave(node);
        continue;
      }
      const int target = targets_[at(path.back().second++)];
      if (order[at(target)] < 0) {
        enter(target);
      } else if (open[at(target)] != 0) {
        low[at(node)] = std::min(low[at(node)], order[at(target)]);
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<int> Graph::shortest_cycle(int first, const std::vector<int>& component) const {
  std::vector<int> before(at(nodes_), -1);
  std::queue<int> queue({first});
  while (!queue.empty()) {
    const int node = queue.front();
    queue.pop();
    for (int i = first_[at(node)]; i < first_[at(node) + 1]; ++i) {
      const int target = targets_[at(i)];
      if (target == first) {
        std::vector<int> path = {node};
        while (path.back() != first) path.push_back(before[at(path.back())]);
        std::reverse(path.begin(), path.end());
        return path;
      }
      if (before[at(target)] >= 0 || !std::binary_search(component.begin(), component.end(), target))
        continue;
      before[at(target)] = node;
      queue.push(target);
    }
  }
  return {};
}

}  // namespace msq::verilog::detail
