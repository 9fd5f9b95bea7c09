#include "gen/verilog/design.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace msq::verilog::detail {

std::int64_t Position::at(const std::vector<int>& loop_values) const {
  std::int64_t value = constant;
  for (const auto& [depth, factor] : terms) {
    value += std::int64_t{factor} * loop_values[static_cast<std::size_t>(depth)];
  }
  return value;
}

bool Report::again(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return false;
  ++entries_[found->second].count;
  return true;
}

void Report::add(const std::string& key, Diagnostic diagnostic) {
  if (again(key)) return;
  by_key_.emplace(key, entries_.size());
  diagnostic.module = module_;
  entries_.push_back({std::move(diagnostic)});
}

std::vector<Diagnostic> Report::finish() const {
  std::vector<Diagnostic> result;
  for (const Entry& entry : entries_) {
    result.push_back(entry.diagnostic);
    if (entry.count > 1) result.back().reason += fmt::format(" (and {} more alike)", entry.count - 1);
  }
  return result;
}

std::string Design::path(int net, std::int64_t iteration) const {
  const ResolvedNet& resolved = nets[static_cast<std::size_t>(net)];
  std::string text = resolved.net->name;
  for (int scope = resolved.scope; scope > 0; scope = scopes[static_cast<std::size_t>(scope)].parent) {
    const ResolvedScope& s = scopes[static_cast<std::size_t>(scope)];
    const int count = s.loops.back()->count.value();
    text = fmt::format("{}[{}].{}", s.data->label, iteration % count, text);
    iteration /= count;
  }
  return text;
}

Position Design::position(const Index& index, const ResolvedScope& scope) const {
  Position position{index.constant(), {}};
  for (const Index::Term& term : index.terms()) {
    const auto found = std::find(scope.loops.begin(), scope.loops.end(), term.genvar);
    position.terms.emplace_back(static_cast<int>(found - scope.loops.begin()), term.factor);
  }
  return position;
}

namespace {

class Resolver {
 public:
  Resolver(const Module& module, Report& report) : module_(module), report_(report) {}

  Design run() {
    design_.scopes.push_back({&module_.data(), -1, {}, 1, {}, {}, {}});
    for (const auto& port : module_.module_data().ports) declare(port, 0);
    for (const ConstantItem& item : module_.module_data().constants) {
      if (item.net != nullptr) declare(item.net, 0);
    }
    walk(0);
    return std::move(design_);
  }

 private:
  ResolvedScope& scope(int id) { return design_.scopes[static_cast<std::size_t>(id)]; }

  void declare(const std::shared_ptr<const Net>& net, int scope_id) {
    design_.net_ids.emplace(net.get(), static_cast<int>(design_.nets.size()));
    design_.nets.push_back({net, scope_id, design_.bits});
    design_.bits += scope(scope_id).iterations * net->type.width;
  }

  bool is_inside(int inner, int outer) {
    while (inner > outer) inner = scope(inner).parent;
    return inner == outer;
  }

  /// Net and genvars of the node are declared where scope_id can see them, and earlier.
  bool visible(const Node& node, int scope_id) {
    const std::string where = scope(scope_id).data->path;
    const auto found = design_.net_ids.find(node.net.get());
    if (found == design_.net_ids.end() ||
        !is_inside(scope_id, design_.nets[static_cast<std::size_t>(found->second)].scope)) {
      complain(node.net->name, "used in " + where + ", outside of the block or module that declares it");
      return false;
    }
    const auto& loops = scope(scope_id).loops;
    for (const Index::Term& term : node.lsb.terms()) {
      if (std::find(loops.begin(), loops.end(), term.genvar) != loops.end()) continue;
      complain(node.net->name, "select in " + where + " by genvar " + term.genvar->name + " of another loop");
      return false;
    }
    return true;
  }

  void complain(const std::string& net, const std::string& reason) {
    report_.add(net + "|" + reason, {"", net, 0, 0, reason});
  }

  Access access_of(const Node& node, int scope_id, bool drives, const std::string& by) {
    return {design_.net_ids.at(node.net.get()), design_.position(node.lsb, scope(scope_id)), node.type.width,
            drives, by};
  }

  /// Reads of an expression; false if it uses something that is not visible.
  bool read(const Expr& e, int scope_id) {
    std::unordered_set<const Node*> seen;
    return e.empty() || read(e.node(), scope_id, seen);
  }

  bool read(const Node& node, int scope_id, std::unordered_set<const Node*>& seen) {
    if (!seen.insert(&node).second) return true;
    if (is_net(node)) {
      if (!visible(node, scope_id)) return false;
      scope(scope_id).accesses.push_back(access_of(node, scope_id, false, ""));
      return true;
    }
    bool good = true;
    for (const Expr& arg : node.args) good = read(arg.node(), scope_id, seen) && good;
    return good;
  }

  bool drive(const Expr& target, int scope_id, const std::string& by) {
    if (!visible(target.node(), scope_id)) return false;
    scope(scope_id).accesses.push_back(access_of(target.node(), scope_id, true, by));
    return true;
  }

  void assignment(const Expr& target, const Expr& value, int scope_id) {
    const bool readable = read(value, scope_id);
    if (!drive(target, scope_id, "assign") || !readable) return;
    scope(scope_id).comb.push_back({scope(scope_id).accesses.back(), value});
  }

  void item(const NetItem& item, int id) {
    declare(item.net, id);
    if (!item.value.empty()) assignment(net_expr(item.net), item.value, id);
  }

  void item(const AssignItem& item, int id) { assignment(item.target, item.value, id); }

  void item(const FlopsItem& item, int id) {
    read(item.clk, id);
    for (const FlipFlop& flop : item.flops) {
      if (!flop.reset_value.empty()) read(item.rst_n, id);
      read(flop.next, id);
      read(flop.enable, id);
      drive(flop.target, id, "flip-flop");
    }
  }

  void item(const InstanceItem& item, int id) {
    for (std::size_t i = 0; i < item.connections.size(); ++i) {
      const Port& port = item.interface.ports[i];
      const Expr& e = item.connections[i];
      if (port.direction == Direction::input) {
        read(e, id);
      } else if (!e.empty()) {
        drive(e, id, "instance " + item.name + " port " + port.name);
      }
    }
  }

  void item(const LoopItem& item, int id) {
    ResolvedScope child{
        item.body.get(), id, scope(id).loops, scope(id).iterations * item.genvar->count.value(), {}, {}, {}};
    child.loops.push_back(item.genvar);
    const int child_id = static_cast<int>(design_.scopes.size());
    scope(id).children.push_back(child_id);
    design_.scopes.push_back(std::move(child));
    walk(child_id);
  }

  void item(const SectionItem&, int) {}
  void item(const CommentItem&, int) {}

  void item(const UnusedItem& item, int id) {
    for (const Expr& e : item.bits) read(e, id);
  }

  void walk(int id) {
    for (const Item& any : scope(id).data->items) {
      std::visit([&](const auto& x) { item(x, id); }, any);
    }
  }

  const Module& module_;
  Report& report_;
  Design design_;
};

}  // namespace

Design resolve(const Module& module, Report& report) { return Resolver(module, report).run(); }

}  // namespace msq::verilog::detail
