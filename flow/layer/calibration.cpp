#include "flow/layer/calibration.hpp"

#include <fmt/format.h>

#include "golden/io/describe.hpp"
#include "golden/io/safetensors.hpp"

namespace msq::flow {
namespace fs = std::filesystem;
namespace {

/// The tensor of the file that holds a layer's activations. Empty: none of the names is there.
std::string tensor_of(const golden::SafetensorsReader& file, const std::string& layer,
                      const std::string& tensor) {
  for (const std::string& name : {layer, tensor}) {
    if (!name.empty() && file.find(name) != nullptr) return name;
  }
  return file.tensors().size() == 1 ? file.tensors().front().name : std::string();
}

Result<golden::RowReader> open_tensor(const fs::path& path, const std::string& layer,
                                      const std::string& tensor) {
  MSQ_TRY(const auto file, golden::SafetensorsReader::open(path));
  const std::string name = tensor_of(file, layer, tensor);
  if (name.empty()) {
    return Error(fmt::format("{}: no activations of layer {}; allowed: a tensor of that name", path.string(),
                             golden::in_quotes(layer)));
  }
  return golden::RowReader::open(path, name);
}

}  // namespace

fs::path CalibrationSource::file_of(const std::string& layer, const std::string& tensor) const {
  std::error_code ignored;
  if (!fs::is_directory(path_, ignored)) return path_;
  const fs::path by_layer = path_ / fmt::format("{}.npy", layer);
  const fs::path by_tensor = path_ / fmt::format("{}.npy", tensor);
  return fs::exists(by_layer, ignored) || tensor.empty() || !fs::exists(by_tensor, ignored) ? by_layer
                                                                                            : by_tensor;
}

Result<golden::RowReader> CalibrationSource::open(const std::string& layer, const std::string& tensor,
                                                  std::int64_t k) const {
  const fs::path file = file_of(layer, tensor);
  auto reader = file.extension() == ".safetensors" ? open_tensor(file, layer, tensor)
                                                   : golden::RowReader::open(file, "");
  if (!reader) return Error(fmt::format("--calibration: {}", reader.error()));
  if (reader->columns() != k) {
    return Error(
        fmt::format("--calibration: {}: found shape [{}][{}]; allowed: [tokens][{}], since layer {} "
                    "has K = {}",
                    reader->name(), reader->rows(), reader->columns(), k, golden::in_quotes(layer), k));
  }
  return std::move(*reader);
}

}  // namespace msq::flow
