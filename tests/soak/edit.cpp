#include "tests/soak/edit.hpp"

namespace msq::tests {

bool edit_design(Design& design, std::string_view edit) {
  constexpr std::string_view kColon = ": ";
  constexpr std::string_view kArrow = " => ";
  const std::size_t colon = edit.find(kColon);
  const std::size_t arrow = edit.find(kArrow);
  if (colon == std::string_view::npos || arrow == std::string_view::npos || arrow <= colon + kColon.size())
    return false;
  const std::string file = std::string(edit.substr(0, colon)) + ".v";
  const std::string_view from = edit.substr(colon + kColon.size(), arrow - colon - kColon.size());
  const std::string_view to = edit.substr(arrow + kArrow.size());
  bool changed = false;
  for (auto* files : {&design.generated, &design.leaves}) {
    for (DesignFile& f : *files) {
      if (f.name != file) continue;
      for (std::size_t at = f.text.find(from); at != std::string::npos;
           at = f.text.find(from, at + to.size())) {
        f.text.replace(at, from.size(), to);
        changed = true;
      }
    }
  }
  // An edit is found by outputs and shrunk: a check in a leaf would end the process.
  if (changed) design.assertions.text = "`undef MSQ_ASSERT\n";
  return changed;
}

}  // namespace msq::tests
