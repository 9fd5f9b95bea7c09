#include "gen/verilog/check.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "gen/verilog/design.hpp"

namespace msq::verilog {

std::string Diagnostic::text() const {
  std::string bits;
  if (width == 1) bits = fmt::format("[{}]", lsb);
  if (width > 1) bits = fmt::format("[{}:{}]", lsb + width - 1, lsb);
  return fmt::format("{}: {}{}: {}", module, net, bits, reason);
}

std::vector<Diagnostic> check(const Module& module) {
  detail::Report report(module.name());
  detail::check_names(module, report);
  const detail::Design design = detail::resolve(module, report);
  detail::check_bits(design, report);
  detail::check_loops(design, report);
  return report.finish();
}

void require_clean(const Module& module) {
  const std::vector<Diagnostic> diagnostics = check(module);
  if (diagnostics.empty()) return;
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += '\n';
    text += diagnostic.text();
  }
  throw std::logic_error(text);
}

}  // namespace msq::verilog
