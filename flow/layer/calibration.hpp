#pragma once

#include <filesystem>
#include <string>

#include "golden/io/row_reader.hpp"
#include "golden/quantize/calibration.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Calibration of the layers to quantize: captured activations [tokens][K] (--calibration of `quantize`) or
/// sums over them (--hessians).
class CalibrationSource {
 public:
  CalibrationSource() = default;
  /// A directory with NAME.npy for each layer; a .safetensors file with a tensor NAME for each; or a .npy
  /// file, of one layer.
  explicit CalibrationSource(std::filesystem::path path) : path_(std::move(path)) {}

  /// The same for the layers of a model, where each tensor of a .safetensors file needs its name.
  [[nodiscard]] static CalibrationSource of_model(std::filesystem::path path) {
    CalibrationSource source(std::move(path));
    source.needs_names_ = true;
    return source;
  }

  /// A file of sums (golden/io/hessian_file.hpp).
  [[nodiscard]] static CalibrationSource of_hessians(std::filesystem::path path) {
    CalibrationSource source(std::move(path));
    source.hessians_ = true;
    return source;
  }

  [[nodiscard]] bool given() const { return !path_.empty(); }
  [[nodiscard]] bool holds_hessians() const { return hessians_; }
  /// A .npy file: it can serve one layer only.
  [[nodiscard]] bool of_one_layer() const { return path_.extension() == ".npy"; }

  /// The activations of a layer. NAME is the layer's name, or the tensor's if there is none of that name; a
  /// .safetensors file that holds one tensor only may call it anything, except with of_model(). There may be
  /// no tokens. Error: the path does not exist; there is none of either name; another number of columns than
  /// `k`; those of golden::RowReader::open.
  [[nodiscard]] Result<golden::RowReader> open(const std::string& layer, const std::string& tensor,
                                               std::int64_t k) const;
  /// The sums of a layer with weights [k][n]; holds_hessians() only. Named as for open(). Error: those of
  /// HessianFile::load.
  [[nodiscard]] Result<golden::Calibration> sums(const std::string& layer, const std::string& tensor,
                                                 std::int64_t k, std::int64_t n) const;
  /// That the calibration of a layer is there and of the right shape; no values are read.
  [[nodiscard]] Result<> check(const std::string& layer, const std::string& tensor, std::int64_t k,
                               std::int64_t n) const;
  /// Digest of a layer's calibration values.
  [[nodiscard]] Result<std::string> digest(const std::string& layer, const std::string& tensor,
                                           std::int64_t k, std::int64_t n) const;
  /// The file that is read for this layer.
  [[nodiscard]] std::filesystem::path file_of(const std::string& layer, const std::string& tensor) const;

 private:
  std::filesystem::path path_;
  bool hessians_ = false;
  bool needs_names_ = false;
};

}  // namespace msq::flow
