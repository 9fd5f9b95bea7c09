#include "flow/layer/array_choice.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gen/config/fields.hpp"
#include "gen/config/validate.hpp"
#include "gen/configs/presets.hpp"

namespace msq::flow {

Result<Config> ArrayChoice::load() const {
  auto found = find_config(config);
  if (!found || (rows == 0 && cols == 0 && units == 0)) return found;
  if (rows != 0) found->rows = rows;
  if (cols != 0) found->cols = cols;
  found->skew_columns = std::min(found->skew_columns, found->cols);
  if (rows != 0 || cols != 0) found->name = fmt::format("{}x{}", found->rows, found->cols);
  if (units != 0 && !is_read_on("recon.units", found->outlier_path)) {
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

}  // namespace msq::flow
