#include "synth/lef_def_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace msq::synth {
namespace {

constexpr double kLargest = 1e9;  ///< no chip is larger, and products of two such numbers fit 64 bits

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::string shown_word(std::string_view word) {
  constexpr std::size_t kShown = 40;
  std::string text(word.substr(0, kShown));
  for (char& c : text) {
    if (std::isprint(static_cast<unsigned char>(c)) == 0) c = '?';
  }
  return fmt::format("\"{}{}\"", text, word.size() > kShown ? "..." : "");
}

std::size_t LefDefScanner::start_of_word() const {
  std::size_t at = position_;
  while (at < text_.size()) {
    if (is_space(text_[at])) {
      ++at;
    } else if (text_[at] == '#') {
      at = std::min(text_.find('\n', at), text_.size());
    } else {
      return at;
    }
  }
  return at;
}

std::string_view LefDefScanner::peek() const {
  LefDefScanner ahead = *this;
  return ahead.next();
}

std::string_view LefDefScanner::next() {
  const std::size_t start = start_of_word();
  std::size_t end = start;
  if (start < text_.size() && text_[start] == '"') {  // a string may hold blanks
    end = text_.find('"', start + 1);
    if (end == std::string_view::npos) {
      last_ = start;
      fail("string is not closed");
    }
    ++end;
  } else {
    while (end < text_.size() && !is_space(text_[end])) ++end;
  }
  last_ = start;
  position_ = end;
  return text_.substr(start, end - start);
}

std::string_view LefDefScanner::word(std::string_view what) {
  const std::string_view found = next();
  if (found.empty()) fail(fmt::format("file ends where {} is expected", what));
  return found;
}

void LefDefScanner::expect(std::string_view expected) {
  const std::string_view found = word(fmt::format("\"{}\"", expected));
  if (found != expected) fail(fmt::format("found {}; allowed: \"{}\"", shown_word(found), expected));
}

double LefDefScanner::number() {
  const std::string_view found = word("a number");
  double value = 0;
  const auto [end, code] = std::from_chars(found.data(), found.data() + found.size(), value);
  const bool whole = code == std::errc() && end == found.data() + found.size();
  if (!whole || !std::isfinite(value) || std::abs(value) > kLargest)
    fail(fmt::format("found {}; allowed: a number, at most 1e9", shown_word(found)));
  return value;
}

std::int64_t LefDefScanner::integer() {
  const double value = number();
  if (value != std::floor(value)) fail(fmt::format("found {}; allowed: a whole number", value));
  return static_cast<std::int64_t>(value);
}

void LefDefScanner::skip_statement() {
  while (word("\";\"") != ";") {
  }
}

void LefDefScanner::skip_section(std::string_view name) {
  const std::string what = fmt::format("\"END\" of {}", shown_word(name));
  while (true) {
    if (word(what) == "END" && peek() == name) break;
  }
  next();
}

void LefDefScanner::fail(const std::string& message) const {
  const std::string_view before = text_.substr(0, std::min(last_, text_.size()));
  throw LefDefError(1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')), message);
}

}  // namespace msq::synth
