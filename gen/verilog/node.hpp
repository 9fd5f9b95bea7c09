#pragma once

/// Syntax tree behind Expr, Scope and Module, shared by the builder, the checks and the printer.

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "gen/verilog/module.hpp"

namespace msq::verilog::detail {

enum class NetKind { input, output, wire, reg, constant };

/// Declared net; its identity is its address.
struct Net {
  std::string name;
  Type type;
  NetKind kind = NetKind::wire;
  std::string doc;
  const ScopeData* scope = nullptr;  ///< compared, never followed: expressions may outlive their module
};

enum class Op {
  net,
  select,   ///< part of net: lsb, type.width
  literal,  ///< value
  bit_not,  ///< args[0], as all unary ones
  reduce_or,
  reduce_and,
  reduce_xor,
  to_signed,
  to_unsigned,
  bit_and,  ///< two args; more, or some that are groups themselves, if `grouped`
  bit_or,
  bit_xor,
  add,
  subtract,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  shift_left,     ///< args[0] by value
  shift_right,    ///< args[0] by value, arithmetic if signed
  shift_left_by,  ///< args[0] by args[1]
  mux,            ///< args[0] ? args[1] : args[2]
  concat,         ///< args, most significant first
  replicate       ///< value times args[0]
};

struct Node {
  Op op = Op::literal;
  Type type;
  std::vector<Expr> args = {};
  std::shared_ptr<const Net> net = {};
  Index lsb = 0;
  std::int64_t value = 0;
  FormulaPtr count = {};  ///< value of a replicate as it is printed; null: the number
  bool grouped = false;   ///< made by or_all / and_all: keep the tree as it is
  bool hex = false;       ///< literal in hexadecimal digits
};

/// Is it a net, or part of one?
[[nodiscard]] inline bool is_net(const Node& node) { return node.op == Op::net || node.op == Op::select; }
/// Literals, constants of the module, and what concat, replicate and casts make of them.
[[nodiscard]] bool is_constant(const Expr& e);
[[nodiscard]] Expr net_expr(std::shared_ptr<const Net> net);
/// Does the select print as its net: all of it, or of a net of one bit?
[[nodiscard]] inline bool selects_all(const Node& node) {
  const Type& whole = node.net->type;
  return whole.width == 1 || (node.type.width == whole.width && node.lsb.is_constant() && !whole.is_signed);
}
/// `s(8)` or `u(1)`, for messages.
[[nodiscard]] std::string type_text(Type type);

struct NetItem {
  std::shared_ptr<const Net> net;
  Expr value;  ///< empty: declaration only
};
struct AssignItem {
  Expr target;
  Expr value;
};
struct FlopsItem {
  Expr clk;
  Expr rst_n;
  std::vector<FlipFlop> flops;
};
struct InstanceItem {
  Interface interface;
  std::string name;
  std::vector<Expr> connections;  ///< one per port of the interface, in its order
};
struct LoopItem {
  std::shared_ptr<const Genvar> genvar;
  bool declares_genvar = true;  ///< false if an earlier loop of the scope did
  std::shared_ptr<ScopeData> body;
};
struct SectionItem {
  std::string text;
};
struct CommentItem {
  std::string text;
};
struct UnusedItem {
  std::string name;  ///< with the prefix `unused_`
  std::vector<Expr> bits;
  std::string reason;
};

using Item = std::variant<NetItem, AssignItem, FlopsItem, InstanceItem, LoopItem, SectionItem, CommentItem,
                          UnusedItem>;

struct ScopeData {
  std::string path;   ///< module, or module.block.block; for messages
  std::string label;  ///< of a generate block; empty for the module itself
  std::vector<Item> items;
};

/// Heading above a port.
struct PortGroup {
  std::size_t first = 0;  ///< port below it
  std::string heading;
};

/// Named size, or named value of a type.
struct ConstantItem {
  std::shared_ptr<const Localparam> size;
  std::shared_ptr<const Net> net;
  Expr value;  ///< of net
};

struct ModuleData {
  std::string name;
  std::string doc;
  std::vector<std::shared_ptr<const Net>> ports;
  std::vector<PortGroup> groups;
  std::vector<std::pair<std::size_t, std::string>> attributes;  ///< above ports, ascending
  std::vector<ConstantItem> constants;                          ///< printed if something uses them
  bool boundary = false;                                        ///< Module::keep_boundary
  std::string block = {};
};

/// Localparams that the items, and those localparams themselves, use.
struct UsedNames {
  std::unordered_set<const Localparam*> sizes;
  std::unordered_set<const Net*> constants;
};
[[nodiscard]] UsedNames used_names(const ScopeData& scope);

/// Makes a std::visit visitor of lambdas.
template <class... F>
struct Overload : F... {
  using F::operator()...;
};
template <class... F>
Overload(F...) -> Overload<F...>;

}  // namespace msq::verilog::detail
