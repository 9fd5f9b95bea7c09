#include "flow/layer/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "golden/io/describe.hpp"
#include "golden/io/hessian_file.hpp"
#include "golden/io/safetensors.hpp"
#include "support/digest.hpp"

namespace msq::flow {
namespace fs = std::filesystem;
namespace {

/// The tensor of the file that holds a layer's activations. Empty: none of the names is there.
std::string tensor_of(const golden::SafetensorsReader& file, const std::string& layer,
                      const std::string& tensor, bool needs_name) {
  for (const std::string& name : {layer, tensor}) {
    if (!name.empty() && file.find(name) != nullptr) return name;
  }
  const bool is_the_only_one = !needs_name && file.tensors().size() == 1;
  return is_the_only_one ? file.tensors().front().name : std::string();
}

Result<golden::RowReader> open_tensor(const fs::path& path, const std::string& layer,
                                      const std::string& tensor, bool needs_name) {
  MSQ_TRY(const auto file, golden::SafetensorsReader::open(path));
  const std::string name = tensor_of(file, layer, tensor, needs_name);
  if (name.empty()) {
    return Error(fmt::format("{}: no activations of layer {}; allowed: a tensor of that name", path.string(),
                             golden::in_quotes(layer)));
  }
  return golden::RowReader::open(path, name);
}

/// That the path and, in a directory, the layer's file are there. The message names what may be there.
Result<> check_exists(const fs::path& path, const fs::path& file, const std::string& layer,
                      const std::string& tensor) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return Error(fmt::format(
        "{}: does not exist; allowed: a directory with .npy files, a .safetensors file or a .npy file",
        path.string()));
  }
  if (fs::exists(file, ignored)) return {};
  const std::string by_tensor =
      tensor.empty() || tensor == layer ? "" : fmt::format(" or {}", golden::in_quotes(tensor + ".npy"));
  return Error(fmt::format("{}: no activations of layer {}; allowed: a file {}{}", path.string(),
                           golden::in_quotes(layer), golden::in_quotes(layer + ".npy"), by_tensor));
}

/// Of activations as they are read, in portions of about 16 MiB.
Result<std::string> digest_of(const golden::RowReader& activations) {
  constexpr std::int64_t kValues = std::int64_t{1} << 22;
  const std::int64_t batch = std::max<std::int64_t>(1, kValues / activations.columns());
  Digest digest;
  for (std::int64_t first = 0; first < activations.rows(); first += batch) {
    MSQ_TRY(const auto rows, activations.read(first, std::min(batch, activations.rows() - first)));
    digest.add_values(std::span(rows));
  }
  return digest.text();
}

Digest digest_of(const golden::Calibration& sums) {
  Digest digest;
  const auto& hessian = sums.hessian.lower();
  digest.add_values(std::span(hessian.data(), static_cast<std::size_t>(hessian.size())));
  digest.add_values(std::span(sums.largest));
  digest.add_values(std::span(sums.target));
  return digest;
}

/// Name under which a file of sums has a layer.
Result<std::string> name_in(const golden::HessianFile& file, const std::string& layer,
                            const std::string& tensor, std::int64_t k, std::int64_t n) {
  auto by_layer = file.check(layer, k, n);
  if (by_layer) return layer;
  if (!tensor.empty() && file.check(tensor, k, n)) return tensor;
  return Error(fmt::format("--hessians: {}", by_layer.error()));
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
  if (const auto there = check_exists(path_, file, layer, tensor); !there)
    return Error(fmt::format("--calibration: {}", there.error()));
  auto reader = file.extension() == ".safetensors" ? open_tensor(file, layer, tensor, needs_names_)
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

Result<golden::Calibration> CalibrationSource::sums(const std::string& layer, const std::string& tensor,
                                                    std::int64_t k, std::int64_t n) const {
  MSQ_TRY(const auto file, golden::HessianFile::open(path_));
  MSQ_TRY(const std::string name, name_in(file, layer, tensor, k, n));
  return file.load(name, k, n);
}

Result<> CalibrationSource::check(const std::string& layer, const std::string& tensor, std::int64_t k,
                                  std::int64_t n) const {
  if (!hessians_) {
    MSQ_CHECK(open(layer, tensor, k));
    return {};
  }
  MSQ_TRY(const auto file, golden::HessianFile::open(path_));
  MSQ_CHECK(name_in(file, layer, tensor, k, n));
  return {};
}

Result<std::string> CalibrationSource::digest(const std::string& layer, const std::string& tensor,
                                              std::int64_t k, std::int64_t n) const {
  if (hessians_) {
    MSQ_TRY(const auto values, sums(layer, tensor, k, n));
    return digest_of(values).text();
  }
  MSQ_TRY(const auto activations, open(layer, tensor, k));
  return digest_of(activations);
}

}  // namespace msq::flow
