#pragma once

#include <string>

#include "golden/io/quantized_file.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// A layer of a file that `quantize` wrote. `layer` may be empty if the file holds one only. Errors: those of
/// golden::load_quantized; several layers and none named (they are listed).
[[nodiscard]] Result<golden::QuantizedLayer> load_quantized_layer(const std::string& file,
                                                                  const std::string& layer);

}  // namespace msq::flow
