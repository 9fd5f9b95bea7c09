#pragma once

#include <string>
#include <vector>

#include "gen/config/config.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// A parameter of a configuration and its value as JSON text: {"outlier_path", "\"recon\""}. "size" is rows
/// and cols at once; a dot leads into an object: "recon.units".
struct Setting {
  std::string name, value;
  bool operator==(const Setting&) const = default;

  /// The value as a person writes it: a string without its quotes.
  [[nodiscard]] std::string plain_value() const;
};
using Settings = std::vector<Setting>;

/// A parameter and the values it takes, each as JSON text.
struct Axis {
  std::string name;
  std::vector<std::string> values;
};
using Grid = std::vector<Axis>;

/// One configuration of a grid.
struct GridPoint {
  Config config;
  Settings settings;  ///< that made it; only those that the configuration reads
  double period = 0;  ///< clock that it is mapped for, ns; 0: least area
};

/// A combination that is no configuration.
struct SkippedPoint {
  Settings settings;
  std::string reason;
};

struct GridPoints {
  std::vector<GridPoint> points;
  std::vector<SkippedPoint> skipped;
};

/// "KEY=V1,V2": values are JSON, and anything else is a string; commas inside brackets do not separate.
[[nodiscard]] Result<Axis> parse_axis(const std::string& text);

/// Adds an axis at the end of a grid, or its values to the axis of its name; a value that is there already is
/// not added again.
void add_axis(Grid& grid, Axis axis);

/// Reads {"base": {..}, "grid": {"size": [4, 8], ..}}; base may be missing.
/// @param base JSON text of an object, updated with the file's.
/// @param grid gets the file's axes by add_axis.
[[nodiscard]] Result<> load_grid(const std::string& file, std::string& base, Grid& grid);

/// JSON text of a configuration without its name, to start a grid from.
/// @param name_or_file a preset or a file; empty: every default. Errors: those of find_config.
[[nodiscard]] Result<std::string> grid_base(const std::string& name_or_file);

/// Name of a point's clock among its settings.
inline constexpr const char* kClockSetting = "clock_ns";

/// Every point once for each clock, the clock changing fastest; as they are if there is none.
void add_clocks(GridPoints& grid, const std::vector<double>& periods);

/// All combinations on top of `base`, the last axis changing fastest; the names of axes differ (add_axis).
/// Parameters that a combination's outlier path does not read are left out of it, and a configuration that
/// comes twice is kept once; an invalid configuration is skipped with its reason. Error: an empty grid, too
/// many combinations.
[[nodiscard]] Result<GridPoints> expand_grid(const std::string& base, const Grid& grid);

}  // namespace msq::flow
