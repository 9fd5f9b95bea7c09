#include "tests/soak/edit.hpp"

namespace msq::tests {

bool edit_design(Design& design, std::string_view edit) {
  const std::size_t first = edit.find('|');
  const std::size_t second = first == std::string_view::npos ? first : edit.find('|', first + 1);
  if (second == std::string_view::npos) return false;
  const std::string file = std::string(edit.substr(0, first)) + ".v";
  const std::string_view from = edit.substr(first + 1, second - first - 1);
  const std::string_view to = edit.substr(second + 1);
  if (from.empty()) return false;
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
  return changed;
}

}  // namespace msq::tests
