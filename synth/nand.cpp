#include "synth/nand.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string>

namespace msq::synth {
namespace {

/// Evaluates a function of at most two pins to its truth table, one bit for each of the four input pairs.
class TruthTable {
 public:
  explicit TruthTable(std::string_view text) : text_(text) {}

  bool evaluate(unsigned& table) {
    table = disjunction();
    skip_blanks();
    return valid_ && position_ == text_.size() && pin_count_ == pins_.size();
  }

 private:
  static constexpr unsigned kAll = 0b1111;
  static constexpr std::array<unsigned, 2> kPin{0b1010, 0b1100};
  static constexpr int kDeepest = 50;  // a corrupt file must not exhaust the stack

  unsigned disjunction() {
    unsigned value = conjunction();
    while (accept('|') || accept('+')) value |= conjunction();
    return value;
  }

  unsigned conjunction() {
    unsigned value = exclusive();
    // Two operands side by side are ANDed.
    while (accept('&') || accept('*') || at_operand()) value &= exclusive();
    return value;
  }

  unsigned exclusive() {
    unsigned value = factor();
    while (accept('^')) value ^= factor();
    return value;
  }

  unsigned factor() {
    if (++depth_ > kDeepest) valid_ = false;
    unsigned value = 0;
    if (!valid_) return value;
    if (accept('!')) {
      value = ~factor() & kAll;
    } else if (accept('(')) {
      value = disjunction();
      if (!accept(')')) valid_ = false;
    } else {
      value = pin();
    }
    while (accept('\'')) value = ~value & kAll;
    --depth_;
    return value;
  }

  unsigned pin() {
    skip_blanks();
    const std::size_t start = position_;
    while (position_ < text_.size() && is_name(text_[position_])) ++position_;
    const std::string_view name = text_.substr(start, position_ - start);
    if (name == "0") return 0;
    if (name == "1") return kAll;
    for (std::size_t i = 0; i < pin_count_; ++i) {
      if (pins_[i] == name) return kPin[i];
    }
    if (name.empty() || pin_count_ == pins_.size()) {
      valid_ = false;
      return 0;
    }
    pins_[pin_count_] = name;
    return kPin[pin_count_++];
  }

  static bool is_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '[' || c == ']';
  }

  void skip_blanks() {
    while (position_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[position_])) != 0)
      ++position_;
  }

  bool accept(char c) {
    skip_blanks();
    if (!valid_ || position_ == text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  bool at_operand() {
    skip_blanks();
    if (!valid_ || position_ == text_.size()) return false;
    const char c = text_[position_];
    return c == '!' || c == '(' || is_name(c);
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::array<std::string_view, 2> pins_{};
  std::size_t pin_count_ = 0;
  int depth_ = 0;
  bool valid_ = true;
};

}  // namespace

bool is_nand2_function(std::string_view function) {
  constexpr unsigned kNand = 0b0111;
  unsigned table = 0;
  return TruthTable(function).evaluate(table) && table == kNand;
}

bool is_nand2_name(std::string_view cell) {
  std::string name(cell);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  const std::size_t found = name.find("nand2");
  if (found == std::string::npos) return false;
  const std::string rest = name.substr(found + 5);
  // The rest may be a drive strength (X1, _X1, _1, xp33), but not a letter for inverted inputs
  // (NAND2BX1).
  return rest.empty() || rest[0] == '_' || rest[0] == 'x';
}

}  // namespace msq::synth
