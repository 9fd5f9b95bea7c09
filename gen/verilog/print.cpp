#include "gen/verilog/print.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "gen/verilog/comment_text.hpp"
#include "gen/verilog/layout.hpp"
#include "gen/verilog/node.hpp"

namespace msq::verilog {

namespace {

using namespace detail;

constexpr std::size_t kColumns = 100;

/// `signed [7:0] `: every part followed by a blank, empty for u(1).
std::string type_prefix(const Type& type) {
  const std::string range = range_text(Constant(type.width, type.size));
  return fmt::format("{}{}{}", type.is_signed ? "signed " : "", range, range.empty() ? "" : " ");
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string without_trailing_blanks(std::string text) {
  text.erase(text.find_last_not_of(" \t\r") + 1);
  return text;
}

class Printer {
 public:
  std::string file(const Module& module, const FileHeader& header);

 private:
  void line(const std::string& text);
  void comment(const std::string& text);
  void header_lines(const FileHeader& header);
  void ports(const ModuleData& module);
  void constants(const ModuleData& module, const UsedNames& used);
  void scope(const ScopeData& data);
  void statement(const std::string& head, const Expr& value, const std::string& doc = "");
  void clocked(const FlopsItem& item, bool with_reset);
  void loads(const std::vector<FlipFlop>& flops);
  void connection(const std::string& port, const Expr& e, bool last);

  void item(const NetItem& item);
  void item(const AssignItem& item) { statement("assign " + target_text(item.target) + " =", item.value); }
  void item(const FlopsItem& item);
  void item(const InstanceItem& item);
  void item(const LoopItem& item);
  void item(const SectionItem& item);
  void item(const CommentItem& item) { comment(item.text); }
  void item(const UnusedItem& item);

  /// Columns left on a line of this depth behind `used` ones; at least 20.
  [[nodiscard]] std::size_t room(std::size_t used) const {
    const std::size_t taken = 2 * depth_ + used;
    return taken + 20 < kColumns ? kColumns - taken : 20;
  }

  std::string out_;
  std::size_t depth_ = 0;
  int loops_ = 0;  ///< generate loops around the current scope
};

void Printer::line(const std::string& text) { out_ += std::string(2 * depth_, ' ') + text + "\n"; }

void Printer::comment(const std::string& text) {
  for (const std::string& part : wrap(text, room(3))) line(part.empty() ? "//" : "// " + part);
}

/// `head value;` on one line, else the value on lines of its own. The doc is behind it, or above if the line
/// would be too long.
void Printer::statement(const std::string& head, const Expr& value, const std::string& doc) {
  std::vector<std::string> lines = {head + ";"};
  if (!value.empty()) {
    lines = layout(value, room(head.size() + 2));
    if (lines.size() == 1 && head.size() + 2 + lines[0].size() <= room(0)) {
      lines[0] = head + " " + lines[0] + ";";
    } else {
      lines = layout(value, room(5));
      for (std::string& part : lines) part.insert(0, 4, ' ');
      lines.back() += ";";
      lines.insert(lines.begin(), head);
    }
  }
  const std::vector<std::string> docs = wrap(doc, room(lines[0].size() + 5));
  const bool behind =
      lines.size() == 1 && docs.size() == 1 && lines[0].size() + 4 + docs[0].size() <= room(0);
  if (behind) {
    lines[0] += "  // " + docs[0];
  } else {
    comment(doc);
  }
  for (const std::string& part : lines) line(part);
}

void Printer::item(const NetItem& item) {
  const char* kind = item.net->kind == NetKind::reg ? "reg" : "wire";
  const std::string head = fmt::format("{} {}{}", kind, type_prefix(item.net->type), item.net->name);
  statement(item.value.empty() ? head : head + " =", item.value, item.net->doc);
}

/// `if (en) q <= d;`, neighbours with one enable in one block.
void Printer::loads(const std::vector<FlipFlop>& flops) {
  const auto enable = [](const FlipFlop& flop) { return flop.enable.empty() ? "" : flat_text(flop.enable); };
  for (std::size_t first = 0, end = 0; first < flops.size(); first = end) {
    const std::string condition = enable(flops[first]);
    while (end < flops.size() && enable(flops[end]) == condition) ++end;
    const FlipFlop& flop = flops[first];
    const std::string one =
        fmt::format("if ({}) {} <= {};", condition, target_text(flop.target), flat_text(flop.next));
    if (!condition.empty() && end == first + 1 && one.size() <= room(0)) {
      line(one);
      continue;
    }
    if (!condition.empty()) line(fmt::format("if ({}) begin", condition));
    depth_ += condition.empty() ? 0 : 1;
    for (std::size_t i = first; i < end; ++i) statement(target_text(flops[i].target) + " <=", flops[i].next);
    depth_ -= condition.empty() ? 0 : 1;
    if (!condition.empty()) line("end");
  }
}

/// The block of the flip-flops that have, or have not, a reset value.
void Printer::clocked(const FlopsItem& item, bool with_reset) {
  std::vector<FlipFlop> flops;
  for (const FlipFlop& flop : item.flops) {
    if (flop.reset_value.empty() != with_reset) flops.push_back(flop);
  }
  if (flops.empty()) return;
  line(fmt::format("always @(posedge {}) begin", flat_text(item.clk)));
  ++depth_;
  if (with_reset) {
    line(fmt::format("if (!{}) begin", flat_text(item.rst_n)));
    ++depth_;
    for (const FlipFlop& flop : flops) statement(target_text(flop.target) + " <=", flop.reset_value);
    --depth_;
    line("end else begin");
    ++depth_;
  }
  loads(flops);
  if (with_reset) {
    --depth_;
    line("end");
  }
  --depth_;
  line("end");
}

void Printer::item(const FlopsItem& item) {
  clocked(item, true);
  const auto has_reset = [](const FlipFlop& flop) { return !flop.reset_value.empty(); };
  const auto resets = std::count_if(item.flops.begin(), item.flops.end(), has_reset);
  if (resets != 0 && resets != static_cast<std::ptrdiff_t>(item.flops.size())) out_ += "\n";
  clocked(item, false);
}

void Printer::connection(const std::string& port, const Expr& e, bool last) {
  const std::string end = last ? ")" : "),";
  const std::vector<std::string> lines = layout(e, room(port.size() + 4));
  if (lines.size() == 1) return line(fmt::format(".{}({}{}", port, lines[0], end));
  line(fmt::format(".{}(", port));
  for (const std::string& part : layout(e, room(2))) line("  " + part);
  line(end);
}

void Printer::item(const InstanceItem& item) {
  std::vector<std::string> overrides;
  for (const auto& [name, value] : item.interface.parameters) {
    overrides.push_back(fmt::format(".{}({})", name, value.text()));
  }
  const std::string parameters = overrides.empty() ? "" : fmt::format("#({}) ", fmt::join(overrides, ", "));
  const std::string one = fmt::format("{} {}{} (", item.interface.module, parameters, item.name);
  if (one.size() <= room(0)) {
    line(one);
  } else {
    line(item.interface.module + " #(");
    for (std::size_t i = 0; i < overrides.size(); ++i) {
      line("  " + overrides[i] + (i + 1 < overrides.size() ? "," : ""));
    }
    line(fmt::format(") {} (", item.name));
  }
  ++depth_;
  for (std::size_t i = 0; i < item.connections.size(); ++i) {
    connection(item.interface.ports[i].name, item.connections[i], i + 1 == item.connections.size());
  }
  --depth_;
  line(");");
}

// `generate` must not be nested, and a genvar is declared at its first loop.
void Printer::item(const LoopItem& item) {
  const std::string& i = item.genvar->name;
  if (item.declares_genvar) line(fmt::format("genvar {};", i));
  const bool outermost = loops_ == 0;
  if (outermost) {
    line("generate");
    ++depth_;
  }
  line(fmt::format("for ({0} = 0; {0} < {1}; {0} = {0} + 1) begin : {2}", i, item.genvar->count.text(),
                   item.body->label));
  ++depth_;
  ++loops_;
  scope(*item.body);
  --loops_;
  --depth_;
  line("end");
  if (outermost) {
    --depth_;
    line("endgenerate");
  }
}

void Printer::item(const SectionItem& item) {
  const std::string rule(room(3), '-');
  line("// " + rule);
  comment(item.text);
  line("// " + rule);
}

void Printer::item(const UnusedItem& item) {
  comment(item.reason);
  std::vector<Expr> bits = {lit(u(1), 0)};
  bits.insert(bits.end(), item.bits.begin(), item.bits.end());
  statement(fmt::format("wire {} =", item.name), reduce_and(concat(bits)));
}

/// Declarations, and the assignments below them, are a paragraph; everything else has a blank line before and
/// behind it, except a banner or comment, which has none behind.
bool blank_between(const Item& before, const Item& item) {
  const auto assignment = [](const Item& x) { return std::holds_alternative<AssignItem>(x); };
  const auto declaration = [](const Item& x) { return std::holds_alternative<NetItem>(x); };
  const bool paragraph =
      assignment(item) ? assignment(before) || declaration(before) : declaration(item) && declaration(before);
  const bool heading =
      std::holds_alternative<SectionItem>(before) || std::holds_alternative<CommentItem>(before);
  return !heading && !paragraph;
}

void Printer::scope(const ScopeData& data) {
  for (std::size_t i = 0; i < data.items.size(); ++i) {
    if (i > 0 && blank_between(data.items[i - 1], data.items[i])) out_ += "\n";
    std::visit([&](const auto& x) { item(x); }, data.items[i]);
  }
}

/// One port per line, in columns, above the localparams, so widths are numbers.
void Printer::ports(const ModuleData& module) {
  const auto type_text = [](const Net& port) { return type_prefix({port.type.width, port.type.is_signed}); };
  std::size_t types = 0;
  std::size_t names = 0;
  for (const auto& port : module.ports) {
    types = std::max(types, type_text(*port).size());
    names = std::max(names, port->name.size() + 1);
  }
  auto group = module.groups.begin();
  for (std::size_t i = 0; i < module.ports.size(); ++i) {
    for (; group != module.groups.end() && group->first == i; ++group) {
      if (i > 0) out_ += "\n";
      comment(group->heading);
    }
    for (const auto& [above, text] : module.attributes) {
      if (above == i) line(fmt::format("(* {} *)", text));
    }
    const Net& port = *module.ports[i];
    const std::string name = port.name + (i + 1 < module.ports.size() ? "," : "");
    std::string text = fmt::format("{} wire {}{}", port.kind == NetKind::input ? "input " : "output",
                                   padded(type_text(port), types), padded(name, names));
    const std::size_t column = text.size();
    for (const std::string& doc : wrap(port.doc, room(column + 5))) {
      line(fmt::format("{}  // {}", text, doc));
      text = std::string(column, ' ');
    }
    if (port.doc.empty()) line(without_trailing_blanks(text));
  }
}

/// Those in use, with a blank line below. Docs are in a column behind short declarations, and above if that
/// leaves no room for them.
void Printer::constants(const ModuleData& module, const UsedNames& used) {
  std::vector<std::pair<std::string, std::string>> lines;  // declaration, doc
  for (const ConstantItem& item : module.constants) {
    if (item.size != nullptr && used.sizes.contains(item.size.get())) {
      lines.emplace_back(fmt::format("localparam {} = {};", item.size->name, item.size->value.text()),
                         item.size->doc);
    } else if (item.net != nullptr && used.constants.contains(item.net.get())) {
      lines.emplace_back(fmt::format("localparam {}{} = {};", type_prefix(item.net->type), item.net->name,
                                     flat_text(item.value)),
                         item.net->doc);
    }
  }
  constexpr std::size_t short_declaration = 48;
  std::size_t column = 0;
  for (const auto& [text, doc] : lines) {
    if (text.size() <= short_declaration) column = std::max(column, text.size());
  }
  for (const auto& [text, doc] : lines) {
    const std::string start = padded(text, column);
    const bool behind = text.size() <= column && column + 5 + doc.size() <= room(0);
    if (!behind) comment(doc);
    line(behind && !doc.empty() ? start + "  // " + doc : text);
  }
  if (!lines.empty()) out_ += "\n";
}

void Printer::header_lines(const FileHeader& header) {
  for (const std::string& text : header.lines) {
    require_plain_comment(text);
    if (text.find('\n') != std::string::npos)
      throw std::logic_error("a file header line contains a line end");
    line(without_trailing_blanks("// " + text));
  }
}

std::string Printer::file(const Module& module, const FileHeader& header) {
  const ModuleData& data = module.module_data();
  header_lines(header);
  out_ += "`default_nettype none\n\n";
  comment(data.doc);
  line(fmt::format("module {} (", data.name));
  ++depth_;
  ports(data);
  --depth_;
  line(");");
  ++depth_;
  constants(data, used_names(module.data()));
  scope(module.data());
  --depth_;
  out_ += "endmodule\n\n`default_nettype wire\n";
  return std::move(out_);
}

}  // namespace

std::string print(const Module& module, const FileHeader& header) { return Printer().file(module, header); }

}  // namespace msq::verilog
