#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/outcome.hpp"
#include "gen/config/config.hpp"
#include "support/result.hpp"

namespace msq::cli {

/// Parameters and the values each takes, in the order they were given. "size" sets rows and cols at once; a
/// dot leads into an object: "recon.units".
using Grid = std::vector<std::pair<std::string, std::vector<Json>>>;

/// One configuration of a grid, with the values that made it.
struct GridPoint {
  Config config;
  Json values;  ///< parameter -> value; only those that the configuration reads
};

/// A combination that is no configuration.
struct SkippedPoint {
  Json values;
  std::string reason;
};

struct GridPoints {
  std::vector<GridPoint> points;
  std::vector<SkippedPoint> skipped;
};

/// "KEY=V1,V2": values are JSON; what is none is a string; commas inside brackets do not separate.
[[nodiscard]] Result<std::pair<std::string, std::vector<Json>>> parse_axis(const std::string& text);

/// {"base": {..}, "grid": {"size": [4, 8], ..}}; base may be left out. Added to what is there already.
[[nodiscard]] Result<> load_grid(const std::string& file, Json& base, Grid& grid);

/// All combinations on top of `base`. Parameters that a combination's outlier path does not read are left out
/// of it, and a configuration that comes twice is kept once; what is no valid configuration is skipped with
/// its reason. Error: an empty grid, too many combinations.
[[nodiscard]] Result<GridPoints> expand_grid(const Json& base, const Grid& grid);

}  // namespace msq::cli
