#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/operands.hpp"
#include "cli/quantization.hpp"

namespace msq::cli {

// Options that several subcommands share. The objects must live as long as the parser.

void add_config(CLI::App& command, std::string& config, bool required);
/// add_weights_file and --tensor.
void add_weights(CLI::App& command, WeightsSource& source);
void add_weights_file(CLI::App& command, WeightsSource& source);
void add_activations(CLI::App& command, ActivationsSource& source);
void add_seed(CLI::App& command, unsigned& seed);
void add_json(CLI::App& command, bool& json);
void add_liberty(CLI::App& command, std::string& liberty);

/// Those of the quantizer that do not follow from a configuration.
void add_quantizer_choices(CLI::App& command, QuantizerChoices& choices);

}  // namespace msq::cli
