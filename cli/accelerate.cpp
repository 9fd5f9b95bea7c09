#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/layer_options.hpp"
#include "cli/output_directory.hpp"
#include "cli/presets.hpp"
#include "cli/simulation.hpp"
#include "cli/text.hpp"
#include "golden/io/atomic_file.hpp"
#include "model/timeline.hpp"
#include "support/progress.hpp"
#include "tb/host/output_packet.hpp"
#include "tb/sim/accelerator.hpp"
#include "tb/sim/build_model.hpp"
#include "tb/sim/gtkwave.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

struct AccelerateOptions : LayerOptions {
  std::string format = "fp32", packets;
  int tokens_per_pass = 0;
};

tb::OutputFormat format_of(const std::string& name) {
  if (name == "raw") return tb::OutputFormat::raw;
  if (name == "mx8") return tb::OutputFormat::mx8;
  return name == "mx4" ? tb::OutputFormat::mx4 : tb::OutputFormat::fp32;
}

struct Comparison {
  std::int64_t words = 0, differing = 0;
  std::string first;  ///< place of the first difference
};

Comparison compare(const std::vector<tb::Packet>& got, const std::vector<tb::Packet>& expected) {
  Comparison c;
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

/// The packets of a job as files, each beat in whole bytes, least significant first: what a DMA would be
/// given.
std::string bytes_of(const tb::Packet& packet) {
  std::string bytes;
  for (std::size_t b = 0; b < packet.beats(); ++b) {
    for (int bit = 0; bit < packet.beat_bits; bit += 8) {
      const auto word = packet.beat(b)[static_cast<std::size_t>(bit) / 32];
      bytes += static_cast<char>(word >> (bit % 32) & 0xffU);
    }
  }
  return bytes;
}

Result<> write_packets(const fs::path& directory, const tb::AcceleratorJob& job,
                       const std::vector<tb::Packet>& outputs) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error)
    return Error(fmt::format("{}: cannot create the directory: {}", directory.string(), error.message()));
  const std::pair<const char*, const std::vector<tb::Packet>*> kinds[] = {
      {"weights", &job.weights}, {"activations", &job.activations}, {"outputs", &outputs}};
  for (const auto& [name, packets] : kinds) {
    for (std::size_t p = 0; p < packets->size(); ++p) {
      const fs::path file = directory / fmt::format("{}-{}.bin", name, p);
      if (auto written = golden::write_file_atomically(file, bytes_of((*packets)[p])); !written)
        return Error(written.error());
    }
  }
  Json settings;
  for (const tb::RegisterSetting& setting : tb::register_settings(job))
    settings[std::string(setting.name)] = setting.value;
  if (auto written = golden::write_file_atomically(directory / "registers.json", json_text(settings));
      !written)
    return Error(written.error());
  return {};
}

/// Records a window of the job's cycles. @return cycles recorded.
Result<std::uint64_t> trace_job(const Design& design, const tb::AcceleratorJob& job,
                                const tb::AcceleratorTraffic& traffic, const AccelerateOptions& o) {
  const auto build = compile_model(design, tb::Flavour::trace);
  if (!build) return Error(build.error());
  auto model = tb::Model::open(build->library, o.seed);
  if (!model) return Error(model.error());
  tb::Accelerator accelerator(std::move(*model), design, o.seed);
  bool started = false;
  bool failed = false;
  std::uint64_t first = 0;
  accelerator.on_cycle = [&](const tb::Model& now) {
    if (started || failed || now.cycles() < o.trace_from) return;
    started = accelerator.model().trace(o.trace);
    failed = !started;
    first = now.cycles();
  };
  accelerator.run_cycles(job, o.trace_from + o.trace_cycles, traffic);
  if (failed) return Error(fmt::format("{}: cannot write the trace", o.trace));
  if (!started) return Error(fmt::format("no trace: the job ends before cycle {}", o.trace_from));
  return accelerator.model().cycles() - first;
}

struct Ran {
  tb::AcceleratorResult result;
  Comparison comparison;
  model::Timeline predicted;
  double utilization = 0;
};

Json to_json(const Ran& r) {
  Json json = {{"ok", r.result.done && r.comparison.differing == 0},
               {"error_code", r.result.code},
               {"output_words_compared", r.comparison.words},
               {"output_words_mismatched", r.comparison.differing},
               {"utilization", r.utilization},
               {"predicted_cycles", r.predicted.cycles}};
  for (const auto& [name, value] : r.result.counters) json["counters"][name] = value;
  return json;
}

std::string to_text(const Ran& r) {
  std::string text = item(
      "outputs", fmt::format("{} of {} words bit-exact", grouped(r.comparison.words - r.comparison.differing),
                             grouped(r.comparison.words)));
  for (const auto& [name, value] : r.result.counters) text += item(name, grouped(value));
  text += item("predicted cycles", grouped(r.predicted.cycles));
  text += item("utilization", fmt::format("{:.1f} %", 100 * r.utilization));
  return text;
}

