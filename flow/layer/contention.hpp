#pragma once

#include <string>
#include <vector>

#include "flow/layer/array_choice.hpp"
#include "gen/config/config.hpp"
#include "model/contention.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Loads, numbers of units and of tokens for which contention is studied.
struct ContentionRequest {
  ArrayChoice array{.config = "recon-64x64"};
  std::vector<int> units;              ///< ReCoN units; empty: 1, 2, 4 .. rows
  std::vector<int> tokens = {1, 128};  ///< for which a loaded tile is used
  std::vector<int> modes;              ///< of the random tiles; empty: those of the configuration
  std::vector<int> spacings = {1, 2, 4, 8, 16, 32, 64, 128};  ///< cycles between tokens
  std::vector<double> rates = {0.09, 0.0375};  ///< share of micro-blocks with outliers in random tiles
  std::vector<std::string> files;              ///< that `quantize` wrote: their layers as well
  int tiles = 64;                              ///< random ones, and maximum of each layer
  unsigned seed = 1;
};

/// Findings of one load.
struct ContentionStudy {
  model::ContentionLoad load;
  model::ContentionResult result;
  int spacing_tokens = 1;  ///< the most asked for
  std::vector<model::SpacingPoint> spacing;
};

struct ContentionFindings {
  Config config;
  unsigned seed = 1;
  std::vector<ContentionStudy> studies;
};

/// Counts accesses to ReCoN that wait, and their cost. Errors: a configuration without ReCoN; modes or units
/// that it does not have; files that cannot be read.
[[nodiscard]] Result<ContentionFindings> study_contention(const ContentionRequest& request);

}  // namespace msq::flow
