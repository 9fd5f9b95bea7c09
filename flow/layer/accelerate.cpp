#include "flow/layer/accelerate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "flow/layer/packet_files.hpp"
#include "flow/layer/trace_file.hpp"
#include "gen/arch/design.hpp"
#include "model/timeline.hpp"
#include "support/progress.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

PacketComparison compare(const std::vector<tb::Packet>& got, const std::vector<tb::Packet>& expected) {
  PacketComparison c;
  for (std::size_t p = 0; p < expected.size(); ++p) {
    for (std::size_t w = 0; w < expected[p].words.size(); ++w) {
      ++c.words;
      const bool there = p < got.size() && w < got[p].words.size();
      if (there && got[p].words[w] == expected[p].words[w]) continue;
      if (c.differing++ == 0) {
        c.first = fmt::format("packet {}, word {}: expected {:#010x}, got {}", p, w, expected[p].words[w],
                              there ? fmt::format("{:#010x}", got[p].words[w]) : "nothing");
      }
    }
  }
  return c;
}

tb::AcceleratorTraffic traffic_of(const AcceleratorRequest& request) {
  return {{request.stalls, 1}, {request.stalls, 1}, {request.stalls, 1}};
}

Result<tb::Accelerator> open_accelerator(const Design& design, tb::Flavour flavour, unsigned seed) {
  MSQ_TRY(const tb::ModelBuild build, compile_model(design, flavour));
  MSQ_TRY(tb::Model model, tb::Model::open(build.library, seed));
  return tb::Accelerator(std::move(model), design, seed);
}

/// Records a window of the job's cycles. @return cycles recorded.
Result<std::uint64_t> record_job(const Design& design, const tb::AcceleratorJob& job,
                                 const AcceleratorRequest& request, const tb::TraceWindow& window) {
  MSQ_TRY(tb::Accelerator accelerator, open_accelerator(design, tb::Flavour::trace, request.seed));
  bool started = false;
  bool failed = false;
  std::uint64_t first = 0;
  accelerator.on_cycle = [&](const tb::Model& now) {
    if (started || failed || now.cycles() < window.from_cycle) return;
    started = accelerator.model().trace(window.file);
    failed = !started;
    first = now.cycles();
  };
  accelerator.run_cycles(job, window.from_cycle + window.cycles, traffic_of(request));
  if (!started) return Error(fmt::format("{}: cannot write the trace", window.file.string()));
  return accelerator.model().cycles() - first;
}

/// The same atomically, with its list of signals, for a job that ends in cycle `end`.
Result<std::uint64_t> trace_job(const Design& design, const tb::AcceleratorJob& job,
                                const AcceleratorRequest& request, std::uint64_t end) {
  tb::TraceWindow window = *request.trace;
  if (window.from_cycle >= end) {
    return Error(fmt::format("no trace: the job ends in cycle {}, before cycle {}", end, window.from_cycle));
  }
  const TraceFile file(window.file);
  window.file = file.temporary();
  window.cycles = std::min(window.cycles, end - window.from_cycle);
  MSQ_TRY(const std::uint64_t cycles, record_job(design, job, request, window));
  MSQ_CHECK(file.keep());
  MSQ_CHECK(write_signals(design, request.trace->file));
  return cycles;
}

/// Where packets may go. Error: those of PacketDirectory::open, or a packet is an input or the trace.
Result<PacketDirectory> open_packets(const AcceleratorRequest& request, const tb::AcceleratorJob& job) {
  MSQ_TRY(PacketDirectory packets, PacketDirectory::open(request.packets, job));
  for (const fs::path& input : request.inputs) MSQ_CHECK(packets.check_apart(input, "reads"));
  if (!request.trace) return packets;
  for (const fs::path& file : {request.trace->file, signal_list_file(request.trace->file)})
    MSQ_CHECK(packets.check_apart(file, "writes as trace"));
  return packets;
}

double utilization(const Config& config, int bits, const tb::AcceleratorJob& job, std::uint32_t cycles) {
  const double peak = static_cast<double>(config.weights_per_tile(bits));
  return static_cast<double>(job.m) * static_cast<double>(job.k) * static_cast<double>(job.n) / peak / cycles;
}

}  // namespace

Result<AcceleratorFindings> accelerate(const Config& config, const LayerOperands& operands,
                                       const AcceleratorRequest& request) {
  if (request.trace) MSQ_CHECK(TraceFile::check(request.trace->file));
  const std::span parts(&operands.weights, 1);
  const int bits = operands.weights.format.bits;
  const auto made =
      tb::make_job(config, parts, operands.activations, request.format, request.tokens_per_pass);
  if (!made) return Error(fmt::format("{}: {}", operands.weights_source, made.error()));
  const tb::AcceleratorJob& job = *made;
  std::optional<PacketDirectory> packets;
  if (!request.packets.empty()) {
    MSQ_TRY(packets, open_packets(request, job));
  }
  MSQ_TRY(const golden::GemmResult golden, tb::golden_result(config, parts, operands.activations));

  const Design design = build_accelerator(config);
  MSQ_TRY(tb::Accelerator accelerator, open_accelerator(design, tb::Flavour::check, request.seed));
  const Progress progress(fmt::format("running the layer on accelerator {}", config.name));
  MSQ_TRY(tb::AcceleratorResult result, accelerator.run(job, traffic_of(request)));

  const std::uint64_t end = accelerator.model().cycles();

  AcceleratorFindings findings;
  findings.config = config.name;
  findings.weights_source = operands.weights_source;
  findings.activations_source = operands.activations_source;
  findings.tools = tool_versions({Tool::verilator});
  findings.bits = bits;
  findings.m = job.m;
  findings.k = job.k;
  findings.n = job.n;
  findings.format = request.format;
  findings.tokens_per_pass = job.tokens_per_pass;
  findings.comparison = compare(result.outputs, tb::expected_outputs(design.dimensions, job, golden));
  findings.predicted_cycles = model::predict(design.dimensions, model::gemm_plan(job), job.tiles).cycles;
  findings.utilization = utilization(config, bits, job, result.counters.at("cycles"));
  if (packets) MSQ_CHECK(packets->write(job, result.outputs));
  findings.result = std::move(result);
  if (request.trace) {
    MSQ_TRY(const std::uint64_t cycles, trace_job(design, job, request, end));
    findings.trace = RecordedTrace{*request.trace, cycles};
  }
  return findings;
}

}  // namespace msq::flow
