#include "gen/verilog/node.hpp"

namespace msq::verilog::detail {

namespace {

class Collector {
 public:
  void scope(const ScopeData& data) {
    for (const Item& any : data.items) std::visit([&](const auto& x) { item(x); }, any);
  }

  UsedNames take() { return std::move(used_); }

 private:
  void size(const FormulaPtr& formula) {
    visit_localparams(formula, [&](const std::shared_ptr<const Localparam>& found) {
      if (used_.sizes.insert(found.get()).second) size(found->value.formula());
    });
  }

  void size(const Type& type) {
    if (type.width > 1) size(type.size);
  }

  void expression(const Expr& e) {
    if (e.empty() || !seen_.insert(&e.node()).second) return;
    const Node& node = e.node();
    size(node.count);
    if (node.op == Op::select && !selects_all(node)) {
      size(node.lsb.formula());
      size(node.type);
    }
    if (is_net(node)) {
      if (node.net->kind == NetKind::constant) used_.constants.insert(node.net.get());
    }
    for (const Expr& arg : node.args) expression(arg);
  }

  void item(const NetItem& item) {
    size(item.net->type);
    expression(item.value);
  }
  void item(const AssignItem& item) {
    expression(item.target);
    expression(item.value);
  }
  void item(const FlopsItem& item) {
    for (const FlipFlop& flop : item.flops) {
      for (const Expr& e : {flop.target, flop.next, flop.enable, flop.reset_value}) expression(e);
    }
  }
  void item(const InstanceItem& item) {
    for (const auto& [name, value] : item.interface.parameters) size(value.formula());
    for (const Expr& e : item.connections) expression(e);
  }
  void item(const LoopItem& item) {
    size(item.genvar->count.formula());
    scope(*item.body);
  }
  void item(const UnusedItem& item) {
    for (const Expr& e : item.bits) expression(e);
  }
  void item(const SectionItem&) {}
  void item(const CommentItem&) {}

  UsedNames used_;
  std::unordered_set<const Node*> seen_;
};

}  // namespace

UsedNames used_names(const ScopeData& scope) {
  Collector collector;
  collector.scope(scope);
  return collector.take();
}

}  // namespace msq::verilog::detail
