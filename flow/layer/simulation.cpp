#include "flow/layer/simulation.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>
#include <vector>

#include "flow/layer/trace_file.hpp"
#include "golden/io/atomic_file.hpp"
#include "support/interrupt.hpp"
#include "support/process.hpp"
#include "support/progress.hpp"
#include "tb/host/operands.hpp"
#include "tb/sim/build_model.hpp"
#include "tb/sim/gtkwave.hpp"

namespace msq::flow {
namespace fs = std::filesystem;
namespace {

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

Result<> write_signals(const Design& design, const fs::path& trace) {
  return golden::write_file_atomically(signal_list_file(trace), tb::gtkwave_signals(design, trace));
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
  MSQ_TRY(const tb::ModelBuild model, compile_model(design, tb::Flavour::check));
  Progress progress(
      fmt::format("simulating the layer on {} at {} bits", design.config.name, weights.format.bits));
  tb::LayerRunOptions with_progress = options;
  with_progress.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
  auto result = tb::run_layer(design, tb::models_of(model.library), weights, activations, with_progress);
  if (!result) return Error(fmt::format("{}: {}", weights_source, result.error()));
  return Simulation{.result = std::move(*result),
                    .options = options,
                    .bits = weights.format.bits,
                    .m = activations.m,
                    .k = weights.k,
                    .n = weights.n,
                    .model_reused = model.reused,
                    .model_seconds = model.seconds,
                    .seconds = progress.seconds()};
}

Result<std::uint64_t> record_trace(const Design& design, const golden::QuantizedTensor& weights,
                                   const golden::QuantizedActivations& activations,
                                   const tb::LayerRunOptions& options, const tb::TraceWindow& window) {
  MSQ_TRY(const tb::ModelBuild model, compile_model(design, tb::Flavour::trace));
  const TraceFile file(window.file);
  tb::TraceWindow beside = window;
  beside.file = file.temporary();
  MSQ_TRY(const std::uint64_t cycles,
          tb::trace_layer(design, tb::models_of(model.library), weights, activations, options, beside));
  MSQ_CHECK(file.keep());
  MSQ_CHECK(write_signals(design, window.file));
  return cycles;
}

Result<SimulationFindings> simulate_layer(const Config& config, const LayerOperands& operands,
                                          const SimulationRequest& request) {
  if (request.trace) MSQ_CHECK(TraceFile::check(request.trace->file));
  const Design design = build_design(config);
  MSQ_TRY(Simulation simulation,
          simulate(design, operands.weights, operands.weights_source, operands.activations, request.run));
  SimulationFindings findings{config, operands.weights_source, operands.activations_source,
                              std::move(simulation), std::nullopt};
  if (request.trace) {
    MSQ_TRY(const std::uint64_t cycles,
            record_trace(design, operands.weights, operands.activations, request.run, *request.trace));
    findings.trace = RecordedTrace{*request.trace, cycles};
  }
  findings.tools = tool_versions({Tool::verilator});
  return findings;
}

}  // namespace msq::flow
