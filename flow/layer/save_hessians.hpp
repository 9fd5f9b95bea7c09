#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "flow/layer/calibration.hpp"
#include "flow/layer/quantize_model.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// A layer with calibration rows.
struct LayerWithRows {
  std::string layer, tensor;
  std::int64_t k = 0;
  std::string input = {};  ///< layers of the same text have the same input; empty: its own
};

/// A Hessian file that was written.
struct SavedHessians {
  CalibrationSource source;  ///< the file
  std::size_t layers = 0;
  std::size_t inputs = 0;  ///< whose sums it holds
};

/// Writes the sums over the rows of `calibration` as a file of sums; shows its progress on standard error.
/// Layers of one input share its sums if their rows are the same. Massive tokens count `massive_weight`
/// times. Error: those of CalibrationSource::open, golden::calibrate and golden::write_hessians.
[[nodiscard]] Result<SavedHessians> save_hessians(const std::filesystem::path& file,
                                                  const CalibrationSource& calibration,
                                                  const std::vector<LayerWithRows>& layers,
                                                  double massive_weight);

/// The same of all layers of a model that are to be quantized. Error: also those of model_jobs and
/// check_jobs.
[[nodiscard]] Result<SavedHessians> save_hessians(const std::filesystem::path& file,
                                                  const ModelToQuantize& of);

}  // namespace msq::flow
