#pragma once

#include <bit>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/byte_source.hpp"
#include "golden/io/float_data.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// A stored matrix [rows][columns] that is read a few rows at a time: captured activations [tokens][k] may be
/// larger than memory.
class RowReader {
 public:
  /// Opens a .npy file (`tensor` is empty) or a two-dimensional tensor of a .safetensors file. Nothing of the
  /// data is loaded. No rows are allowed, no columns are not. Error (names file and tensor): those of
  /// read_npy and SafetensorsReader::load_matrix about everything else but the values.
  [[nodiscard]] static Result<RowReader> open(const std::filesystem::path& path, std::string_view tensor);

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t columns() const { return columns_; }
  /// File, and tensor if there is one.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Rows first..first+count-1, which must exist, row-major. Error: reading fails, or a value is beyond
  /// float32.
  [[nodiscard]] Result<std::vector<float>> read(std::int64_t first, std::int64_t count) const;

 private:
  RowReader() = default;
  [[nodiscard]] static Result<RowReader> open_npy(const std::filesystem::path& path);
  [[nodiscard]] static Result<RowReader> open_tensor(const std::filesystem::path& path,
                                                     std::string_view tensor);

  std::shared_ptr<const ByteSource> source_;
  std::string name_;
  std::uint64_t begin_ = 0;
  FloatType type_ = FloatType::f32;
  std::endian order_ = std::endian::little;
  bool column_major_ = false;
  std::int64_t rows_ = 0;
  std::int64_t columns_ = 0;
};

}  // namespace msq::golden
