#pragma once

#include <string>
#include <string_view>

namespace msq::tests {

/// Findings of Verilator on a design, without the three lines on its own work ("- V e r i l a t i o n ...",
/// "- Verilator: Walltime ...") with which newer versions end even a clean lint.
inline std::string findings_of_lint(std::string_view output) {
  std::string findings;
  while (!output.empty()) {
    const std::size_t end = output.find('\n');
    const std::string_view line = output.substr(0, end);
    if (!line.starts_with("- V e r i l a t i o n ") && !line.starts_with("- Verilator: "))
      findings += output.substr(0, end == std::string_view::npos ? end : end + 1);
    output.remove_prefix(end == std::string_view::npos ? output.size() : end + 1);
  }
  return findings;
}

}  // namespace msq::tests
