#include "cli/hardware_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/options.hpp"
#include "cli/outcome.hpp"
#include "cli/presets.hpp"
#include "gen/config/validate.hpp"

namespace msq::cli {

Result<Config> HardwareOptions::load() const {
  auto found = find_config(config);
  if (!found || (rows == 0 && cols == 0 && units == 0)) return found;
  if (rows != 0) found->rows = rows;
  if (cols != 0) found->cols = cols;
  found->skew_columns = std::min(found->skew_columns, found->cols);
  if (rows != 0 || cols != 0) found->name = fmt::format("{}x{}", found->rows, found->cols);
  if (units != 0 && !found->has_recon()) {
    return Error(
        fmt::format("--units: found {} with outlier_path \"{}\" of --config {}; allowed: one with ReCoN",
                    units, outlier_path_name(found->outlier_path), config));
  }
  if (units != 0) found->recon.units = units;
  if (auto valid = validate(*found); !valid) {
    return Error(fmt::format("--config {} with {} rows and {} columns: {}", config, found->rows, found->cols,
                             valid.error()));
  }
  return found;
}

void add_hardware(CLI::App& command, HardwareOptions& hardware) {
  add_config(command, hardware.config, false);
  command
      .add_option("--rows", hardware.rows, "PE rows, a power of two, 4 to 128. Default: the configuration's")
      ->check(CLI::Range(4, 128));
  command
      .add_option("--cols", hardware.cols,
                  "PE columns, a power of two, 4 to 128. Default: the configuration's")
      ->check(CLI::Range(4, 128));
}

}  // namespace msq::cli
