#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "flow/layer/model_selection.hpp"
#include "flow/layer/quantize_layer.hpp"
#include "golden/io/model_file.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// A model, its tensors with those chosen, and how to quantize them. The objects must outlive it.
struct ModelToQuantize {
  const golden::ModelFile& model;
  const std::vector<ListedTensor>& tensors;
  const QuantizeRequest& request;
};

/// A quantized layer of a model.
struct LayerFindings {
  std::string layer, tensor;
  golden::Layout layout = golden::Layout::k_by_n;
  QuantizationFindings quantization;
  std::optional<std::int64_t> cycles = {};  ///< predicted, if an array was named
};

/// Predicted cycles of a model's layers on the array that was named.
struct ModelCycles {
  std::string config;
  std::int64_t tokens = 0;        ///< of each layer
  std::int64_t total = 0;         ///< of all layers, one after the other
  std::int64_t at_four_bits = 0;  ///< the same with 4 bits everywhere
};

/// Sums over the layers of a model.
struct ModelTotals {
  std::int64_t weights = 0, outliers_kept = 0;
  double outlier_share = 0;
  double ebw_stored = 0;  ///< mean over the weights
};

/// A model that was quantized to a file.
struct ModelFindings {
  std::string output, source;
  int bits = 0;             ///< 0: layers have their own
  std::size_t resumed = 0;  ///< layers that an earlier run had finished
  std::vector<LayerFindings> layers;
  std::optional<ModelCycles> cycles = {};
  std::vector<ListedTensor> left_out = {};  ///< tensors of two or more dimensions that were not quantized

  [[nodiscard]] ModelTotals totals() const;
};

/// Quantizes the tensors chosen, one after the other, and writes them to the output at the end; shows its
/// progress on standard error. Finished layers are kept in OUTPUT.parts meanwhile: the same call resumes
/// after an interruption, one with other choices begins anew, and layers of other weights or another
/// calibration are made again; `note` reports both. Errors:
/// no tensor is chosen; two of one layer name; a layer without calibration, before the first is quantized;
/// those of loading, quantizing and writing. After an error finished layers are kept.
[[nodiscard]] Result<ModelFindings> quantize_model(const ModelToQuantize& of,
                                                   const std::function<void(const std::string&)>& note);

}  // namespace msq::flow
