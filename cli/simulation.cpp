#include "cli/simulation.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/text.hpp"
#include "gen/config/serialize.hpp"
#include "golden/io/atomic_file.hpp"
#include "support/interrupt.hpp"
#include "support/process.hpp"
#include "support/progress.hpp"
#include "tb/host/operands.hpp"
#include "tb/sim/build_model.hpp"
#include "tb/sim/gtkwave.hpp"

namespace msq::cli {
namespace fs = std::filesystem;
namespace {

/// Cycles that a trace shows before and after a mismatch.
constexpr std::uint64_t kTraceBefore = 100;
constexpr std::uint64_t kTraceCycles = 120;
/// Tiles that the core may have begun to load when it still computes another one.
constexpr std::int64_t kTilesAhead = 4;

/// Removes what an interrupted build leaves in the model cache: its directories are named by our process.
void remove_unfinished_models(const fs::path& cache) {
  const std::string ending = fmt::format(".tmp{}", ::getpid());
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(cache, error)) {
    if (entry.path().extension() == ending) fs::remove_all(entry.path(), error);
  }
}

}  // namespace

Result<tb::ModelBuild> compile_model(const Design& design, tb::Flavour flavour) {
  // Asked here, before anything is written.
  if (!on_path("verilator")) return Error(missing_program_message("verilator"));
  const fs::path cache = fs::absolute(tb::default_model_cache());
  const Cleanup cleanup([cache] { remove_unfinished_models(cache); });
  const Progress progress(fmt::format("compiling the {} {} with Verilator", design.config.name,
                                      has_top(design) ? "accelerator" : "core"));
  return tb::build_model(design, flavour, cache);
}

double output_error(const golden::Matrix& activations, const golden::Matrix& weights,
                    const golden::GemmResult& outputs) {
  double difference = 0;
  double norm = 0;
  std::vector<double> row(static_cast<std::size_t>(weights.columns));
  for (std::int64_t m = 0; m < activations.rows; ++m) {
    std::fill(row.begin(), row.end(), 0.0);
    for (std::int64_t k = 0; k < weights.rows; ++k) {
      const double x = activations.values[static_cast<std::size_t>(m * activations.columns + k)];
      const float* w = &weights.values[static_cast<std::size_t>(k * weights.columns)];
      for (std::size_t n = 0; n < row.size(); ++n) row[n] += x * w[n];
    }
    for (std::int64_t n = 0; n < weights.columns; ++n) {
      const double exact = row[static_cast<std::size_t>(n)];
      const double y = std::ldexp(static_cast<double>(outputs.at(m, n)), outputs.exponent(m, n));
      difference += (exact - y) * (exact - y);
      norm += exact * exact;
    }
  }
  return norm == 0 ? 0 : std::sqrt(difference / norm);
}

Result<Simulation> simulate(const Design& design, const golden::QuantizedTensor& weights,
                            const std::string& weights_source,
                            const golden::QuantizedActivations& activations,
                            const tb::LayerRunOptions& options) {
  if (auto fits = tb::check_operands(design.config, weights, activations); !fits) {
    return Error(fmt::format("{}: {}", weights_source, fits.error()));
  }
  const auto model = compile_model(design, tb::Flavour::check);
  if (!model) return Error(model.error());
  Progress progress(
      fmt::format("simulating the layer on {} at {} bits", design.config.name, weights.format.bits));
  tb::LayerRunOptions with_progress = options;
  with_progress.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
  auto result = tb::run_layer(design, model->library, weights, activations, with_progress);
  if (!result) return Error(fmt::format("{}: {}", weights_source, result.error()));
  return Simulation{.result = std::move(*result),
                    .options = options,
                    .bits = weights.format.bits,
                    .m = activations.m,
                    .k = weights.k,
                    .n = weights.n,
                    .model_reused = model->reused,
                    .model_seconds = model->seconds,
                    .seconds = progress.seconds()};
}

Result<std::uint64_t> record_trace(const Design& design, const golden::QuantizedTensor& weights,
                                   const golden::QuantizedActivations& activations,
                                   const tb::LayerRunOptions& options, const tb::TraceWindow& window) {
  std::error_code error;
  const fs::path directory = fs::absolute(window.file).parent_path();
  if (!fs::is_directory(directory, error)) {
    return Error(fmt::format("{}: cannot write: no such directory", window.file.string()));
  }
  const auto model = compile_model(design, tb::Flavour::trace);
  if (!model) return Error(model.error());
  tb::TraceWindow beside = window;
  beside.file = directory / fmt::format(".{}.{}.tmp", window.file.filename().string(), ::getpid());
  const auto remove = [&beside] {
    std::error_code ignored;
    fs::remove(beside.file, ignored);
  };
  const Cleanup cleanup(remove);
  auto cycles = tb::trace_layer(design, model->library, weights, activations, options, beside);
  if (cycles) {
    fs::rename(beside.file, window.file, error);
    if (error) cycles = Error(fmt::format("{}: cannot write: {}", window.file.string(), error.message()));
    const fs::path signals = window.file.string() + ".gtkw";
    if (auto written = golden::write_file_atomically(signals, tb::gtkwave_signals(design, window.file));
        !written)
      cycles = Error(written.error());
  }
  if (!cycles) remove();
  return cycles;
}

