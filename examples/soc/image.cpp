// Makes the image of memory for main.c: a chain of quantized layers, random inputs, and the outputs of the
// golden model.

#include "examples/soc/image.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstring>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "gen/configs/presets.hpp"
#include "golden/exec/output.hpp"
#include "golden/io/quantized_file.hpp"
#include "golden/quantize/activations.hpp"
#include "golden/quantize/packing.hpp"
#include "support/result.hpp"
#include "tb/host/output_packet.hpp"

namespace {

using namespace msq;

struct Options {
  std::string config = "8x8", output;
  std::vector<std::string> layers;
  std::int64_t tokens = 20;
  unsigned seed = 1;
};

class Image {
 public:
  image head{};

  template <class T>
  image_tensor add(const std::vector<T>& data) {
    bytes_.resize((bytes_.size() + 15) / 16 * 16);
    const image_tensor place{static_cast<std::uint32_t>(bytes_.size()),
                             static_cast<std::uint32_t>(data.size() * sizeof(T))};
    const char* const first = reinterpret_cast<const char*>(data.data());
    bytes_.insert(bytes_.end(), first, first + place.bytes);
    return place;
  }
  std::string bytes() {
    bytes_.resize((bytes_.size() + 15) / 16 * 16);
    head.magic = IMAGE_MAGIC;
    head.bytes = static_cast<std::uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &head, sizeof head);
    return bytes_;
  }

 private:
  std::string bytes_ = std::string(sizeof(image), '\0');
};

image_layer add_layer(Image& all, const golden::QuantizedTensor& tensor) {
  const auto u = [](auto value) { return static_cast<std::uint32_t>(value); };
  const golden::PackedTensor p = golden::pack(tensor);
  const golden::Format& f = p.format;
  image_layer layer{};
  layer.k = u(p.k);
  layer.n = u(p.n);
  layer.bits = u(f.bits);
  layer.micro_block = u(f.micro_block);
  layer.macro_block = u(f.macro_block);
  layer.axis = p.axis == golden::Axis::output ? 1 : 0;
  layer.full_range = f.encoding == golden::Encoding::full_range ? 1 : 0;
  layer.list_entries = u(f.list_entries);
  layer.shift_bits = u(f.shift_bits);
  layer.fraction_bits = u(f.fraction_bits);
  layer.scale_mantissa_bits = u(f.scale_mantissa_bits);
  layer.identifier_group = u(f.identifier_group);
  layer.codes = all.add(p.codes);
  layer.identifiers = all.add(p.identifiers);
  layer.identifier_masks = all.add(p.identifier_masks);
  layer.mx_scales = all.add(p.shifts);
  layer.lists = all.add(p.lists);
  layer.scales = all.add(p.scales);
  layer.scale_mantissas = all.add(p.scale_mantissas);
  return layer;
}

Result<golden::QuantizedTensor> load_layer(const std::string& path) {
  MSQ_TRY(const golden::SafetensorsReader reader, golden::SafetensorsReader::open(path));
  const auto names = golden::quantized_layers(reader);
  if (names.size() != 1) return Error(fmt::format("{}: found {} layers; allowed: 1", path, names.size()));
  MSQ_TRY(golden::QuantizedLayer layer, golden::load_quantized(reader, names.front()));
  return std::move(layer.tensor);
}

Result<> make(const Options& options) {
  MSQ_TRY(const Config config, find_config(options.config));
  if (options.layers.empty() || options.layers.size() > IMAGE_MOST_LAYERS)
    return Error(fmt::format("found {} layers; allowed: 1 to {}", options.layers.size(), +IMAGE_MOST_LAYERS));
  Image all;
  std::optional<golden::QuantizedActivations> x;
  std::vector<float> y;
  for (std::size_t l = 0; l < options.layers.size(); ++l) {
    MSQ_TRY(const golden::QuantizedTensor tensor, load_layer(options.layers[l]));
    all.head.layer[l] = add_layer(all, tensor);
    if (!x) {
      std::mt19937 random(options.seed);
      std::vector<float> inputs(static_cast<std::size_t>(options.tokens * tensor.k));
      for (float& value : inputs) value = static_cast<float>(static_cast<int>(random() % 2001) - 1000) / 300;
      all.head.inputs = all.add(inputs);
      MSQ_TRY(x, golden::quantize_activations(inputs, options.tokens, tensor.k, config.act_bits, 128));
    }
    if (x->k != tensor.k)
      return Error(
          fmt::format("{}: K is {}, the layer before has {} outputs", options.layers[l], tensor.k, x->k));
    MSQ_TRY(const golden::GemmResult result, tb::golden_result(config, std::span(&tensor, 1), *x));
    y = golden::to_float(result);
    MSQ_TRY(x, golden::to_mx(result, config.act_bits));
  }
  all.head.outputs = all.add(y);
  all.head.layers = static_cast<std::uint32_t>(options.layers.size());
  all.head.tokens = static_cast<std::uint32_t>(options.tokens);
  std::ofstream file(options.output, std::ios::binary);
  file << all.bytes();
  file.close();
  if (!file) return Error(options.output + ": cannot be written");
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Image of memory for examples/soc: a chain of quantized layers, inputs and expected outputs");
  app.add_option("--config", options.config, "preset or file")->capture_default_str();
  app.add_option("--layers", options.layers, "files of one layer each, in their order")->required();
  app.add_option("--tokens", options.tokens)->check(CLI::Range(1, 256))->capture_default_str();
  app.add_option("--seed", options.seed, "of the inputs")->capture_default_str();
  app.add_option("-o,--output", options.output, "file to write")->required();
  CLI11_PARSE(app, argc, argv);
  const Result<> made = make(options);
  if (!made) fmt::print(stderr, "soc_image: {}\n", made.error());
  return made ? 0 : 1;
}
