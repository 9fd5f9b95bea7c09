#include "gen/verilog/module.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "gen/verilog/comment_text.hpp"
#include "gen/verilog/node.hpp"

namespace msq::verilog {

using detail::Net;
using detail::NetKind;
using detail::Node;
using detail::type_text;

namespace {

[[noreturn]] void fail(const detail::ScopeData& scope, const std::string& what) {
  throw std::logic_error(fmt::format("{}: {}", scope.path, what));
}

void require_suffix(const detail::ScopeData& scope, const std::string& name,
                    std::initializer_list<std::string_view> suffixes) {
  for (const std::string_view suffix : suffixes) {
    if (name.ends_with(suffix)) return;
  }
  fail(scope, fmt::format("{} must end in {}", name, fmt::join(suffixes.begin(), suffixes.end(), " or ")));
}

std::shared_ptr<const Net> make_net(const detail::ScopeData& scope, const std::string& name, Type type,
                                    NetKind kind, const std::string& doc) {
  (void)u(type.width);
  detail::require_plain_comment(doc);
  return std::make_shared<Net>(Net{name, type, kind, doc, &scope});
}

/// Net of a target, or an error that says what kind of net is needed.
const Net& target_net(const detail::ScopeData& scope, const Expr& target, const char* user,
                      std::initializer_list<NetKind> kinds, const char* allowed) {
  const Node& node = target.node();
  if (!detail::is_net(node))
    fail(scope, fmt::format("{}: the target is an expression, not {}", user, allowed));
  if (std::find(kinds.begin(), kinds.end(), node.net->kind) == kinds.end()) {
    fail(scope, fmt::format("{}: the target {} is not {}", user, node.net->name, allowed));
  }
  return *node.net;
}

void require_type(const detail::ScopeData& scope, const std::string& what, Type found, Type expected) {
  if (found != expected) {
    fail(scope, fmt::format("{} is {}, it must be {}", what, type_text(found), type_text(expected)));
  }
}

}  // namespace

const Port& Interface::port(const std::string& name) const {
  const auto same = [&](const Port& other) { return other.name == name; };
  const auto found = std::find_if(ports.begin(), ports.end(), same);
  if (found == ports.end()) throw std::logic_error(fmt::format("{} has no port {}", module, name));
  return *found;
}

Scope::Scope(std::shared_ptr<detail::ScopeData> data) : data_(std::move(data)) {}

Expr Scope::wire(const std::string& name, Type type, const std::string& doc) {
  const auto net = make_net(*data_, name, type, NetKind::wire, doc);
  data_->items.emplace_back(detail::NetItem{net, {}});
  return detail::net_expr(net);
}

Expr Scope::wire(const std::string& name, const Expr& value, const std::string& doc) {
  const auto net = make_net(*data_, name, value.type(), NetKind::wire, doc);
  data_->items.emplace_back(detail::NetItem{net, value});
  return detail::net_expr(net);
}

Expr Scope::wire(const std::string& name, Type type, const Expr& value, const std::string& doc) {
  require_type(*data_, "wire: the value for " + name, value.type(), type);
  const auto net = make_net(*data_, name, type, NetKind::wire, doc);
  data_->items.emplace_back(detail::NetItem{net, value});
  return detail::net_expr(net);
}

Expr Scope::reg(const std::string& name, Type type, const std::string& doc) {
  require_suffix(*data_, name, {"_q"});
  const auto net = make_net(*data_, name, type, NetKind::reg, doc);
  data_->items.emplace_back(detail::NetItem{net, {}});
  return detail::net_expr(net);
}

void Scope::assign(const Expr& target, const Expr& value) {
  const Net& net = target_net(*data_, target, "assign", {NetKind::wire, NetKind::output},
                              "a wire, an output or a part of one");
  require_type(*data_, "assign: the value for " + net.name, value.type(), target.type());
  data_->items.emplace_back(detail::AssignItem{target, value});
}

void Scope::flip_flops(const Expr& clk, const Expr& rst_n, const std::vector<FlipFlop>& flops) {
  require_type(*data_, "flip_flops: the clock", clk.type(), u(1));
  if (!detail::is_net(clk.node())) fail(*data_, "flip_flops: the clock is an expression, not a net");
  if (!rst_n.empty()) {
    require_type(*data_, "flip_flops: the reset", rst_n.type(), u(1));
    if (!detail::is_net(rst_n.node())) fail(*data_, "flip_flops: the reset is an expression, not a net");
  }
  if (flops.empty()) fail(*data_, "flip_flops: no flip-flop");
  for (const FlipFlop& flop : flops) {
    const std::string name =
        "flip_flops: " +
        target_net(*data_, flop.target, "flip_flops", {NetKind::reg}, "a reg or a part of one").name;
    require_type(*data_, name + ": next", flop.next.type(), flop.target.type());
    if (!flop.enable.empty()) require_type(*data_, name + ": enable", flop.enable.type(), u(1));
    if (flop.reset_value.empty()) continue;
    if (rst_n.empty()) fail(*data_, name + " has a reset value, but the block has no reset");
    require_type(*data_, name + ": reset value", flop.reset_value.type(), flop.target.type());
    if (!detail::is_constant(flop.reset_value)) fail(*data_, name + ": the reset value is not a constant");
  }
  data_->items.emplace_back(detail::FlopsItem{clk, rst_n, flops});
}

namespace {

/// One connection against its port.
void require_connection(const detail::ScopeData& scope, const std::string& where, const Port& port,
                        const Expr& e) {
  if (e.empty()) fail(scope, where + " cannot be left open");
  if (e.width() != port.type.width) {
    fail(scope, fmt::format("{} is {} bits wide, its connection {}", where, port.type.width, e.width()));
  }
  if (port.direction == Direction::output) {
    target_net(scope, e, where.c_str(), {NetKind::wire, NetKind::output},
               "a wire, an output or a part of one");
  }
}

}  // namespace

void Scope::instance(const Interface& interface, const std::string& name,
                     const std::vector<std::pair<std::string, Expr>>& connections) {
  const std::string where = fmt::format("instance {} of {}", name, interface.module);
  std::map<std::string, Expr> by_name;
  for (const auto& [port, e] : connections) {
    const auto same = [&p = port](const Port& other) { return other.name == p; };
    if (std::none_of(interface.ports.begin(), interface.ports.end(), same)) {
      fail(*data_, fmt::format("{}: {} has no port {}", where, interface.module, port));
    }
    if (!by_name.emplace(port, e).second)
      fail(*data_, fmt::format("{}: port {} is connected twice", where, port));
  }
  std::vector<Expr> ordered;
  for (const Port& port : interface.ports) {
    const auto found = by_name.find(port.name);
    if (found == by_name.end()) fail(*data_, fmt::format("{}: port {} is not connected", where, port.name));
    require_connection(*data_, fmt::format("{}: port {}", where, port.name), port, found->second);
    ordered.push_back(found->second);
  }
  data_->items.emplace_back(detail::InstanceItem{interface, name, std::move(ordered)});
}

void Scope::generate_for(const std::string& label, const std::string& genvar, const Constant& count,
                         const std::function<void(Scope&, Index)>& body) {
  if (count.value() < 1)
    fail(*data_, fmt::format("generate_for {}: {} iterations; at least one is needed", label, count.value()));
  if (count.value() == 1) return body(*this, 0);
  auto data = std::make_shared<detail::ScopeData>();
  data->path = data_->path + "." + label;
  data->label = label;
  auto variable = std::make_shared<Genvar>(Genvar{genvar, count});
  const auto declares = [&](const detail::Item& item) {
    const auto* loop = std::get_if<detail::LoopItem>(&item);
    return loop != nullptr && loop->genvar->name == genvar;
  };
  Scope inner(data);
  body(inner, Index(variable));
  // Looked up and appended after the body ran: it may have added nets, or loops, to this scope.
  const bool first = std::none_of(data_->items.begin(), data_->items.end(), declares);
  data_->items.emplace_back(detail::LoopItem{std::move(variable), first, std::move(data)});
}

void Scope::section(const std::string& banner) {
  detail::require_plain_comment(banner);
  data_->items.emplace_back(detail::SectionItem{banner});
}

void Scope::comment(const std::string& text) {
  detail::require_plain_comment(text);
  data_->items.emplace_back(detail::CommentItem{text});
}

void Scope::unused(const std::string& name, const std::vector<Expr>& bits, const std::string& reason) {
  detail::require_plain_comment(reason);
  if (bits.empty()) fail(*data_, fmt::format("unused {}: no bits", name));
  for (const Expr& e : bits) (void)e.node();
  data_->items.emplace_back(detail::UnusedItem{"unused_" + name, bits, reason});
}

Module::Module(const std::string& name, const std::string& doc)
    : Scope(std::make_shared<detail::ScopeData>()), module_(std::make_shared<detail::ModuleData>()) {
  detail::require_plain_comment(doc);
  data_->path = name;
  module_->name = name;
  module_->doc = doc;
}

Expr Module::input(const std::string& name, Type type, const std::string& doc) {
  require_suffix(*data_, name, {"_i", "_ni"});
  module_->ports.push_back(make_net(*data_, name, type, NetKind::input, doc));
  return detail::net_expr(module_->ports.back());
}

Expr Module::output(const std::string& name, Type type, const std::string& doc) {
  require_suffix(*data_, name, {"_o"});
  module_->ports.push_back(make_net(*data_, name, type, NetKind::output, doc));
  return detail::net_expr(module_->ports.back());
}

Expr Module::standard_port(Direction direction, const std::string& name, Type type, const std::string& doc) {
  const NetKind kind = direction == Direction::input ? NetKind::input : NetKind::output;
  module_->ports.push_back(make_net(*data_, name, type, kind, doc));
  return detail::net_expr(module_->ports.back());
}

void Module::attribute(const std::string& text) {
  if (module_->ports.empty()) fail(*data_, "attribute without a port");
  detail::require_plain_comment(text);
  module_->attributes.emplace_back(module_->ports.size() - 1, text);
}

void Module::group(const std::string& heading) {
  detail::require_plain_comment(heading);
  module_->groups.push_back({module_->ports.size(), heading});
}

Constant Module::localparam(const std::string& name, const Constant& value, const std::string& doc) {
  detail::require_plain_comment(doc);
  for (const detail::ConstantItem& item : module_->constants) {
    if (item.size != nullptr && item.size->name == name && item.size->value == value && item.size->doc == doc)
      return Constant(item.size);
  }
  const auto size = std::make_shared<Localparam>(Localparam{name, value, doc});
  module_->constants.push_back({size, nullptr, {}});
  return Constant(size);
}

Expr Module::constant(const std::string& name, const Expr& value, const std::string& doc) {
  if (!detail::is_constant(value))
    fail(*data_, fmt::format("constant {}: the value is not a constant", name));
  const auto net = make_net(*data_, name, value.type(), NetKind::constant, doc);
  module_->constants.push_back({nullptr, net, value});
  return detail::net_expr(net);
}

void Module::keep_boundary() { module_->boundary = true; }

std::vector<std::string> Module::verilator_control() const {
  if (!module_->boundary) return {};
  std::vector<std::string> lines = {fmt::format("no_inline -module \"{}\"", module_->name)};
  for (const auto& port : module_->ports) {
    if (port->kind != NetKind::input || port->name == "clk_i" || port->name == "rst_ni") continue;
    lines.push_back(fmt::format("public_flat_rd -module \"{}\" -var \"{}\"", module_->name, port->name));
  }
  return lines;
}

void Module::block(const std::string& name) { module_->block = name; }

Interface Module::interface() const {
  Interface result{module_->name, {}, {}, module_->block};
  for (const auto& net : module_->ports) {
    const Direction direction = net->kind == NetKind::input ? Direction::input : Direction::output;
    // Without the name of its width, which is a localparam of this module.
    result.ports.push_back({net->name, direction, {net->type.width, net->type.is_signed}, net->doc});
  }
  return result;
}

namespace {

void collect_instances(const detail::ScopeData& scope, std::vector<const Interface*>& found) {
  for (const detail::Item& item : scope.items) {
    if (const auto* instance = std::get_if<detail::InstanceItem>(&item))
      found.push_back(&instance->interface);
    if (const auto* loop = std::get_if<detail::LoopItem>(&item)) collect_instances(*loop->body, found);
  }
}

}  // namespace

std::vector<const Interface*> Module::instances() const {
  std::vector<const Interface*> found;
  collect_instances(*data_, found);
  return found;
}

const std::string& Module::name() const { return module_->name; }

}  // namespace msq::verilog
