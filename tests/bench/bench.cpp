// Speed of generation, Verilator builds, simulation and quantization. Machines are noisy: compare figures of
// one run only.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <random>

#include "gen/arch/paths/path.hpp"
#include "gen/config/load.hpp"
#include "golden/exec/plan.hpp"
#include "golden/quantize/quantizer.hpp"
#include "tb/host/array_sizes.hpp"
#include "tests/system/core_fixture.hpp"
#include "tests/system/random_gemm.hpp"

namespace msq::tests {
namespace {

Config square(std::int64_t size, const char* path) {
  const auto json = fmt::format(
      R"({{"rows": {0}, "cols": {0}, "outlier_path": "{1}", "name": "bench{0}{1}"}})", size, path);
  return parse_config(json, "bench").value();
}

void generate(benchmark::State& state) {
  const Config config = square(state.range(0), "inline");
  for (auto _ : state) benchmark::DoNotOptimize(build_design(config));
}
BENCHMARK(generate)->Arg(8)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond);

/// A Verilator build from nothing; with a warm ccache only Verilator's own time remains.
void verilate(benchmark::State& state) {
  const Design design = build_design(square(state.range(0), "inline"));
  const auto cache = std::filesystem::temp_directory_path() / fmt::format("msq-bench-{}", ::getpid());
  for (auto _ : state) {
    const auto built = tb::build_model(design, tb::Flavour::fast, cache);
    if (!built) state.SkipWithError(built.error().c_str());
    std::filesystem::remove_all(cache);
  }
}
BENCHMARK(verilate)->Arg(8)->Arg(16)->Arg(64)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

/// A tile of a layer with heavy tails (Student's t, 5 degrees of freedom), quantized as `run` does.
golden::Tile heavy_tailed_tile(const Config& config) {
  golden::QuantizerOptions options;
  options.bits = config.modes.front();
  options.micro_block = config.micro_block;
  options.outliers_per_block = arch::path_of(config.outlier_path).most_outliers(config);
  const int columns = options.bits == 2 ? 2 * config.cols : config.cols;
  std::mt19937 random(1);
  std::student_t_distribution<float> heavy(5);
  std::vector<float> w(static_cast<std::size_t>(config.rows * columns));
  for (float& value : w) value = 0.05F * heavy(random);
  const auto tensor = golden::quantize(w, config.rows, columns, options).value().tensor;
  return golden::extract_tile(tensor, 0, 0, config.rows, columns);
}

enum class TileKind { heavy_tailed, corners };

/// A tile as the packer maps it; on path inline with a second one for outliers without a unit.
std::vector<tb::TileJob> jobs_of(const Core& core, const golden::Tile& tile, RandomGemm& random) {
  const int tokens = 256;
  std::vector<golden::PlannedTile> plan;
  const auto sizes = tb::core_sizes(core.design.dimensions);
  golden::plan_tile(*sizes.planner, {{golden::outlier_lanes(tile), golden::sum_groups(tile, sizes.sums)}, {}},
                    0, tokens, plan);
  std::vector<tb::TileJob> jobs;
  for (const golden::PlannedTile& part : plan) {
    jobs.push_back(tb::make_job(golden::weights_of(tile, part), golden::schedule_of(part), tokens,
                                random.activations(tile, tokens)));
  }
  return jobs;
}

/// Clock cycles of a busy array, through the model alone; counts PE-cycles. Corner tiles are those of the
/// random tests: most of their rows hold outliers.
void simulate(benchmark::State& state, const char* path, TileKind kind) {
  Core core(square(state.range(0), path), 1, tb::Flavour::fast);
  RandomGemm random(core.config, 1);
  const golden::Tile tile = kind == TileKind::corners ? random.tile() : heavy_tailed_tile(core.config);
  const std::vector<tb::TileJob> jobs = jobs_of(core, tile, random);
  std::uint64_t cycles = 0;
  for (auto _ : state) {
    const auto result = core.driver.run(jobs);
    if (!result) state.SkipWithError(result.error().c_str());
    cycles += result->cycles;
  }
  const auto pe_cycles = static_cast<double>(cycles) * static_cast<double>(state.range(0) * state.range(0));
  state.counters["PE-cycles/s"] = benchmark::Counter(pe_cycles, benchmark::Counter::kIsRate);
  state.counters["cycles/s"] = benchmark::Counter(static_cast<double>(cycles), benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(simulate, inline_heavy_tailed, "inline", TileKind::heavy_tailed)
    ->Arg(8)
    ->Arg(16)
    ->Arg(64)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(simulate, recon_heavy_tailed, "recon", TileKind::heavy_tailed)
    ->Arg(8)
    ->Arg(16)
    ->Arg(64)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(simulate, recon_corners, "recon", TileKind::corners)
    ->Arg(8)
    ->Arg(16)
    ->Arg(64)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(simulate, none, "none", TileKind::heavy_tailed)
    ->Arg(8)
    ->Arg(16)
    ->Arg(64)
    ->Unit(benchmark::kMillisecond);

/// The settings of docs/results/accuracy.md with the least error.
golden::QuantizerOptions best_full_range(int bits) {
  golden::QuantizerOptions options;
  options.bits = bits;
  options.encoding = golden::Encoding::full_range;
  options.outliers_per_block = 1;
  options.shift_bits = 4;
  options.identifier_group = 8;
  options.outlier_rule = golden::OutlierRule::error;
  options.activation_order = true;
  options.weigh_scales = true;
  options.sweeps = 1;
  return options;
}

void quantize_layer(benchmark::State& state) {
  std::mt19937 random(1);
  std::student_t_distribution<float> heavy(5);
  std::vector<float> w(384 * 1536);
  for (float& value : w) value = 0.05F * heavy(random);
  golden::QuantizerOptions options;
  options.bits = static_cast<int>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(golden::quantize(w, 384, 1536, options));
}
BENCHMARK(quantize_layer)->Arg(2)->Arg(4)->Unit(benchmark::kMillisecond);

/// Largest resident size so far, in bytes.
double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

/// Compensated quantization of a square layer on all cores, its Hessian already accumulated. "memory" is the
/// peak above what the layer's weights and Hessian take before, relative to the weights (of the largest layer
/// so far: run one size alone, with --benchmark_filter).
void quantize_compensated(benchmark::State& state, golden::QuantizerOptions options) {
  const std::int64_t size = state.range(0);
  std::mt19937 random(1);
  std::student_t_distribution<float> heavy(5);
  std::vector<float> w(static_cast<std::size_t>(size * size));
  for (float& value : w) value = 0.05F * heavy(random);
  golden::Hessian hessian(size);
  std::normal_distribution<float> normal;
  std::vector<float> x(static_cast<std::size_t>(256 * size));
  for (float& value : x) value = normal(random);
  if (!hessian.add(x)) state.SkipWithError("Hessian");
  const double before = peak_memory();
  for (auto _ : state) benchmark::DoNotOptimize(golden::quantize(w, size, size, options, std::move(hessian)));
  state.counters["memory"] = (peak_memory() - before) / static_cast<double>(w.size() * sizeof(float));
}
BENCHMARK_CAPTURE(quantize_compensated, paper2, golden::QuantizerOptions{.bits = 2})
    ->Arg(1024)
    ->Arg(4096)
    ->Unit(benchmark::kSecond)
    ->UseRealTime()
    ->Iterations(1);
BENCHMARK_CAPTURE(quantize_compensated, full_range2_best, best_full_range(2))
    ->Arg(1024)
    ->Arg(4096)
    ->Unit(benchmark::kSecond)
    ->UseRealTime()
    ->Iterations(1);

}  // namespace
}  // namespace msq::tests
