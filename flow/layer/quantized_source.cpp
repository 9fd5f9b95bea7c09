#include "flow/layer/quantized_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "golden/io/quantized_file.hpp"

namespace msq::flow {

Result<golden::QuantizedLayer> load_quantized_layer(const std::string& file, const std::string& layer) {
  MSQ_TRY(const auto reader, golden::SafetensorsReader::open(file));
  if (!layer.empty()) return golden::load_quantized(reader, layer);
  const auto layers = golden::quantized_layers(reader);
  if (layers.empty()) {
    return Error(
        fmt::format("{}: found no quantized layer; allowed: a file that `microscopiq quantize` "
                    "wrote",
                    file));
  }
  if (layers.size() > 1) {
    return Error(fmt::format("{}: holds {} layers; name one with --layer: {}", file, layers.size(),
                             fmt::join(layers, ", ")));
  }
  return golden::load_quantized(reader, layers.front());
}

}  // namespace msq::flow
