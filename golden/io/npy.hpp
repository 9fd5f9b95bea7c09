#pragma once

#include <bit>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "golden/io/byte_source.hpp"
#include "golden/io/float_data.hpp"
#include "golden/io/matrix.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// A one- or two-dimensional NumPy array as float32, C order for every order of the file.
struct NpyArray {
  std::vector<std::int64_t> shape;  ///< one or two extents, each >= 1
  std::vector<float> values;
};

/// Place and layout of the array in a .npy file.
struct NpyLayout {
  std::vector<std::int64_t> shape;  ///< one or two extents, each >= 0
  FloatType type = FloatType::f32;
  std::endian order = std::endian::little;
  bool fortran_order = false;
  std::uint64_t begin = 0;  ///< byte of the first element; the rest of the file is the array
};

/// Reads the header only. Error: see read_npy_array; extents of 0 pass.
[[nodiscard]] Result<NpyLayout> read_npy_layout(const ByteSource& source);

/// Reads a .npy file, format 1.0, 2.0 or 3.0, as NumPy 1 of Python 2 or 3 and NumPy 2 write it: 'f4' and 'f2'
/// exactly, 'f8' rounded to the nearest float32 (ties to even), each in either byte order ('<', '>'; '=' and
/// '|' are little-endian), C or Fortran order, 1-D or 2-D. NaN and infinities pass.
/// Error (names the file and the allowed values): not such a file, a length that is not header + data, an
/// extent 0, a finite 'f8' beyond float32. Memory is allocated only after the shape has been checked against
/// the file's length.
[[nodiscard]] Result<NpyArray> read_npy_array(const ByteSource& source);

/// As read_npy_array, but two dimensions only.
[[nodiscard]] Result<Matrix> read_npy(const ByteSource& source);
[[nodiscard]] Result<Matrix> read_npy(const std::filesystem::path& path);

/// Bytes of a format 1.0 file: '<f4', C order, shape (rows, columns), data at a multiple of 64 bytes.
[[nodiscard]] std::string npy_bytes(const Matrix& matrix);

/// Writes npy_bytes atomically. Error: see write_file_atomically.
[[nodiscard]] Result<> write_npy(const std::filesystem::path& path, const Matrix& matrix);

}  // namespace msq::golden
