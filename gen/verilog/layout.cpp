#include "gen/verilog/layout.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "gen/verilog/node.hpp"

namespace msq::verilog::detail {

namespace {

using Lines = std::vector<std::string>;

/// Place of an operand, as far as parentheses are concerned.
enum class Place { whole, unary, left, right, mux_select, mux_then, mux_else };

std::string_view symbol(const Node& node) {
  switch (node.op) {
    case Op::bit_not:
      return "~";
    case Op::reduce_or:
    case Op::bit_or:
      return "|";
    case Op::reduce_and:
    case Op::bit_and:
      return "&";
    case Op::reduce_xor:
    case Op::bit_xor:
      return "^";
    case Op::add:
      return "+";
    case Op::subtract:
      return "-";
    case Op::equal:
      return "==";
    case Op::not_equal:
      return "!=";
    case Op::less:
      return "<";
    case Op::less_equal:
      return "<=";
    case Op::greater:
      return ">";
    case Op::greater_equal:
      return ">=";
    case Op::shift_left:
    case Op::shift_left_by:
      return "<<";
    case Op::shift_right:
      return node.type.is_signed ? ">>>" : ">>";
    default:
      return "";
  }
}

bool is_reduction(Op op) { return op == Op::reduce_or || op == Op::reduce_and || op == Op::reduce_xor; }
bool is_unary(Op op) { return op == Op::bit_not || is_reduction(op); }
bool is_bitwise(Op op) { return op == Op::bit_and || op == Op::bit_or || op == Op::bit_xor; }
bool is_sum(Op op) { return op == Op::add || op == Op::subtract; }

bool is_infix(const Node& node) { return !symbol(node).empty() && !is_unary(node.op); }

/// May the operand join its parent's chain, `a + b + c`? Grouped trees and right-hand sums are kept as built.
bool joins(const Node& parent, const Node& child, Place place) {
  if (is_bitwise(parent.op)) return child.op == parent.op && !child.grouped && !parent.grouped;
  return is_sum(parent.op) && is_sum(child.op) && place == Place::left;
}

/// Stricter than the language where its precedences are easily misread: only chains of one operator go
/// without.
bool needs_parentheses(const Node& parent, const Node& child, Place place) {
  if (place == Place::whole) return false;
  if (child.op == Op::literal) return place == Place::unary && child.value < 0;
  if (child.op == Op::mux) return place != Place::mux_else;
  if (place == Place::mux_then || place == Place::mux_else) return false;
  if (child.op == Op::bit_not) return place == Place::unary;
  if (is_reduction(child.op)) return true;
  return is_infix(child) && !joins(parent, child, place);
}

std::string literal_text(const Node& node) {
  const std::uint64_t bits = static_cast<std::uint64_t>(node.value);
  const std::uint64_t magnitude = node.value < 0 ? 0 - bits : bits;
  if (node.hex) return fmt::format("{}'h{:0{}x}", node.type.width, bits, (node.type.width + 3) / 4);
  if (node.type.width == 1) return fmt::format("1'{}b{}", node.type.is_signed ? "s" : "", magnitude);
  return fmt::format("{}{}'{}d{}", node.value < 0 ? "-" : "", node.type.width, node.type.is_signed ? "s" : "",
                     magnitude);
}

}  // namespace

std::string range_text(const Constant& width) {
  if (width.value() == 1) return "";
  if (width.formula() == nullptr) return fmt::format("[{}:0]", width.value() - 1);
  const std::string text = width.text();
  const bool sum = text.find(' ') != std::string::npos;
  return sum ? fmt::format("[{} - 1:0]", text) : fmt::format("[{}-1:0]", text);
}

namespace {

std::string select_text(const Node& node) {
  const Net& net = *node.net;
  const int width = node.type.width;
  // Nets of one bit are scalars and cannot be indexed, not even with a genvar that is always 0.
  if (selects_all(node)) return net.type.is_signed ? fmt::format("$unsigned({})", net.name) : net.name;
  if (width == 1) return fmt::format("{}[{}]", net.name, node.lsb.text());
  const bool named = node.type.size != nullptr || node.lsb.formula() != nullptr;
  const Constant size(width, node.type.size);
  if (named && node.lsb.is_constant() && node.lsb.constant() == 0 && node.lsb.formula() == nullptr)
    return fmt::format("{}{}", net.name, range_text(size));
  if (!node.lsb.is_constant() || named)
    return fmt::format("{}[{} +: {}]", net.name, node.lsb.text(), size.text());
  return fmt::format("{}[{}:{}]", net.name, node.lsb.constant() + width - 1, node.lsb.constant());
}

/// Copies of a replicate: `8`, `ROWS`, `(A - B)`.
std::string count_text(const Node& node) {
  const std::string text = Constant(static_cast<int>(node.value), node.count).text();
  return text.find(' ') == std::string::npos ? text : fmt::format("({})", text);
}

std::string operand_text(const Node& parent, const Expr& child, Place place);

std::string infix_text(const Node& node) {
  std::string text = operand_text(node, node.args[0], Place::left);
  if (node.args.size() == 1) return fmt::format("{} {} {}", text, symbol(node), node.value);
  for (std::size_t i = 1; i < node.args.size(); ++i) {
    text += fmt::format(" {} {}", symbol(node), operand_text(node, node.args[i], Place::right));
  }
  return text;
}

std::string list_text(const Node& node) {
  std::vector<std::string> parts;
  for (const Expr& arg : node.args) parts.push_back(flat_text(arg));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string operand_text(const Node& parent, const Expr& child, Place place) {
  const std::string text = flat_text(child);
  return needs_parentheses(parent, child.node(), place) ? "(" + text + ")" : text;
}

}  // namespace

std::string flat_text(const Expr& e) {
  const Node& node = e.node();
  switch (node.op) {
    case Op::net:
      return node.net->name;
    case Op::select:
      return select_text(node);
    case Op::literal:
      return literal_text(node);
    case Op::to_signed:
      return fmt::format("$signed({})", flat_text(node.args[0]));
    case Op::to_unsigned:
      return fmt::format("$unsigned({})", flat_text(node.args[0]));
    case Op::concat:
      return fmt::format("{{{}}}", list_text(node));
    case Op::replicate:
      return fmt::format("{{{}{{{}}}}}", count_text(node), flat_text(node.args[0]));
    case Op::mux:
      return fmt::format("{} ? {} : {}", operand_text(node, node.args[0], Place::mux_select),
                         operand_text(node, node.args[1], Place::mux_then),
                         operand_text(node, node.args[2], Place::mux_else));
    default:
      break;
  }
  if (is_unary(node.op))
    return fmt::format("{}{}", symbol(node), operand_text(node, node.args[0], Place::unary));
  return infix_text(node);
}

// All of a signed scalar reads `$unsigned(x)`, which is no target.
std::string target_text(const Expr& target) {
  const Node& node = target.node();
  return node.net->type.width == 1 ? node.net->name : flat_text(target);
}

namespace {

/// Puts `first` before the first line, as many blanks before the others, and `last` behind the last.
Lines framed(std::string_view first, Lines lines, std::string_view last) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    lines[i] = (i == 0 ? std::string(first) : std::string(first.size(), ' ')) + lines[i];
  }
  lines.back() += last;
  return lines;
}

void append(Lines& lines, Lines more) { std::move(more.begin(), more.end(), std::back_inserter(lines)); }

std::size_t narrower(std::size_t width, std::size_t by) { return width > by + 20 ? width - by : 20; }

Lines operand_lines(const Node& parent, const Expr& child, Place place, std::size_t width) {
  if (!needs_parentheses(parent, child.node(), place)) return layout(child, width);
  return framed("(", layout(child, narrower(width, 2)), ")");
}

struct Operand {
  std::string_view sign;  ///< operator in front of it; that of the first is not printed
  const Node* parent;
  Expr e;
  Place place;
};

void collect(const Node& node, std::string_view sign, std::vector<Operand>& operands) {
  for (std::size_t i = 0; i < node.args.size(); ++i) {
    const Place place = i == 0 ? Place::left : Place::right;
    const std::string_view own = i == 0 ? sign : symbol(node);
    if (joins(node, node.args[i].node(), place)) {
      collect(node.args[i].node(), own, operands);
    } else {
      operands.push_back({own, &node, node.args[i], place});
    }
  }
}

/// One operand per line, operators in front.
Lines infix_lines(const Node& node, std::size_t width) {
  if (node.args.size() == 1) {
    const std::string amount = fmt::format(" {} {}", symbol(node), node.value);
    return framed("", operand_lines(node, node.args[0], Place::left, narrower(width, amount.size())), amount);
  }
  std::vector<Operand> operands;
  collect(node, symbol(node), operands);
  Lines lines;
  for (const Operand& operand : operands) {
    const std::string sign(lines.empty() ? std::string(operand.sign.size(), ' ') : operand.sign);
    const std::size_t room = narrower(width, sign.size() + 1);
    append(lines, framed(sign + " ", operand_lines(*operand.parent, operand.e, operand.place, room), ""));
  }
  return lines;
}

/// `select ? value` a line, of all alternatives.
Lines mux_lines(const Node& node, std::size_t width) {
  const std::size_t room = narrower(width, 2);
  Lines lines;
  const Node* mux = &node;
  for (std::string prefix = "  ";; prefix = ": ") {
    const std::string select = operand_text(*mux, mux->args[0], Place::mux_select);
    const std::string value = operand_text(*mux, mux->args[1], Place::mux_then);
    if (select.size() + value.size() + 3 <= room) {
      lines.push_back(fmt::format("{}{} ? {}", prefix, select, value));
    } else {
      append(lines, framed(prefix, operand_lines(*mux, mux->args[0], Place::mux_select, room), ""));
      append(lines,
             framed("    ? ", operand_lines(*mux, mux->args[1], Place::mux_then, narrower(width, 6)), ""));
    }
    if (mux->args[2].node().op != Op::mux) break;
    mux = &mux->args[2].node();
  }
  append(lines, framed(": ", layout(mux->args[2], room), ""));
  return lines;
}

/// Parts side by side while they fit a line.
Lines concat_lines(const Node& node, std::size_t width) {
  Lines lines = {"{"};
  bool fresh = true;  // the last line takes the next part whatever its length
  for (std::size_t i = 0; i < node.args.size(); ++i) {
    Lines part = framed("", layout(node.args[i], narrower(width, 3)), i + 1 < node.args.size() ? "," : "}");
    if (!fresh && (part.size() > 1 || lines.back().size() + 1 + part[0].size() > width)) {
      lines.emplace_back(" ");
      fresh = true;
    }
    if (!fresh) lines.back() += " ";
    const std::string before = lines.back();
    lines.pop_back();
    const bool several = part.size() > 1;
    part = framed(before, std::move(part), "");
    append(lines, std::move(part));
    fresh = false;
    if (several && i + 1 < node.args.size()) {
      lines.emplace_back(" ");
      fresh = true;
    }
  }
  return lines;
}

/// Does the tree of or_all / and_all have groups inside groups?
bool is_table(const Node& node) {
  return node.grouped && std::any_of(node.args.begin(), node.args.end(), [&](const Expr& arg) {
           return arg.node().grouped && arg.node().op == node.op;
         });
}

}  // namespace

Lines layout(const Expr& e, std::size_t width) {
  const Node& node = e.node();
  std::string text = flat_text(e);
  if (text.size() <= width && !is_table(node)) return {std::move(text)};
  switch (node.op) {
    case Op::net:
    case Op::select:
    case Op::literal:
      return {std::move(text)};
    case Op::to_signed:
      return framed("$signed(", layout(node.args[0], narrower(width, 9)), ")");
    case Op::to_unsigned:
      return framed("$unsigned(", layout(node.args[0], narrower(width, 11)), ")");
    case Op::replicate:
      return framed(fmt::format("{{{}{{", count_text(node)), layout(node.args[0], narrower(width, 8)), "}}");
    case Op::concat:
      return concat_lines(node, width);
    case Op::mux:
      return mux_lines(node, width);
    default:
      break;
  }
  if (!is_unary(node.op)) return infix_lines(node, width);
  return framed(symbol(node), operand_lines(node, node.args[0], Place::unary, narrower(width, 1)), "");
}

}  // namespace msq::verilog::detail
