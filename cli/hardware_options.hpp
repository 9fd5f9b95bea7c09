#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "gen/config/config.hpp"
#include "support/result.hpp"

namespace msq::cli {

/// An array by --config, --rows and --cols, for commands that calculate and generate nothing.
struct HardwareOptions {
  std::string config = "64x64";
  int rows = 0, cols = 0;  ///< 0: those of the configuration
  int units = 0;           ///< ReCoN units, for commands with an option for it; 0: the configuration's

  /// The configuration with shape and units replaced. Error: those of find_config and of validate.
  [[nodiscard]] Result<Config> load() const;
};

/// The object must live as long as the parser.
void add_hardware(CLI::App& command, HardwareOptions& hardware);

}  // namespace msq::cli