Outcome run_accelerate(const AccelerateOptions& o) {
  const auto config = find_config(o.config);
  if (!config) return Error(config.error());
  const auto operands = load_operands(o, *config);
  if (!operands) return Error(operands.error());
  const std::vector parts = {operands->weights};
  const auto job =
      tb::make_job(*config, parts, operands->activations, format_of(o.format), o.tokens_per_pass);
  if (!job) return Error(fmt::format("{}: {}", operands->weights_source, job.error()));
  const auto golden = tb::golden_result(*config, parts, operands->activations);
  if (!golden) return Error(golden.error());

  const Design design = build_accelerator(*config);
  const auto build = compile_model(design, tb::Flavour::check);
  if (!build) return Error(build.error());
  auto model = tb::Model::open(build->library, o.seed);
  if (!model) return Error(model.error());
  tb::Accelerator accelerator(std::move(*model), design, o.seed);
  const tb::AcceleratorTraffic traffic = {{o.stalls, 1}, {o.stalls, 1}, {o.stalls, 1}};
  const Progress progress(fmt::format("running the layer on accelerator {}", config->name));
  auto result = accelerator.run(*job, traffic);
  if (!result) return Error(result.error());

  Ran ran;
  ran.comparison = compare(result->outputs, tb::expected_outputs(design.dimensions, *job, *golden));
  ran.predicted = model::predict(design.dimensions, model::gemm_plan(*job), job->tiles);
  const double peak =
      static_cast<double>(config->rows) * config->logical_columns(operands->weights.format.bits);
  ran.utilization = static_cast<double>(job->m) * static_cast<double>(job->k) * static_cast<double>(job->n) /
                    peak / result->counters.at("cycles");
  if (!o.packets.empty()) {
    if (auto written = write_packets(o.packets, *job, result->outputs); !written)
      return Error(written.error());
  }
  ran.result = std::move(*result);
  std::uint64_t traced = 0;
  if (!o.trace.empty()) {
    const auto cycles = trace_job(design, *job, traffic, o);
    if (!cycles) return Error(cycles.error());
    traced = *cycles;
    if (auto written = golden::write_file_atomically(o.trace + ".gtkw", tb::gtkwave_signals(design, o.trace));
        !written)
      return Error(written.error());
  }
  if (o.json) {
    Json json = {{"config", config->name},
                 {"weights", operands->weights_source},
                 {"activations", operands->activations_source},
                 {"bits", operands->weights.format.bits},
                 {"m", job->m},
                 {"k", job->k},
                 {"n", job->n},
                 {"format", o.format},
                 {"tokens_per_pass", job->tokens_per_pass}};
    json.update(to_json(ran));
    if (!o.trace.empty())
      json["trace"] = {{"file", o.trace}, {"from_cycle", o.trace_from}, {"cycles", traced}};
    fmt::print("{}", json_text(json));
  } else {
    fmt::print("{} at {} bits: {} tokens x [{}][{}], {} tokens a pass, {} outputs\n", config->name,
               operands->weights.format.bits, job->m, job->k, job->n, job->tokens_per_pass, o.format);
    fmt::print("{}{}{}", item("weights", operands->weights_source),
               item("activations", operands->activations_source), to_text(ran));
    if (!o.trace.empty())
      fmt::print("{}", item("trace", fmt::format("{} and {}.gtkw: {} cycles from {} on", o.trace, o.trace,
                                                 traced, o.trace_from)));
  }
  const bool ok = ran.result.done && ran.comparison.differing == 0;
  if (!ok) {
    fmt::print(stderr,
               "CHECK FAILED: error code {}; {}\n  record it with:\n  {} --seed {} --trace mismatch.fst\n",
               ran.result.code, ran.comparison.first, o.command_line("accelerate"), o.seed);
  }
  return ok ? kOk : kCheckFailed;
}

}  // namespace

void add_accelerate(CLI::App& app, Action& action) {
  auto options = std::make_shared<AccelerateOptions>();
  CLI::App* command = app.add_subcommand(
      "accelerate", "Run a layer through the ports of the whole simulated accelerator and compare every bit");
  add_layer_options(*command, *options);
  command->add_option("--format", options->format, "Outputs: raw, fp32, mx8 or mx4")
      ->check(CLI::IsMember({"raw", "fp32", "mx8", "mx4"}))
      ->capture_default_str();
  command
      ->add_option("--pass", options->tokens_per_pass, "Tokens of a pass, 1 to 1024. Default: as many as fit")
      ->check(CLI::Range(1, 1024));
  command->add_option(
      "--packets", options->packets,
      "Also write the stream packets and register settings to this directory, as a DMA takes them");
  command->footer(
      "\nExit code 1 if anything differs from the golden model.\n\nExample:\n  microscopiq accelerate "
      "--config 8x8 "
      "--synthetic 384x384 --bits 2 --tokens 16 --format mx8");
  command->callback([options, &action] { action = [options] { return run_accelerate(*options); }; });
}

}  // namespace msq::cli
