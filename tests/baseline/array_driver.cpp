#include "tests/baseline/array_driver.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "gen/config/validate.hpp"
#include "tests/coverage/coverage_run.hpp"

namespace msq::tests {
namespace {

template <class T, class E>
T value_or_abort(tl::expected<T, E> result) {
  if (!result) {
    fmt::print(stderr, "{}\n", result.error());
    std::abort();
  }
  return std::move(*result);
}

tb::Model build(const Design& design, unsigned seed) {
  if (auto valid = validate(design.config); !valid) {
    fmt::print(stderr, "{}\n", valid.error());
    std::abort();
  }
  const auto build = value_or_abort(build_bench_model(design, tb::Flavour::check));
  return value_or_abort(tb::Model::open(build.library, seed));
}

}  // namespace

BaselineArray::BaselineArray(const BaselineSpec& spec, unsigned seed)
    : design_(build_baseline(spec)), model_(build(design_, seed)), random_(seed) {}

BaselineArray::~BaselineArray() { save_coverage(model_, design_); }

Result<std::vector<Words>> BaselineArray::run(const std::vector<BaselineTile>& tiles, double stall) {
  auto run = tb::run_baseline(model_, design_.dimensions, tiles, random_, {.stall = stall});
  if (!run) return Error(run.error());
  return std::move(run->sums);
}

}  // namespace msq::tests
