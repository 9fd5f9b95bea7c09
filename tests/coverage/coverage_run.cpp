#include "tests/coverage/coverage_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tests/coverage/cover_points.hpp"

namespace msq::tests {
std::optional<std::filesystem::path> coverage_directory() {
  const char* directory = std::getenv("MSQ_COVERAGE");
  if (directory == nullptr || *directory == '\0') return std::nullopt;
  return directory;
}

Result<tb::ModelBuild> build_bench_model(const Design& design, tb::Flavour flavour) {
  if (!coverage_directory()) return tb::build_model(design, flavour, tb::default_model_cache());
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
  // For proofs about the design itself, without the cover points.
  if (auto written = tb::write_design(design, *directory / "verilog" / name); !written)
    fmt::print(stderr, "{}\n", written.error());
  if (!model.write_coverage(file)) fmt::print(stderr, "{}: the model has no coverage\n", file.string());
}

}  // namespace msq::tests
