#include "golden/io/npy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

#include "golden/io/atomic_file.hpp"
#include "golden/io/describe.hpp"
#include "golden/io/float_data.hpp"
#include "golden/io/npy_header.hpp"
#include "golden/io/transpose.hpp"

namespace msq::golden {
namespace {

constexpr std::array<std::uint8_t, 6> kMagic{0x93, 'N', 'U', 'M', 'P', 'Y'};
/// Ours is far longer than any header of a plain array; format 2.0 would allow 4 GiB.
constexpr std::uint64_t kMaxNpyHeaderBytes = 65535;

/// Place of the header text, and so the beginning of the data.
struct Extent {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Result<Extent> header_extent(const ByteSource& source) {
  std::array<std::byte, 12> start{};
  const std::size_t available =
      static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), start.size()));
  MSQ_CHECK(source.read(0, std::span(start).first(available)));
  const auto byte = [&start](std::size_t i) { return std::to_integer<std::uint32_t>(start[i]); };
  bool magic = available >= 10;
  for (std::size_t i = 0; i < kMagic.size(); ++i) {
    magic = magic && byte(i) == kMagic[i];
  }
  if (!magic) {
    return Error(fmt::format("{}: not a .npy file ({} bytes long; it must begin with \\x93NUMPY)",
                             source.name(), source.size()));
  }
  const std::uint32_t major = byte(6);
  if (major < 1 || major > 3 || byte(7) != 0) {
    return Error(fmt::format("{}: .npy format {}.{}; allowed: 1.0, 2.0, 3.0", source.name(), major, byte(7)));
  }
  const std::uint64_t begin = major == 1 ? 10 : 12;
  std::uint64_t length = byte(8) | (byte(9) << 8);
  if (major > 1) {
    length |= (byte(10) << 16) | (byte(11) << 24);
  }
  if (length > kMaxNpyHeaderBytes || source.size() < begin || length > source.size() - begin) {
    return Error(
        fmt::format("{}: header of {} bytes in a file of {} bytes; allowed: at most {} and within the file",
                    source.name(), length, source.size(), kMaxNpyHeaderBytes));
  }
  return Extent{begin, begin + length};
}

/// Type and byte order of the elements by a descr.
struct ElementType {
  FloatType type = FloatType::f32;
  std::endian order = std::endian::little;
};

/// Nothing if it is no float type that is read. The byte order may be left out.
std::optional<ElementType> element_type(std::string_view descr) {
  const bool has_order = !descr.empty() && std::string_view("<>=|").find(descr[0]) != std::string_view::npos;
  const std::string_view code = has_order ? descr.substr(1) : descr;
  const std::endian order = descr.starts_with('>') ? std::endian::big : std::endian::little;
  if (code == "f4") return ElementType{FloatType::f32, order};
  if (code == "f2") return ElementType{FloatType::f16, order};
  return code == "f8" ? std::optional(ElementType{FloatType::f64, order}) : std::nullopt;
}

Result<NpyHeader> read_header(const ByteSource& source, const Extent& extent) {
  std::string text(static_cast<std::size_t>(extent.end - extent.begin), '\0');
  MSQ_CHECK(source.read(extent.begin, std::as_writable_bytes(std::span(text))));
  auto header = parse_npy_header(text);
  if (!header) {
    return Error(fmt::format("{}: {}", source.name(), header.error()));
  }
  return header;
}

Error bad_shape(const ByteSource& source, const std::vector<std::int64_t>& shape) {
  return Error(fmt::format("{}: shape {}; allowed: one or two dimensions, each at least 1", source.name(),
                           shape_text(shape)));
}

/// Dtype, shape and file length agree; returns the stored type.
Result<ElementType> check(const ByteSource& source, const NpyHeader& header, std::uint64_t data_bytes) {
  const auto element = element_type(header.descr);
  if (!element) {
    return Error(fmt::format("{}: element type (descr) {}; allowed: 'f4', 'f2' and 'f8' with '<' or '>'",
                             source.name(), in_quotes(header.descr)));
  }
  if (header.shape.empty() || header.shape.size() > 2) return bad_shape(source, header.shape);
  const std::string shape = shape_text(header.shape);
  std::int64_t expected = 0;
  if (!byte_count(header.shape, element_bytes(element->type), expected)) {
    return Error(fmt::format("{}: shape {} has more elements than any file can hold", source.name(), shape));
  }
  if (static_cast<std::uint64_t>(expected) != data_bytes) {
    return Error(fmt::format("{}: shape {} of {} needs {} bytes of data, the file holds {}", source.name(),
                             shape, in_quotes(header.descr), expected, data_bytes));
  }
  return *element;
}

}  // namespace

Result<NpyLayout> read_npy_layout(const ByteSource& source) {
  MSQ_TRY(const auto extent, header_extent(source));
  MSQ_TRY(auto header, read_header(source, extent));
  MSQ_TRY(const auto element, check(source, header, source.size() - extent.end));
  return NpyLayout{std::move(header.shape), element.type, element.order, header.fortran_order, extent.end};
}

Result<NpyArray> read_npy_array(const ByteSource& source) {
  MSQ_TRY(auto layout, read_npy_layout(source));
  const std::vector<std::int64_t>& shape = layout.shape;
  if (std::ranges::count(shape, 0) != 0) return bad_shape(source, shape);
  const std::int64_t columns = shape.size() == 2 ? shape[1] : 1;
  MSQ_TRY(auto values, read_floats(source, layout.begin, shape[0] * columns, layout.type, layout.order));
  if (layout.fortran_order && shape.size() == 2) {  // the file holds the transposed matrix in C order
    values = transposed({columns, shape[0], std::move(values)}).values;
  }
  return NpyArray{shape, std::move(values)};
}

Result<Matrix> read_npy(const ByteSource& source) {
  MSQ_TRY(auto array, read_npy_array(source));
  if (array.shape.size() != 2) {
    return Error(
        fmt::format("{}: shape {}; allowed: two dimensions", source.name(), shape_text(array.shape)));
  }
  return Matrix{array.shape[0], array.shape[1], std::move(array.values)};
}

Result<Matrix> read_npy(const std::filesystem::path& path) {
  MSQ_TRY(const auto source, open_file(path));
  return read_npy(*source);
}

std::string npy_bytes(const Matrix& matrix) {
  if (matrix.rows < 0 || matrix.columns < 0 ||
      matrix.values.size() !=
          static_cast<std::size_t>(matrix.rows) * static_cast<std::size_t>(matrix.columns)) {
    throw std::logic_error("npy_bytes: values do not match rows x columns");
  }
  constexpr std::size_t kAlignment = 64;
  constexpr std::size_t kPreamble = 10;
  std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}",
                                   matrix.rows, matrix.columns);
  header.append(kAlignment - 1 - (kPreamble + header.size()) % kAlignment, ' ');
  header += '\n';
  std::string out(kMagic.begin(), kMagic.end());
  out += '\x01';
  out += '\0';
  out += static_cast<char>(header.size() & 0xFF);
  out += static_cast<char>(header.size() >> 8);
  out += header;
  out.append(reinterpret_cast<const char*>(matrix.values.data()), matrix.values.size() * sizeof(float));
  return out;
}

Result<> write_npy(const std::filesystem::path& path, const Matrix& matrix) {
  return write_file_atomically(path, npy_bytes(matrix));
}

}  // namespace msq::golden
