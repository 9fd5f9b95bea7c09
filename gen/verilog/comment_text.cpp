#include "gen/verilog/comment_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>

namespace msq::verilog::detail {

namespace {

bool is_directive(std::string_view word) {
  static constexpr std::array<std::string_view, 5> kWords = {"synopsys", "synthesis", "pragma", "ambit",
                                                             "cadence"};
  return word.starts_with("verilator") || std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// Words, those that tools obey joined to the one before so that no line starts with them.
std::vector<std::string> pieces_of(const std::string& line) {
  std::vector<std::string> pieces;
  for (const std::string& word : words_of(line)) {
    if (is_directive(word) && !pieces.empty()) {
      pieces.back() += " " + word;
    } else {
      pieces.push_back(word);
    }
  }
  return pieces;
}

std::vector<std::string> wrap_line(const std::string& line, std::size_t width) {
  std::vector<std::string> lines(1);
  for (const std::string& piece : pieces_of(line)) {
    std::string& last = lines.back();
    if (last.empty()) {
      last = piece;
    } else if (last.size() + 1 + piece.size() <= width) {
      last += " " + piece;
    } else {
      lines.push_back(piece);
    }
  }
  return lines;
}

}  // namespace

void require_plain_comment(const std::string& text) {
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    const std::vector<std::string> words = words_of(line);
    if (!words.empty() && is_directive(words.front())) {
      throw std::logic_error(fmt::format("comment \"{}\" starts with a word that tools obey", line));
    }
  }
}

std::vector<std::string> wrap(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    for (std::string& part : wrap_line(line, width)) lines.push_back(std::move(part));
  }
  return lines;
}

}  // namespace msq::verilog::detail
