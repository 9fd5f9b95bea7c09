#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/byte_source.hpp"
#include "golden/io/float_data.hpp"
#include "golden/io/matrix.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// Text pairs of a safetensors header (`__metadata__`), sorted by key.
using Metadata = std::map<std::string, std::string>;

/// One tensor as the header describes it; nothing of its data is loaded.
struct TensorInfo {
  std::string name;
  std::string dtype;                ///< as stored, such as "F32"; may be a type this reader cannot load
  std::vector<std::int64_t> shape;  ///< empty for a scalar; extents may be 0
  std::uint64_t begin = 0;          ///< bytes [begin, end) of the data section
  std::uint64_t end = 0;
};

/// Place of a two-dimensional tensor in the file.
struct StoredMatrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  FloatType type = FloatType::f32;
  std::uint64_t begin = 0;  ///< byte of the file
};

/// An open .safetensors file. Opening reads and checks the header only; each load reads only its tensor.
class SafetensorsReader {
 public:
  /// Error (names the file, the tensor and the allowed values): not such a file; a header that is longer than
  /// the file or than 100 MB, malformed, nested too deeply, or names a tensor or field twice; data offsets
  /// that overlap, leave gaps, run past the end of the file (truncated), stop short of it, or do not match
  /// dtype and shape.
  [[nodiscard]] static Result<SafetensorsReader> open(const std::filesystem::path& path);
  [[nodiscard]] static Result<SafetensorsReader> open(std::unique_ptr<ByteSource> source);

  [[nodiscard]] const std::string& name() const { return source_->name(); }
  /// In the order of the data.
  [[nodiscard]] const std::vector<TensorInfo>& tensors() const { return tensors_; }
  [[nodiscard]] const Metadata& metadata() const { return metadata_; }
  /// Null if there is no such tensor.
  [[nodiscard]] const TensorInfo* find(std::string_view tensor) const;

  /// Loads a two-dimensional tensor of dtype F32, F16 or BF16, exactly, or F64, rounded to the nearest
  /// float32 (ties to even); NaN and infinities pass. Error: no such tensor (a few two-dimensional float
  /// tensors are listed), another dtype, other dimensions, an extent 0, a finite F64 beyond float32.
  [[nodiscard]] Result<Matrix> load_matrix(std::string_view tensor) const;

  /// Place of the elements that load_matrix loads; extents may be 0. Error: those of load_matrix otherwise,
  /// but for the values.
  [[nodiscard]] Result<StoredMatrix> locate_matrix(std::string_view tensor) const;
  /// The open file itself.
  [[nodiscard]] std::unique_ptr<ByteSource> take_source() && { return std::move(source_); }

  /// Loads the bytes (little-endian, C order) of a tensor of dtype U8, I8, I32, I64 or F32.
  /// Error: no such tensor, another dtype than `dtype`.
  [[nodiscard]] Result<std::vector<std::byte>> load_bytes(std::string_view tensor,
                                                          std::string_view dtype) const;
  /// Elements first..first+count-1 of a tensor of this file, which must exist, as float32. Error: no float
  /// type (safetensors_stored_type), reading fails, or a finite F64 beyond float32.
  [[nodiscard]] Result<std::vector<float>> load_values(const TensorInfo& tensor, std::int64_t first,
                                                       std::int64_t count) const;
  /// Fills `out` from byte `begin` of the data section. Error: the bytes are not there, or reading fails.
  [[nodiscard]] Result<> read_data(std::uint64_t begin, std::span<std::byte> out) const {
    return source_->read(data_begin_ + begin, out);
  }

 private:
  SafetensorsReader() = default;
  [[nodiscard]] Error bad_shape(const TensorInfo& tensor) const;

  std::unique_ptr<ByteSource> source_;
  std::uint64_t data_begin_ = 0;
  std::vector<TensorInfo> tensors_;
  Metadata metadata_;
};

/// How a float dtype is stored; nothing for a dtype that load_matrix refuses.
[[nodiscard]] std::optional<FloatType> safetensors_float_type(std::string_view dtype);

/// The same, and 8-bit floats: F8_E4M3 and F8_E5M2, whose scales are another tensor, and F8_E8M0, which holds
/// scales.
[[nodiscard]] std::optional<FloatType> safetensors_stored_type(std::string_view dtype);

/// The error for a name that no tensor of `tensors` has; lists a few two-dimensional float tensors.
[[nodiscard]] Error no_such_tensor(const std::string& file, std::span<const TensorInfo> tensors,
                                   std::string_view tensor);

/// Types the writer stores.
enum class DType { u8, i8, i32, i64, f32 };

/// A tensor to be written; `bytes` are its elements, little-endian, C order.
struct NamedTensor {
  std::string name;
  DType dtype = DType::u8;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;
};

[[nodiscard]] NamedTensor named_tensor(std::string name, std::vector<std::int64_t> shape,
                                       std::span<const std::uint8_t> values);
[[nodiscard]] NamedTensor named_tensor(std::string name, std::vector<std::int64_t> shape,
                                       std::span<const std::int8_t> values);
[[nodiscard]] NamedTensor named_tensor(std::string name, std::vector<std::int64_t> shape,
                                       std::span<const std::int32_t> values);
[[nodiscard]] NamedTensor named_tensor(std::string name, std::vector<std::int64_t> shape,
                                       std::span<const std::int64_t> values);
[[nodiscard]] NamedTensor named_tensor(std::string name, std::vector<std::int64_t> shape,
                                       std::span<const float> values);

/// Bytes of a .safetensors file. They depend only on the names, dtypes, shapes, values and metadata, not on
/// the order of `tensors`: wide dtypes come first (so that every tensor is aligned), then names ascending.
/// The header is padded with spaces to a multiple of 8 bytes. Error: a name used twice or reserved
/// (`__metadata__`), text that is not UTF-8.
[[nodiscard]] Result<std::string> safetensors_bytes(std::span<const NamedTensor> tensors,
                                                    const Metadata& metadata);

/// Writes safetensors_bytes atomically. Error: also those of write_file_atomically.
[[nodiscard]] Result<> write_safetensors(const std::filesystem::path& path,
                                         std::span<const NamedTensor> tensors, const Metadata& metadata);

}  // namespace msq::golden
