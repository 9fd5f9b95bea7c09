#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "flow/layer/quantize_model.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// A tensor to quantize, and to how many bits. Its number depends on its place in the model and its bits
/// alone, so that a part keeps its name when others are chosen.
struct ModelJob {
  std::size_t index = 0;
  std::string tensor, layer;
  golden::Layout layout = golden::Layout::k_by_n;
  std::int64_t weights = 0;
  std::int64_t k = 0;
  int bits = 0;
  std::string input = {};  ///< layers of the same text have the same input
};

/// Jobs of the tensors chosen, in the model's order; with QuantizeRequest::widths all of them at 2
/// bits, then all at 4. Error: no tensor is chosen; two of one layer name.
[[nodiscard]] Result<std::vector<ModelJob>> model_jobs(const ModelToQuantize& of);

/// Checks the jobs before the first layer is quantized. Error: a layer without calibration where there is
/// one, or of another shape; a layer, or choices, that the array of QuantizeRequest::widths cannot run.
[[nodiscard]] Result<> check_jobs(const QuantizeRequest& request, const std::vector<ModelJob>& jobs);

[[nodiscard]] std::int64_t weights_of(const std::vector<ModelJob>& jobs);

}  // namespace msq::flow
