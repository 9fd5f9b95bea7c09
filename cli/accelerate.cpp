#include "flow/layer/accelerate.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/layer_options.hpp"
#include "cli/options.hpp"
#include "cli/values.hpp"
#include "gen/configs/presets.hpp"
#include "report/accelerate.hpp"

namespace msq::cli {
namespace {

struct AccelerateOptions : LayerOptions {
  std::string format_name = "fp32", packets;
  int tokens_per_pass = 0;

  [[nodiscard]] flow::AcceleratorRequest request() const {
    return {kOutputFormats.at(format_name), tokens_per_pass, stalls, seed, packets, trace_window(), inputs()};
  }
  [[nodiscard]] std::vector<std::filesystem::path> inputs() const {
    std::vector<std::filesystem::path> files;
    for (const std::string& file : {config, quantized, weights.file, activations.file}) {
      if (!file.empty()) files.emplace_back(file);
    }
    return files;
  }
};

Outcome run_accelerate(const AccelerateOptions& o) {
  MSQ_TRY(const Config config, find_config(o.config));
  MSQ_TRY(const flow::LayerOperands operands, flow::load_operands(o, config));
  MSQ_TRY(const flow::AcceleratorFindings findings, flow::accelerate(config, operands, o.request()));
  fmt::print("{}", report::render(findings, form(o.json)));
  if (findings.ok()) return kOk;
  fmt::print(stderr,
             "CHECK FAILED: error code {}; {}\n  record it with:\n  {} --seed {} --trace mismatch.fst\n",
             findings.result.code, findings.comparison.first, o.command_line("accelerate"), o.seed);
  return kCheckFailed;
}

}  // namespace

void add_accelerate(CLI::App& app, Action& action) {
  auto options = std::make_shared<AccelerateOptions>();
  CLI::App* command = app.add_subcommand(
      "accelerate", "Run a layer through the ports of the simulated accelerator and compare every bit");
  add_layer_options(*command, *options);
  command->add_option("--format", options->format_name, "Output format")
      ->check(CLI::IsMember({"raw", "fp32", "mx8", "mx4"}))
      ->capture_default_str();
  command->add_option("--pass", options->tokens_per_pass, "Tokens per pass. Default: as many as fit")
      ->check(between(1, 1024));
  command
      ->add_option("--packets", options->packets,
                   "Write stream packets and register settings, as a DMA takes them, to this directory")
      ->type_name(kOutputDirectory);
  command->footer(
      "Exit code 1 if a bit differs from the golden model.\n\nExample:\n  microscopiq accelerate "
      "--config 8x8 "
      "--synthetic 384x384 --bits 2 --tokens 16 --format mx8");
  command->callback([options, &action] { action = [options] { return run_accelerate(*options); }; });
}

}  // namespace msq::cli
