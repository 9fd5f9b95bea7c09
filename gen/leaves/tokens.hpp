#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace msq::leaves {

/// Word of Verilog: identifier (`ROWS`, `$clog2`), number (`12`, `8'hff`), directive or macro (`` `include
/// ``), string, or operator.
struct Token {
  enum class Kind { identifier, number, directive, string, symbol };
  Kind kind = Kind::symbol;
  std::string text;
  int line = 0;            ///< from 1
  std::size_t offset = 0;  ///< of the first byte
};

/// Line comment.
struct Comment {
  std::string text;  ///< without `//` and blanks around
  int line = 0;
  bool behind_code = false;  ///< tokens precede it on its line
  std::size_t offset = 0;    ///< of the first byte of its text
};

struct TokenStream {
  std::vector<Token> tokens;
  std::vector<Comment> comments;
};

/// Splits Verilog text. Block comments are dropped. \throws std::logic_error `<file>:<line>: ..` on a
/// character or an unfinished string or comment that the language does not have.
[[nodiscard]] TokenStream tokenize(std::string_view text, const std::string& file);

/// Whether a character may be part of an identifier: a letter, digit, `_` or `$`.
[[nodiscard]] bool is_word(char c);

/// `<file>:<line>: what` as std::logic_error.
[[noreturn]] void fail_at(const std::string& file, int line, const std::string& what);

}  // namespace msq::leaves
