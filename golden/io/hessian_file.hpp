#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "golden/io/safetensors.hpp"
#include "golden/quantize/calibration.hpp"
#include "support/result.hpp"

namespace msq::golden {

// Ends of the names of tensors and of metadata.
inline constexpr const char* kSumsSuffix = ".hessian";
inline constexpr const char* kLargestSuffix = ".largest";
inline constexpr const char* kTargetSuffix = ".target";
inline constexpr const char* kTokensSuffix = ".tokens";
inline constexpr const char* kInputSuffix = ".input";

/// Sums over calibration activations, made while a model ran (docs/user/models.md, "Hessian files"): for an
/// input NAME the tensor `NAME.hessian` [k][k], 2 X^T X; `NAME.largest` [k], the largest |activation| of each
/// input, if migration is to be used or inputs that are hardly seen are to be found; and the text
/// `NAME.tokens`. Layers that share an input have the text `LAYER.input`, its name. `LAYER.target` [k][n], 2
/// X^T Y of wanted outputs Y, may be there.
class HessianFile {
 public:
  /// Error: those of SafetensorsReader::open.
  [[nodiscard]] static Result<HessianFile> open(const std::filesystem::path& path);

  /// Sums of a layer with weights [k][n]. Error names file and tensor: no such layer, other shapes, NaN or
  /// infinity, a matrix that is not symmetric or has a negative diagonal, a largest activation below 0,
  /// tokens that are no number from 0 on.
  [[nodiscard]] Result<Calibration> load(const std::string& layer, std::int64_t k, std::int64_t n) const;
  /// Shapes and tokens as load() checks them; no data is read.
  [[nodiscard]] Result<> check(const std::string& layer, std::int64_t k, std::int64_t n) const;

 private:
  explicit HessianFile(SafetensorsReader reader) : reader_(std::move(reader)) {}
  [[nodiscard]] std::string input_of(const std::string& layer) const;
  [[nodiscard]] Result<std::int64_t> tokens_of(const std::string& input) const;
  [[nodiscard]] Result<std::vector<float>> load_largest(const std::string& tensor) const;
  [[nodiscard]] Result<> check_shape(const std::string& tensor, std::int64_t rows,
                                     std::int64_t columns) const;

  SafetensorsReader reader_;
};

}  // namespace msq::golden
