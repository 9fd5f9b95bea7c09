#include "golden/io/row_reader.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "golden/io/describe.hpp"
#include "golden/io/npy.hpp"
#include "golden/io/safetensors.hpp"
#include "golden/io/transpose.hpp"

namespace msq::golden {

Result<RowReader> RowReader::open(const std::filesystem::path& path, std::string_view tensor) {
  const std::string extension = path.extension().string();
  if (extension == ".safetensors") return open_tensor(path, tensor);
  if (extension == ".npy" && tensor.empty()) return open_npy(path);
  return Error(extension == ".npy"
                   ? fmt::format("{}: tensor {} was asked for; allowed: no tensor name with a .npy file",
                                 path.string(), in_quotes(tensor))
                   : fmt::format("{}: file name extension {}; allowed: .npy, .safetensors", path.string(),
                                 in_quotes(extension)));
}

Result<RowReader> RowReader::open_npy(const std::filesystem::path& path) {
  MSQ_TRY(auto source, open_file(path));
  MSQ_TRY(const auto layout, read_npy_layout(*source));
  if (layout.shape.size() != 2 || layout.shape[1] == 0) {
    return Error(fmt::format("{}: shape {}; allowed: two dimensions, the second at least 1", source->name(),
                             shape_text(layout.shape)));
  }
  RowReader reader;
  reader.source_ = std::move(source);
  reader.name_ = reader.source_->name();
  reader.begin_ = layout.begin;
  reader.type_ = layout.type;
  reader.order_ = layout.order;
  reader.column_major_ = layout.fortran_order;
  reader.rows_ = layout.shape[0];
  reader.columns_ = layout.shape[1];
  return reader;
}

Result<RowReader> RowReader::open_tensor(const std::filesystem::path& path, std::string_view tensor) {
  MSQ_TRY(auto file, SafetensorsReader::open(path));
  MSQ_TRY(const auto place, file.locate_matrix(tensor));
  if (place.columns == 0) {
    return Error(fmt::format("{}: tensor {} has shape [{}, 0]; allowed: the second dimension at least 1",
                             file.name(), in_quotes(tensor), place.rows));
  }
  RowReader reader;
  reader.name_ = fmt::format("{}: {}", file.name(), tensor);
  reader.source_ = std::move(file).take_source();
  reader.begin_ = place.begin;
  reader.type_ = place.type;
  reader.rows_ = place.rows;
  reader.columns_ = place.columns;
  return reader;
}

Result<std::vector<float>> RowReader::read(std::int64_t first, std::int64_t count) const {
  if (first < 0 || count < 0 || count > rows_ - first) throw std::logic_error("RowReader: no such rows");
  const std::int64_t bytes = element_bytes(type_);
  if (!column_major_) {
    return read_floats(*source_, begin_ + static_cast<std::uint64_t>(first * columns_ * bytes),
                       count * columns_, type_, order_);
  }
  Matrix columns{columns_, count, {}};  // [columns][count], as stored
  columns.values.reserve(static_cast<std::size_t>(count * columns_));
  for (std::int64_t column = 0; column < columns_; ++column) {
    auto part = read_floats(*source_, begin_ + static_cast<std::uint64_t>((column * rows_ + first) * bytes),
                            count, type_, order_);
    if (!part) return part;
    columns.values.insert(columns.values.end(), part->begin(), part->end());
  }
  return transposed(columns).values;
}

}  // namespace msq::golden
