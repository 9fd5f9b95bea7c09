#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "golden/io/matrix.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// Loads a matrix as [K][N] (rows = K, columns = N); a file in layout n_by_k is transposed. Activations
/// [M][K] are read with k_by_n, which leaves rows and columns as they are. Without a layout: k_by_n for .npy,
/// else that of ModelFile. `path` is one that ModelFile::open takes, where `tensor` names the matrix, or ends
/// in .npy (f8, f4, f2; `tensor` is empty). Error
/// (names file, tensor, the value found and the allowed ones): another extension, a tensor name that is
/// missing, unknown (a few known ones are listed) or given for a .npy file, and those of read_npy and
/// ModelFile.
[[nodiscard]] Result<Matrix> load_matrix(const std::filesystem::path& path, std::string_view tensor,
                                         std::optional<Layout> layout);

}  // namespace msq::golden
