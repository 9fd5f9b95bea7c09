#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "cli/design_options.hpp"
#include "flow/layer/array_choice.hpp"
#include "flow/layer/operands.hpp"
#include "flow/layer/quantization.hpp"
#include "golden/quantize/option_names.hpp"
#include "support/result.hpp"
#include "tb/host/stream_format.hpp"

namespace msq::cli {

/// Formats of outputs by name.
inline const std::map<std::string, tb::OutputFormat> kOutputFormats = {{"raw", tb::OutputFormat::raw},
                                                                       {"fp32", tb::OutputFormat::fp32},
                                                                       {"mx8", tb::OutputFormat::mx8},
                                                                       {"mx4", tb::OutputFormat::mx4}};

// Options that several subcommands share. The objects must live as long as the parser.

/// --config, --rows and --cols.
void add_array(CLI::App& command, flow::ArrayChoice& array);
/// add_weights_file and --tensor.
void add_weights(CLI::App& command, flow::WeightsSource& source);
void add_weights_file(CLI::App& command, flow::WeightsSource& source);
void add_activations(CLI::App& command, flow::ActivationsSource& source);
void add_seed(CLI::App& command, unsigned& seed);
void add_liberty(CLI::App& command, std::string& liberty);
/// --period; empty unless it is given.
CLI::Option* add_periods(CLI::App& command, std::vector<double>& periods);
/// --max-fanout; rules beyond its range are checked by check_max_fanout.
CLI::Option* add_max_fanout(CLI::App& command, int& limit, const std::string& text);
/// Error: a limit of one cell, which no tree of buffers holds.
[[nodiscard]] Result<> check_max_fanout(int limit);

/// Choices of the quantizer that do not follow from a configuration.
void add_quantizer_choices(CLI::App& command, flow::QuantizerChoices& choices);

/// An option whose values have names (golden/quantize/option_names.hpp).
template <class E>
CLI::Option* add_choice(CLI::App& command, const std::string& name, E& value, const std::string& help) {
  std::vector<std::string> names;
  names.reserve(golden::kOptionNames<E>.size());
  for (const auto& [known, unused] : golden::kOptionNames<E>) names.emplace_back(known);
  return command
      .add_option_function<std::string>(
          name, [&value](const std::string& chosen) { value = *golden::option_value<E>(chosen); }, help)
      ->check(CLI::IsMember(names))
      ->default_str(std::string(golden::option_name(value)));
}

}  // namespace msq::cli
