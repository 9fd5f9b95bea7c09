#pragma once

#include <string>

#include "gen/config/config.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// A configuration with another shape, for calculations: nothing is generated from it.
struct ArrayChoice {
  std::string config = "64x64";  ///< preset or file
  int rows = 0, cols = 0;        ///< 0: those of the configuration
  int units = 0;                 ///< ReCoN units; 0: the configuration's

  /// The configuration with shape and units replaced. Error: those of find_config and of validate.
  [[nodiscard]] Result<Config> load() const;
};

}  // namespace msq::flow
