#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "gen/verilog/bit_graph.hpp"
#include "gen/verilog/design.hpp"

namespace msq::verilog::detail {

namespace {

using Bits = std::vector<int>;  ///< graph node of every bit of a value, -1 if it depends on no suspect net

/// Nets that a value depends on.
std::set<int> sources(const Design& design, const Expr& value) {
  std::set<int> nets;
  std::unordered_set<const Node*> seen;
  std::vector<const Node*> open = {&value.node()};
  while (!open.empty()) {
    const Node* node = open.back();
    open.pop_back();
    if (!seen.insert(node).second) continue;
    if (is_net(*node)) nets.insert(design.net_ids.at(node->net.get()));
    for (const Expr& arg : node->args) open.push_back(&arg.node());
  }
  return nets;
}

/// Nets in a loop when whole nets are looked at. Few are, and only their bits need to be followed.
std::vector<char> suspects(const Design& design) {
  Graph graph;
  for (std::size_t i = 0; i < design.nets.size(); ++i) graph.add_node();
  for (const ResolvedScope& scope : design.scopes) {
    for (const CombStatement& statement : scope.comb) {
      for (const int source : sources(design, statement.value)) graph.add_edge(source, statement.target.net);
    }
  }
  std::vector<char> suspect(design.nets.size(), 0);
  for (const auto& component : graph.cycles()) {
    for (const int net : component) suspect[at(net)] = 1;
  }
  return suspect;
}

/// Dependencies between the bits of the suspect nets, loops unrolled.
class BitFlow {
 public:
  BitFlow(const Design& design, Report& report)
      : design_(design), report_(report), suspect_(suspects(design)), first_(design.nets.size(), -1) {
    for (std::size_t i = 0; i < suspect_.size(); ++i) {
      if (suspect_[i] == 0) continue;
      first_[i] = graph_.nodes();
      const ResolvedNet& net = design.nets[i];
      const std::int64_t bits = design.scopes[at(net.scope)].iterations * net.net->type.width;
      for (std::int64_t bit = 0; bit < bits; ++bit) {
        graph_.add_node();
        owner_.push_back(static_cast<int>(i));
      }
    }
  }

  void run() {
    if (owner_.empty()) return;
    unroll(design_, [&](const Frame& frame) {
      for (const CombStatement& statement : design_.scopes[at(frame.scope)].comb) {
        if (suspect_[at(statement.target.net)] != 0) connect(statement, frame);
      }
    });
    for (const auto& component : graph_.cycles()) report_loop(component);
  }

 private:
  void connect(const CombStatement& statement, const Frame& frame) {
    const Access& target = statement.target;
    const Bits to = net_bits(target.net, target.lsb.at(frame.loop_values), target.width, frame);
    values_.clear();
    const Bits from = value(statement.value, frame);
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (from[i] >= 0 && to[i] >= 0) graph_.add_edge(from[i], to[i]);
    }
  }

  /// Bits out of range, reported elsewhere, are left out here.
  Bits net_bits(int id, std::int64_t lsb, int width, const Frame& frame) const {
    const ResolvedNet& net = design_.nets[at(id)];
    Bits bits(at(width), -1);
    if (suspect_[at(id)] == 0) return bits;
    const std::int64_t base = first_[at(id)] + frame.iteration[at(net.scope)] * net.net->type.width;
    for (int i = 0; i < width; ++i) {
      if (lsb + i >= 0 && lsb + i < net.net->type.width) bits[at(i)] = static_cast<int>(base + lsb + i);
    }
    return bits;
  }

  /// One node that depends on all the given ones.
  int merge(std::initializer_list<int> nodes) { return merge(Bits(nodes)); }
  int merge(Bits nodes) {
    std::erase(nodes, -1);
    if (nodes.empty()) return -1;
    if (std::all_of(nodes.begin(), nodes.end(), [&](int node) { return node == nodes[0]; })) return nodes[0];
    const int merged = graph_.add_node();
    for (const int node : nodes) graph_.add_edge(node, merged);
    return merged;
  }

  Bits value(const Expr& e, const Frame& frame) {
    const Node& node = e.node();
    const auto found = values_.find(&node);
    if (found != values_.end()) return found->second;
    Bits bits =
        is_net(node)
            ? net_bits(design_.net_ids.at(node.net.get()),
                       design_.position(node.lsb, design_.scopes[at(frame.scope)]).at(frame.loop_values),
                       node.type.width, frame)
            : operation(node, frame);
    values_.emplace(&node, bits);
    return bits;
  }

