#pragma once

#include <filesystem>
#include <string_view>

#include "golden/io/matrix.hpp"
#include "golden/result.hpp"

namespace msq::golden {

/// How a file stores a weight matrix.
enum class Layout {
  k_by_n,  ///< [K][N], as the contract and a matrix product write it
  n_by_k   ///< [N][K], as PyTorch stores Linear weights
};

/// Loads a matrix as [K][N] (rows = K, columns = N); a file in layout n_by_k is transposed. Activations
/// [M][K] are read with k_by_n, which leaves rows and columns as they are. `path` ends in .safetensors (F32,
/// F16, BF16; `tensor` names the tensor) or .npy (<f4, <f2, <f8; `tensor` is empty). Error (names file,
/// tensor, what was found and what is allowed): another extension, a tensor name that is missing, unknown (a
/// few known ones are listed) or given for a .npy file, and those of read_npy and SafetensorsReader.
[[nodiscard]] Result<Matrix> load_matrix(const std::filesystem::path& path, std::string_view tensor,
                                         Layout layout);

}  // namespace msq::golden
