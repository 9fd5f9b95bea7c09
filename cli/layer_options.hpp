#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "flow/layer/layer_operands.hpp"
#include "tb/host/stream_format.hpp"
#include "tb/sim/layer_run.hpp"

namespace msq::cli {

// Options that name the same operands and choices again, as a shell reads them.

[[nodiscard]] std::string options_of(const flow::WeightsSource& weights);
[[nodiscard]] std::string options_of(const flow::ActivationsSource& activations);
[[nodiscard]] std::string options_of(const flow::QuantizerChoices& choices);

/// Options of the commands that run one layer on a simulated configuration.
struct LayerOptions : flow::LayerInputs {
  std::string config, trace;
  double stalls = 0;
  std::uint64_t trace_from = 0, trace_cycles = 1000;
  bool json = false;

  /// The command line of `command` that names the same configuration and operands.
  [[nodiscard]] std::string command_line(const std::string& command) const;
  /// Window that --trace asks for; nothing without it.
  [[nodiscard]] std::optional<tb::TraceWindow> trace_window() const;
};

/// Configuration, operands, stalls, seed, trace, --json.
void add_layer_options(CLI::App& command, LayerOptions& options);

}  // namespace msq::cli
