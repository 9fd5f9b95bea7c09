#include "tests/coverage/coverage_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/coverage/cover_points.hpp"

namespace msq::tests {
namespace {

/// The design whose leaves check parameters and protocols (rtl/common/msq_assert.vh), except where Yosys
/// reads them.
Design with_assertions(Design design) {
  std::ifstream file(MSQ_ASSERTIONS);
  const std::string macros(std::istreambuf_iterator<char>(file), {});
  const std::string include = "`include \"msq_assert.vh\"\n";
  for (DesignFile& leaf : design.leaves) {
    if (const auto at = leaf.text.find(include); at != std::string::npos) {
      leaf.text.replace(at, include.size(), macros);
      leaf.text.insert(0, "`ifndef SYNTHESIS\n`define MSQ_ASSERT\n`endif\n");
    }
  }
  return design;
}

}  // namespace

std::optional<std::filesystem::path> coverage_directory() {
  const char* directory = std::getenv("MSQ_COVERAGE");
  if (directory == nullptr || *directory == '\0') return std::nullopt;
  return directory;
}

Result<tb::ModelBuild> build_bench_model(const Design& design, tb::Flavour flavour) {
  // Cores only: tests of accelerators break the rules of AXI4-Lite on purpose.
  if (!coverage_directory()) {
    return tb::build_model(has_top(design) ? design : with_assertions(design), flavour,
                           tb::default_model_cache());
  }
  Design covered = design;
  if (!design.dimensions.baseline) add_cover_points(covered);
  return tb::build_model(covered, tb::Flavour::cover, tb::default_model_cache());
}

void save_coverage(const tb::Model& model, const Design& design) {
  const auto directory = coverage_directory();
  if (!directory) return;
  static int count = 0;
  std::filesystem::create_directories(*directory);
  const std::string name = fmt::format("{}-{}", design.config.name, design.top);
  const auto file = *directory / fmt::format("{}-{}-{}.dat", name, ::getpid(), count++);
  // For what is proven about the design itself, without the cover points.
  if (auto written = tb::write_design(design, *directory / "verilog" / name); !written)
    fmt::print(stderr, "{}\n", written.error());
  if (!model.write_coverage(file)) fmt::print(stderr, "{}: the model has no coverage\n", file.string());
}

}  // namespace msq::tests
