#include "synth/liberty_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace msq::synth {
namespace {

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
}

/// Without blanks around it and without the quotes around what remains.
std::string_view bare(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

std::string shown(char c) {
  const auto code = static_cast<unsigned char>(c);
  return std::isprint(code) != 0 ? fmt::format("'{}'", c) : fmt::format("byte 0x{:02x}", code);
}

}  // namespace

std::size_t LibertyScanner::line(std::size_t position) const {
  const std::string_view before = text_.substr(0, std::min(position, text_.size()));
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

void LibertyScanner::skip_blank(bool semicolons) {
  while (position_ < text_.size()) {
    const char c = text_[position_];
    if (is_blank(c) || c == '\\' || (semicolons && c == ';')) {
      ++position_;
    } else if (text_.compare(position_, 2, "/*") == 0) {
      const std::size_t end = text_.find("*/", position_ + 2);
      if (end == std::string_view::npos) throw LibertySyntaxError(position_, "comment is not closed");
      position_ = end + 2;
    } else if (text_.compare(position_, 2, "//") == 0) {
      position_ = std::min(text_.find('\n', position_), text_.size());
    } else {
      return;
    }
  }
}

std::string_view LibertyScanner::string_at_position() {
  const std::size_t start = position_;
  std::size_t end = start;
  do {
    end = text_.find('"', end + 1);
    if (end == std::string_view::npos) throw LibertySyntaxError(start, "string is not closed");
  } while (text_[end - 1] == '\\');
  position_ = end + 1;
  return text_.substr(start, position_ - start);
}

std::string_view LibertyScanner::simple_value() {
  const std::size_t start = position_;
  while (position_ < text_.size()) {
    const char c = text_[position_];
    if (c == '"') {
      string_at_position();
    } else if (c == '\\' && position_ + 1 < text_.size()) {
      position_ += 2;  // the value goes on in the next line
    } else if (c == ';' || c == '\n' || c == '}' || text_.compare(position_, 2, "/*") == 0) {
      break;
    } else {
      ++position_;
    }
  }
  return bare(text_.substr(start, position_ - start));
}

std::string_view LibertyScanner::arguments() {
  const std::size_t open = position_++;
  while (position_ < text_.size() && text_[position_] != ')') {
    const char c = text_[position_];
    if (c == '"') {
      string_at_position();
    } else if (c == '{' || c == '}' || c == ';') {
      break;
    } else {
      ++position_;
    }
  }
  if (position_ == text_.size() || text_[position_] != ')')
    throw LibertySyntaxError(open, "'(' is not closed");
  return bare(text_.substr(open + 1, position_++ - open - 1));
}

LibertyStatement LibertyScanner::next() {
  skip_blank(true);
  LibertyStatement statement{.position = position_};
  if (position_ == text_.size()) return statement;
  if (text_[position_] == '}') {
    ++position_;
    statement.kind = LibertyStatement::Kind::kEndOfGroup;
    return statement;
  }
  while (position_ < text_.size() && is_name(text_[position_])) ++position_;
  statement.name = text_.substr(statement.position, position_ - statement.position);
  if (statement.name.empty()) {
    throw LibertySyntaxError(
        position_, fmt::format("expected an attribute or group, found {}", shown(text_[position_])));
  }
  skip_blank(false);
  const char c = position_ < text_.size() ? text_[position_] : '\0';
  if (c == ':' || c == '=') {
    ++position_;
    statement.kind = LibertyStatement::Kind::kSimple;
    statement.value = simple_value();
    return statement;
  }
  if (c != '(') {
    throw LibertySyntaxError(position_, fmt::format("expected ':' or '(' after \"{}\"", statement.name));
  }
  statement.value = arguments();
  skip_blank(false);
  statement.kind = LibertyStatement::Kind::kComplex;
  if (position_ < text_.size() && text_[position_] == '{') {
    ++position_;
    statement.kind = LibertyStatement::Kind::kGroup;
  }
  return statement;
}

void LibertyScanner::skip_group(const LibertyStatement& group) {
  // Nearly all of a large library goes through this loop, so it looks at no more than it must.
  int depth = 1;
  while (position_ < text_.size()) {
    switch (text_[position_]) {
      case '"':
        string_at_position();
        continue;
      case '/':
        if (const auto two = text_.substr(position_, 2); two == "/*" || two == "//") {
          skip_blank(false);
          continue;
        }
        break;
      case '{':
        ++depth;
        break;
      case '}':
        if (--depth == 0) {
          ++position_;
          return;
        }
        break;
      default:
        break;
    }
    ++position_;
  }
  throw LibertySyntaxError(position_, fmt::format("file ends inside {} ({}), which opened in line {}",
                                                  group.name, group.value, line(group.position)));
}

}  // namespace msq::synth