  Bits operation(const Node& node, const Frame& frame) {
    std::vector<Bits> args;
    for (const Expr& arg : node.args) args.push_back(value(arg, frame));
    switch (node.op) {
      case Op::bit_not:
      case Op::to_signed:
      case Op::to_unsigned:
        return args[0];
      case Op::bit_and:
      case Op::bit_or:
      case Op::bit_xor:
        return bitwise(args);
      case Op::add:
      case Op::subtract:
        return carried(bitwise(args));
      case Op::mux:
        return gated(bitwise({args[1], args[2]}), args[0][0]);
      case Op::shift_left:
      case Op::shift_right:
        return shifted(node, args[0]);
      case Op::shift_left_by:
        return gated(carried(args[0]), merge(args[1]));
      case Op::concat:
      case Op::replicate:
        return joined(node, args);
      case Op::literal:
        return Bits(at(node.type.width), -1);
      default: {  // reductions and comparisons: one bit that depends on everything
        Bits all;
        for (const Bits& arg : args) all.insert(all.end(), arg.begin(), arg.end());
        return {merge(std::move(all))};
      }
    }
  }

  Bits bitwise(const std::vector<Bits>& args) {
    Bits result;
    for (std::size_t i = 0; i < args[0].size(); ++i) {
      Bits column;
      for (const Bits& arg : args) column.push_back(arg[i]);
      result.push_back(merge(std::move(column)));
    }
    return result;
  }

  /// Every bit depends on itself and those below.
  Bits carried(Bits bits) {
    for (std::size_t i = 1; i < bits.size(); ++i) bits[i] = merge({bits[i], bits[i - 1]});
    return bits;
  }

  Bits gated(Bits bits, int gate) {
    for (int& bit : bits) bit = merge({bit, gate});
    return bits;
  }

  static Bits shifted(const Node& node, const Bits& arg) {
    const int width = node.type.width;
    const auto amount = static_cast<int>(node.op == Op::shift_left ? -node.value : node.value);
    Bits bits(at(width), -1);
    for (int i = 0; i < width; ++i) {
      const int from = node.type.is_signed ? std::min(i + amount, width - 1) : i + amount;
      if (from >= 0 && from < width) bits[at(i)] = arg[at(from)];
    }
    return bits;
  }

  /// Least significant first, the other way round than the source text.
  static Bits joined(const Node& node, const std::vector<Bits>& args) {
    Bits bits;
    const std::int64_t copies = node.op == Op::replicate ? node.value : 1;
    for (std::int64_t copy = 0; copy < copies; ++copy) {
      for (auto arg = args.rbegin(); arg != args.rend(); ++arg)
        bits.insert(bits.end(), arg->begin(), arg->end());
    }
    return bits;
  }

  [[nodiscard]] bool is_bit(int node) const { return at(node) < owner_.size(); }

  struct NamedBit {
    std::string net;
    int bit;
  };
  [[nodiscard]] NamedBit name(int node) const {
    const int id = owner_[at(node)];
    const int width = design_.nets[at(id)].net->type.width;
    const int position = node - first_[at(id)];
    return {design_.path(id, position / width), position % width};
  }

  /// Loops through the same nets are one problem, shown by one of its shortest paths.
  void report_loop(const std::vector<int>& component) {
    std::set<int> nets;
    for (const int node : component) {
      if (is_bit(node)) nets.insert(owner_[at(node)]);
    }
    const std::string key = fmt::format("loop|{}", fmt::join(nets, ","));
    if (report_.again(key)) return;
    const NamedBit first = name(component.front());
    std::string path;
    for (const int node : graph_.shortest_cycle(component.front(), component)) {
      if (is_bit(node)) path += fmt::format("{}[{}] -> ", name(node).net, name(node).bit);
    }
    path += fmt::format("{}[{}]", first.net, first.bit);
    report_.add(key, {"", first.net, first.bit, 1, "combinational loop: " + path});
  }

  const Design& design_;
  Report& report_;
  std::vector<char> suspect_;
  std::vector<int> first_;  ///< graph node of a suspect net's first bit, by net
  std::vector<int> owner_;  ///< net of a graph node, for those that are bits of nets
  Graph graph_;
  std::unordered_map<const Node*, Bits> values_;  ///< of the current statement
};

}  // namespace

void check_loops(const Design& design, Report& report) { BitFlow(design, report).run(); }

}  // namespace msq::verilog::detail
