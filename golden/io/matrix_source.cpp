#include "golden/io/matrix_source.hpp"

#include <fmt/format.h>

#include "golden/io/describe.hpp"
#include "golden/io/npy.hpp"
#include "golden/io/safetensors.hpp"
#include "golden/io/transpose.hpp"

namespace msq::golden {
namespace {

Result<Matrix> load_stored(const std::filesystem::path& path, std::string_view tensor) {
  const std::string extension = path.extension().string();
  if (extension == ".npy") {
    if (!tensor.empty()) {
      return tl::unexpected(
          fmt::format("{}: tensor {} was asked for, but a .npy file holds one array without a name; "
                      "allowed: no tensor name",
                      path.string(), in_quotes(tensor)));
    }
    return read_npy(path);
  }
  if (extension == ".safetensors") {
    const auto reader = SafetensorsReader::open(path);
    if (!reader) {
      return tl::unexpected(reader.error());
    }
    return reader->load_matrix(tensor);
  }
  return tl::unexpected(fmt::format("{}: file name extension {}; allowed: .npy, .safetensors", path.string(),
                                    in_quotes(extension)));
}

}  // namespace

Result<Matrix> load_matrix(const std::filesystem::path& path, std::string_view tensor, Layout layout) {
  auto matrix = load_stored(path, tensor);
  if (matrix && layout == Layout::n_by_k) {
    return transposed(*matrix);
  }
  return matrix;
}

}  // namespace msq::golden
