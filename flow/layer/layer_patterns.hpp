#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gen/config/config.hpp"
#include "golden/tensor.hpp"
#include "model/pattern.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Where the outliers of a quantized layer are.
struct PatternLayer {
  std::string name;
  std::int64_t k = 0, n = 0;
  std::vector<model::TilePattern> tiles;  ///< in the order they run
};

/// The layers of a file that `quantize` wrote.
struct PatternFile {
  int mode = 0;  ///< bits of their weights
  std::vector<PatternLayer> layers;
};

/// Whether arrays of the configuration, as the model of cycles has them, run weights of this format and axis.
/// Error begins with `where`.
[[nodiscard]] Result<> check_patterns(const std::string& where, const golden::QuantizedTensor& tensor,
                                      const Config& config);

/// @param limit maximum number of tiles of each layer. Errors: the file cannot be read or holds no quantized
/// layer; a layer that an array of the configuration cannot run, or with other bits than those before.
[[nodiscard]] Result<PatternFile> load_patterns(const std::string& file, const Config& config,
                                                std::int64_t limit);

}  // namespace msq::flow
