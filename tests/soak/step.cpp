#include "tests/soak/step.hpp"

#include <fmt/format.h>

#include <charconv>

namespace msq::tests {
namespace {

std::optional<int> parse_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::string_view take(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return head;
}

}  // namespace

std::string to_text(const Steps& steps) {
  std::string text;
  for (const Step& step : steps) {
    if (!text.empty()) text += ',';
    text += fmt::format("{}:{}:{}", step.what, step.a, step.b);
  }
  return text;
}

std::optional<Steps> parse_steps(std::string_view text) {
  Steps steps;
  while (!text.empty()) {
    std::string_view one = take(text, ',');
    const std::string_view what = take(one, ':');
    const auto a = parse_number(take(one, ':'));
    const auto b = parse_number(one);
    if (what.empty() || !a || !b) return std::nullopt;
    steps.push_back({std::string(what), *a, *b});
  }
  return steps;
}

}  // namespace msq::tests
