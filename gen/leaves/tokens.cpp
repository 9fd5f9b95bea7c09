#include "gen/leaves/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

namespace msq::leaves {

void fail_at(const std::string& file, int line, const std::string& what) {
  throw std::logic_error(fmt::format("{}:{}: {}", file, line, what));
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$'; }

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

class Lexer {
 public:
  Lexer(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  TokenStream run() {
    while (at_ < text_.size()) step();
    return std::move(stream_);
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void step() {
    const char c = peek();
    if (c == '\n') {
      ++line_;
      ++at_;
    } else if (is_blank(c)) {
      ++at_;
    } else if (text_.substr(at_, 2) == "//") {
      line_comment();
    } else if (text_.substr(at_, 2) == "/*") {
      block_comment();
    } else if (c == '`') {
      push(Token::Kind::directive, take_while([](char x) { return is_word(x) || x == '`'; }));
    } else if (c == '"') {
      string();
    } else if (is_digit(c)) {
      number();
    } else if (is_word(c)) {
      push(Token::Kind::identifier, take_while(is_word));
    } else {
      symbol();
    }
  }

  template <class Predicate>
  std::string_view take_while(const Predicate& wanted) {
    const std::size_t first = at_;
    while (at_ < text_.size() && wanted(text_[at_])) ++at_;
    return text_.substr(first, at_ - first);
  }

  std::string_view take_until(char end) {
    return take_while([end](char c) { return c != end; });
  }

  void push(Token::Kind kind, std::string_view text) {
    stream_.tokens.push_back({kind, std::string(text), line_, offset_of(text)});
  }

  [[nodiscard]] std::size_t offset_of(std::string_view part) const {
    return static_cast<std::size_t>(part.data() - text_.data());
  }

  void line_comment() {
    at_ += 2;
    const bool behind = !stream_.tokens.empty() && stream_.tokens.back().line == line_;
    const std::string_view text = trimmed(take_until('\n'));
    stream_.comments.push_back({std::string(text), line_, behind, offset_of(text)});
  }

  void block_comment() {
    const std::size_t end = text_.find("*/", at_ + 2);
    if (end == std::string_view::npos) fail_at(file_, line_, "comment without end");
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    at_ = end + 2;
  }

  void string() {
    const std::size_t end = text_.find_first_of("\"\n", at_ + 1);
    if (end == std::string_view::npos || text_[end] == '\n') fail_at(file_, line_, "string without end");
    push(Token::Kind::string, text_.substr(at_, end + 1 - at_));
    at_ = end + 1;
  }

  /// `12`, `1_000`, `8'hff`, `2'b0x`.
  void number() {
    const std::size_t first = at_;
    take_while([](char c) { return is_digit(c) || c == '_'; });
    if (peek() == '\'') {
      ++at_;
      take_while([](char c) { return is_word(c) || c == '?'; });
    }
    push(Token::Kind::number, text_.substr(first, at_ - first));
  }

  void symbol() {
    static constexpr std::array<std::string_view, 14> kLong = {
        "<<<", ">>>", "===", "!==", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+:", "-:"};
    static constexpr std::string_view kShort = "()[]{}.,;:?=+-*/%&|^~!<>#@'";
    const auto starts = [&](std::string_view symbol) { return text_.substr(at_).starts_with(symbol); };
    const auto* const found = std::find_if(kLong.begin(), kLong.end(), starts);
    if (found == kLong.end() && kShort.find(peek()) == std::string_view::npos)
      fail_at(file_, line_, fmt::format("character '{}' is not part of Verilog", peek()));
    const std::size_t length = found != kLong.end() ? found->size() : 1;
    push(Token::Kind::symbol, text_.substr(at_, length));
    at_ += length;
  }

  std::string_view text_;
  std::string file_;
  std::size_t at_ = 0;
  int line_ = 1;
  TokenStream stream_;
};

}  // namespace

TokenStream tokenize(std::string_view text, const std::string& file) { return Lexer(text, file).run(); }

}  // namespace msq::leaves
