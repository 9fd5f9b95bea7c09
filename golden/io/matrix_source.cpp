#include "golden/io/matrix_source.hpp"

#include <fmt/format.h>

#include "golden/io/describe.hpp"
#include "golden/io/model_file.hpp"
#include "golden/io/npy.hpp"
#include "golden/io/transpose.hpp"
#include "golden/io/unknown_kind.hpp"

namespace msq::golden {
namespace {

Result<Matrix> load_npy(const std::filesystem::path& path, std::string_view tensor, Layout layout) {
  if (!tensor.empty()) {
    return Error(
        fmt::format("{}: tensor {} was asked for, but a .npy file holds one array without a name; "
                    "allowed: no tensor name",
                    path.string(), in_quotes(tensor)));
  }
  auto matrix = read_npy(path);
  if (matrix && layout == Layout::n_by_k) {
    return transposed(*matrix);
  }
  return matrix;
}

}  // namespace

Result<Matrix> load_matrix(const std::filesystem::path& path, std::string_view tensor,
                           std::optional<Layout> layout) {
  if (path.extension() == ".npy") {
    return load_npy(path, tensor, layout.value_or(Layout::k_by_n));
  }
  if (!ModelFile::is_model(path)) {
    return Error(unknown_kind(
        path, ".npy, .safetensors, .onnx, .safetensors.index.json, or a directory with a checkpoint"));
  }
  MSQ_TRY(const auto model, ModelFile::open(path));
  return model.load(tensor, layout);
}

}  // namespace msq::golden
