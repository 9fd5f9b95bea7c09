#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace msq::tests {

/// One way in which a random case is made smaller, as text "what:a:b". Which words there are is the subject's
/// affair (core_subject.cpp, accelerator_subject.cpp).
struct Step {
  std::string what;
  int a = 0;
  int b = 0;
  friend bool operator==(const Step&, const Step&) = default;
};

using Steps = std::vector<Step>;

/// "tile:2:0,stall:0:0"; the empty text is no steps.
[[nodiscard]] std::string to_text(const Steps& steps);
[[nodiscard]] std::optional<Steps> parse_steps(std::string_view text);

}  // namespace msq::tests
