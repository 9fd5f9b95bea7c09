#pragma once

#include <filesystem>
#include <string>

#include "golden/io/row_reader.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Captured activations [tokens][K] of the layers to quantize, as --calibration of `quantize` names them.
class CalibrationSource {
 public:
  CalibrationSource() = default;
  /// A directory with NAME.npy for each layer; a .safetensors file with a tensor NAME for each; or a .npy
  /// file, of one layer.
  explicit CalibrationSource(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] bool given() const { return !path_.empty(); }
  /// A .npy file: it can serve one layer only.
  [[nodiscard]] bool of_one_layer() const { return path_.extension() == ".npy"; }

  /// The activations of a layer. NAME is the layer's name, or the tensor's if there is none of that name; a
  /// .safetensors file that holds one tensor only may call it anything. There may be no tokens. Error: there
  /// is none of either name; another number of columns than `k`; those of golden::RowReader::open.
  [[nodiscard]] Result<golden::RowReader> open(const std::string& layer, const std::string& tensor,
                                               std::int64_t k) const;

 private:
  /// The file that open() reads for this layer.
  [[nodiscard]] std::filesystem::path file_of(const std::string& layer, const std::string& tensor) const;

  std::filesystem::path path_;
};

}  // namespace msq::flow
