#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "gen/config/config.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Widths of an array that quantized weights need: sums, outlier shift, outlier units.
struct FitNeeds {
  std::int64_t layers = 0;
  int acc_bits = 0;  ///< of a partial sum, whatever the activations
  int shift = 0;     ///< largest outlier shift
  int outliers = 0;  ///< most of a micro-block
  std::array<std::int64_t, golden::kOutlierShiftLimit + 1>
      shifts{};                             ///< micro-blocks with outliers, by shift
  std::array<std::int64_t, 9> counts{};     ///< and by number of outliers
  std::int64_t tiles = 0, extra_tiles = 0;  ///< path inline: of them for outliers without a unit
};

/// A configuration, what weights need of it, and the configuration with the smallest widths that hold them.
struct FitFindings {
  Config config;
  FitNeeds needs;
  Config fitted;
};

/// Goes through all layers of files that `quantize` wrote. Errors: a file cannot be read; a layer that the
/// configuration's array cannot run; no layer at all.
[[nodiscard]] Result<FitFindings> fit(const Config& config, const std::vector<std::string>& files);

}  // namespace msq::flow
