#include "flow/layer/layer_patterns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "golden/io/natural_order.hpp"
#include "golden/io/quantized_file.hpp"
#include "golden/quantize/option_names.hpp"
#include "tb/host/array_sizes.hpp"
#include "tb/host/operands.hpp"

namespace msq::flow {
namespace {

/// As the model of cycles takes it, and golden::split_rows cuts it into tiles of at most 128 rows.
constexpr int kMacroBlock = 128;

/// The file itself, or the .safetensors files of a directory.
Result<std::vector<std::string>> files_of(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".safetensors") files.push_back(entry->path().string());
  }
  if (error) return Error(fmt::format("{}: {}", path, error.message()));
  std::sort(files.begin(), files.end(), golden::natural_less);
  return files;
}

Result<PatternLayer> load_layer(const golden::SafetensorsReader& reader, const std::string& file,
                                const std::string& name, const Config& config, std::int64_t limit) {
  MSQ_TRY(const golden::QuantizedLayer layer, golden::load_quantized(reader, name));
  const golden::QuantizedTensor& tensor = layer.tensor;
  const std::string where = fmt::format("{}: layer \"{}\"", file, name);
  MSQ_CHECK(check_patterns(where, tensor, config));
  if (outlier_path_traits(config.outlier_path).splits_tiles) {
    if (auto fits = tb::check_ranges(config, tensor, kMacroBlock); !fits)
      return Error(fmt::format("{}: {}", where, fits.error()));
  }
  return PatternLayer{name, tensor.format.bits, tensor.k, tensor.n,
                      model::layer_patterns(tb::array_sizes(Dimensions(config)), tensor, limit)};
}

}  // namespace

Result<> check_patterns(const std::string& where, const golden::QuantizedTensor& tensor,
                        const Config& config) {
  const golden::Format& format = tensor.format;
  if (!config.has_mode(format.bits) || tensor.axis != golden::Axis::reduction ||
      format.micro_block != config.micro_block || format.macro_block != kMacroBlock) {
    return Error(fmt::format(
        "{} has {} bits, micro-block {}, macro-block {}, axis {}; allowed by "
        "configuration {}: {} bits, micro-block {}, macro-block {}, axis reduction",
        where, format.bits, format.micro_block, format.macro_block, golden::option_name(tensor.axis),
        config.name, fmt::join(config.modes, " or "), config.micro_block, kMacroBlock));
  }
  return {};
}

Result<std::vector<PatternLayer>> load_patterns(const std::string& path, const Config& config,
                                                std::int64_t limit) {
  MSQ_TRY(const std::vector<std::string> files, files_of(path));
  std::vector<PatternLayer> layers;
  std::map<std::string, std::string> file_of;
  for (const std::string& file : files) {
    MSQ_TRY(const auto reader, golden::SafetensorsReader::open(file));
    for (const std::string& name : golden::quantized_layers(reader)) {
      if (const auto [place, is_new] = file_of.emplace(name, file); !is_new) {
        return Error(fmt::format("{}: found layer \"{}\", which {} has; allowed: a layer in one file", file,
                                 name, place->second));
      }
      MSQ_TRY(PatternLayer layer, load_layer(reader, file, name, config, limit));
      layers.push_back(std::move(layer));
    }
  }
  if (layers.empty()) {
    return Error(fmt::format(
        "{}: found no quantized layer; allowed: a file that `microscopiq quantize` wrote, or a directory of "
        "them",
        path));
  }
  return layers;
}

}  // namespace msq::flow
