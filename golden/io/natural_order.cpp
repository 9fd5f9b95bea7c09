#include "golden/io/natural_order.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>

namespace msq::golden {
namespace {

bool is_decimal_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the leading digits from `text`, without leading zeros. Numbers of any length are allowed.
std::string_view take_number(std::string_view& text) {
  const auto length =
      static_cast<std::size_t>(std::ranges::find_if_not(text, is_decimal_digit) - text.begin());
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() <=> b.size() : a <=> b;
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  std::string_view left = a;
  std::string_view right = b;
  while (!left.empty() && !right.empty()) {
    if (is_decimal_digit(left.front()) && is_decimal_digit(right.front())) {
      const auto order = compare_numbers(take_number(left), take_number(right));
      if (std::is_neq(order)) return std::is_lt(order);
      continue;
    }
    if (left.front() != right.front()) {
      return static_cast<unsigned char>(left.front()) < static_cast<unsigned char>(right.front());
    }
    left.remove_prefix(1);
    right.remove_prefix(1);
  }
  return left.empty() != right.empty() ? left.empty() : a < b;
}

}  // namespace msq::golden