std::string failure_text(const Simulation& s, const Config& config, const std::string& command) {
  const tb::LayerRunResult& r = s.result;
  if (r.ok()) return {};
  std::string text = fmt::format(
      "CHECK FAILED: configuration {} (hash {}), {} bits, seed {}: {} of {} partial sums and {} of {} "
      "outputs "
      "differ, protocol errors {:#x}, errors counted {}\n",
      config.name, config_hash(config), s.bits, s.options.seed, r.partial_sums_mismatched,
      r.partial_sums_compared, r.outputs_mismatched, r.outputs_compared, r.protocol_errors, r.counter_errors);
  if (!r.first_mismatch) return text;
  const tb::LayerMismatch& at = *r.first_mismatch;
  text += fmt::format("  first: tile {} (weights from row {} on), token {}, column {}: expected {}, got {}\n",
                      at.tile, at.k0, at.token, at.column, at.expected, at.got);
  text += fmt::format(
      "  record it with:\n  {} --seed {} --first-tile {} --tiles {} --trace mismatch.fst --trace-from {} "
      "--trace-cycles {}\n",
      command, s.options.seed, at.chunk_tile,
      std::min<std::int64_t>(at.tile - at.chunk_tile + kTilesAhead, s.options.tiles_per_chunk),
      at.cycle - std::min(at.cycle, kTraceBefore), kTraceCycles);
  return text;
}

Json to_json(const Simulation& s) {
  const tb::LayerRunResult& r = s.result;
  Json json = {{"bits", s.bits},
               {"m", s.m},
               {"k", s.k},
               {"n", s.n},
               {"seed", s.options.seed},
               {"ok", r.ok()},
               {"outputs_compared", r.outputs_compared},
               {"outputs_mismatched", r.outputs_mismatched},
               {"partial_sums_compared", r.partial_sums_compared},
               {"partial_sums_mismatched", r.partial_sums_mismatched},
               {"protocol_errors", r.protocol_errors},
               {"counted_errors", r.counter_errors},
               {"tiles", r.tiles},
               {"cycles", r.cycles},
               {"utilization", r.utilization},
               {"mean_initiation_interval", r.mean_initiation_interval},
               {"recon_accesses", r.recon_accesses},
               {"recon_waits", r.recon_waits},
               {"model_seconds", s.model_seconds},
               {"model_reused", s.model_reused},
               {"seconds", s.seconds},
               {"first_mismatch", nullptr}};
  if (r.first_mismatch) {
    const tb::LayerMismatch& at = *r.first_mismatch;
    json["first_mismatch"] = {
        {"tile", at.tile},         {"k0", at.k0},   {"token", at.token},           {"column", at.column},
        {"expected", at.expected}, {"got", at.got}, {"first_tile", at.chunk_tile}, {"cycle", at.cycle}};
  }
  return json;
}

std::string to_text(const Simulation& s) {
  const tb::LayerRunResult& r = s.result;
  std::string text;
  if (r.outputs_compared > 0) {
    text += item("outputs",
                 fmt::format("{} of {} outputs bit-exact", grouped(r.outputs_compared - r.outputs_mismatched),
                             grouped(r.outputs_compared)));
  }
  text += item("partial sums",
               fmt::format("{} of {} bit-exact", grouped(r.partial_sums_compared - r.partial_sums_mismatched),
                           grouped(r.partial_sums_compared)));
  text += item("cycles",
               fmt::format("{} for {} tiles, utilization {}", grouped(static_cast<std::int64_t>(r.cycles)),
                           grouped(r.tiles), percent(r.utilization, 1)));
  text += item("initiation interval", fmt::format("{:.3f} cycles in the mean", r.mean_initiation_interval));
  if (r.recon_accesses > 0) {
    text += item("ReCoN accesses",
                 fmt::format("{}, {} waited", grouped(static_cast<std::int64_t>(r.recon_accesses)),
                             grouped(static_cast<std::int64_t>(r.recon_waits))));
  }
  text += item("protocol errors", fmt::format("{}", r.counter_errors));
  return text;
}

}  // namespace msq::cli
