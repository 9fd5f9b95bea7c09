#include "gen/leaves/constant.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

namespace msq::leaves {
namespace {

/// Binding strength of a binary operator, 1 to 10; 0 if the text is none.
int precedence(const std::string& text) {
  static const std::map<std::string, int> table = {{"||", 1}, {"&&", 2}, {"|", 3},  {"^", 4},   {"&", 5},
                                                   {"==", 6}, {"!=", 6}, {"<", 7},  {"<=", 7},  {">", 7},
                                                   {">=", 7}, {"<<", 8}, {">>", 8}, {">>>", 8}, {"+", 9},
                                                   {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10}};
  const auto found = table.find(text);
  return found == table.end() ? 0 : found->second;
}

/// Recursive descent over the tokens of one expression.
class Evaluator {
 public:
  Evaluator(std::span<const Token> tokens, const Values& values, const std::string& file)
      : tokens_(tokens), values_(values), file_(file) {}

  std::int64_t run() {
    if (tokens_.empty()) fail_at(file_, 0, "an expression is empty");
    const std::int64_t value = conditional();
    if (at_ < tokens_.size()) fail("not understood in a constant expression");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    const Token& token = tokens_[std::min(at_, tokens_.size() - 1)];
    fail_at(file_, token.line, fmt::format("'{}': {}", at_ < tokens_.size() ? token.text : "end", what));
  }

  [[nodiscard]] bool next_is(std::string_view text) const {
    return at_ < tokens_.size() && tokens_[at_].text == text;
  }

  bool accept(std::string_view text) {
    if (!next_is(text)) return false;
    ++at_;
    return true;
  }

  void expect(std::string_view text) {
    if (!accept(text)) fail(fmt::format("expected '{}' in a constant expression", text));
  }

  /// Value of the branch that the condition selects; the other one is parsed only.
  std::int64_t conditional() {
    const std::int64_t condition = binary(1);
    if (!accept("?")) return condition;
    const bool live = live_;
    live_ = live && condition != 0;
    const std::int64_t yes = conditional();
    expect(":");
    live_ = live && condition == 0;
    const std::int64_t no = conditional();
    live_ = live;
    return condition != 0 ? yes : no;
  }

  std::int64_t binary(int lowest) {
    std::int64_t left = unary();
    while (at_ < tokens_.size()) {
      const int strength = precedence(tokens_[at_].text);
      if (strength < lowest || strength == 0) break;
      const std::string op = tokens_[at_++].text;
      left = apply(op, left, binary(strength + 1));
    }
    return left;
  }

  std::int64_t apply(const std::string& op, std::int64_t a, std::int64_t b) const {
    if (op == "*") return a * b;
    if (op == "/" || op == "%") return divide(op, a, b);
    if (op == "+") return a + b;
    if (op == "-") return a - b;
    if (op == "<<" || op == ">>" || op == ">>>") return shift(op, a, b);
    if (op == "<") return a < b ? 1 : 0;
    if (op == "<=") return a <= b ? 1 : 0;
    if (op == ">") return a > b ? 1 : 0;
    if (op == ">=") return a >= b ? 1 : 0;
    if (op == "==") return a == b ? 1 : 0;
    if (op == "!=") return a != b ? 1 : 0;
    if (op == "&") return a & b;
    if (op == "^") return a ^ b;
    if (op == "|") return a | b;
    if (op == "&&") return a != 0 && b != 0 ? 1 : 0;
    return a != 0 || b != 0 ? 1 : 0;
  }

  std::int64_t divide(const std::string& op, std::int64_t a, std::int64_t b) const {
    if (b == 0 && live_) fail("division by zero");
    if (b == 0) return 0;
    return op == "/" ? a / b : a % b;
  }

  std::int64_t shift(const std::string& op, std::int64_t a, std::int64_t b) const {
    if ((b < 0 || b > 62) && live_) fail(fmt::format("shift by {}; allowed: 0..62", b));
    if (b < 0 || b > 62) return 0;
    return op == "<<" ? a * (std::int64_t{1} << b) : a >> b;
  }

  std::int64_t unary() {
    if (accept("-")) return -unary();
    if (accept("+")) return unary();
    if (accept("!")) return unary() == 0 ? 1 : 0;
    if (accept("~")) return ~unary();
    return primary();
  }

  std::int64_t primary() {
    if (at_ >= tokens_.size()) fail("expected a value in a constant expression");
    if (accept("(")) {
      const std::int64_t value = conditional();
      expect(")");
      return value;
    }
    const Token& token = tokens_[at_];
    if (token.kind == Token::Kind::number) return number();
    if (token.text == "$clog2") return ceiling_log2();
    if (token.kind != Token::Kind::identifier) fail("not understood in a constant expression");
    const auto found = values_.find(token.text);
    if (found == values_.end()) fail("no parameter of this name is declared before");
    ++at_;
    return found->second;
  }

  std::int64_t ceiling_log2() {
    ++at_;
    expect("(");
    const std::int64_t value = conditional();
    expect(")");
    if (value < 1) {
      if (live_) fail(fmt::format("$clog2 of {}", value));
      return 0;
    }
    return static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(value - 1)));
  }

  /// Plain or based literal, `'s` and the size are of no effect on a value that fits.
  std::int64_t number() {
    std::string digits = tokens_[at_].text;
    std::erase(digits, '_');
    int base = 10;
    if (const std::size_t quote = digits.find('\''); quote != std::string::npos) {
      digits.erase(0, quote + 1);
      if (!digits.empty() && (digits[0] == 's' || digits[0] == 'S')) digits.erase(0, 1);
      base = base_of(digits.empty() ? '\0' : digits[0]);
      digits.erase(0, 1);
    }
    std::int64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
    if (error != std::errc() || stop != end) fail("is no number of at most 63 bits");
    ++at_;
    return value;
  }

  [[nodiscard]] int base_of(char letter) const {
    switch (letter) {
      case 'b':
      case 'B':
        return 2;
      case 'o':
      case 'O':
        return 8;
      case 'd':
      case 'D':
        return 10;
      case 'h':
      case 'H':
        return 16;
      default:
        fail("is no number: base b, o, d or h");
    }
  }

  std::span<const Token> tokens_;
  const Values& values_;
  const std::string& file_;
  std::size_t at_ = 0;
  bool live_ = true;  ///< false in the branch of a `? :` that is not selected
};

}  // namespace

std::int64_t evaluate(std::span<const Token> expression, const Values& values, const std::string& file) {
  return Evaluator(expression, values, file).run();
}

}  // namespace msq::leaves
