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
  int mode = 0;  ///< bits of the weights
  std::int64_t k = 0, n = 0;
  std::vector<model::TilePattern> tiles;  ///< in the order they run
};

/// Whether arrays of the configuration, as the model of cycles has them, run weights of this format and axis.
/// Error begins with `where`.
[[nodiscard]] Result<> check_patterns(const std::string& where, const golden::QuantizedTensor& tensor,
                                      const Config& config);

/// The layers of a file that `quantize` wrote, or of all such files in a directory, in natural order of their
/// names; other .safetensors files of the directory are skipped. Layers may have different bits.
/// @param limit maximum number of tiles of each layer. Errors: a file cannot be read; no quantized layer is
/// found; two files of a directory hold a layer of one name; a layer that an array of the configuration
/// cannot run.
[[nodiscard]] Result<std::vector<PatternLayer>> load_patterns(const std::string& path, const Config& config,
                                                              std::int64_t limit);

}  // namespace msq::flow
