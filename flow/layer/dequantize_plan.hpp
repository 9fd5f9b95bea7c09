#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golden/io/float_data.hpp"
#include "golden/io/matrix.hpp"
#include "golden/io/model_file.hpp"
#include "golden/io/safetensors.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// How the weights of layers are stored.
struct DequantizedForm {
  std::optional<golden::FloatType> type;  ///< none: that of the checkpoint's tensor; F32 without a checkpoint
  /// Of the layers whose layout the checkpoint does not prove. None: as the checkpoint suggests; n_by_k
  /// without one.
  std::optional<golden::Layout> layout;
};

/// A matrix of a tensor that is computed.
struct OutputMatrix {
  std::string layer;   ///< of the quantized file; empty: the checkpoint's matrix is converted
  std::string stored;  ///< name of the checkpoint's matrix (golden::StoredTensor); empty without a checkpoint
  golden::Layout layout = golden::Layout::n_by_k;  ///< of a layer
  bool transposed = false;                         ///< of a converted matrix: not as it is stored
  golden::Layout original_layout = layout;         ///< of the checkpoint's matrix that a layer replaces
};

/// A tensor of the output.
struct OutputTensor {
  golden::TensorInfo info;  ///< begin and end: place in its shard of the checkpoint, if it is copied
  std::size_t shard = 0;    ///< of the checkpoint
  golden::FloatType type = golden::FloatType::f32;  ///< of a tensor that is computed
  std::vector<OutputMatrix> matrices;               ///< in order; none: the tensor is copied

  [[nodiscard]] bool copied() const { return matrices.empty(); }
  [[nodiscard]] std::uint64_t bytes() const;
};

struct DequantizePlan {
  std::vector<OutputTensor> tensors;  ///< shard by shard
  std::vector<std::string> dropped;   ///< scales of 8-bit floats and MXFP4 blocks that the output has as BF16
  std::size_t layers = 0;
};

/// Name of a type in a .safetensors file.
[[nodiscard]] const char* type_name(golden::FloatType type);

/// The layers alone: LAYER.weight for each. Error: metadata without the size of a layer.
[[nodiscard]] Result<DequantizePlan> plan_layers(const golden::SafetensorsReader& quantized,
                                                 const DequantizedForm& form);

/// The checkpoint with its layers replaced. Tensors of 8-bit floats that have scales become BF16, as do all
/// MXFP4 blocks if one of their experts is a layer: a tensor [experts][K][N] without "_blocks" in its name.
/// Their scales are dropped; all other tensors that are no layer are copied. Error: a layer that the
/// checkpoint has not, or has with another shape; one without a known layout; an ONNX model; metadata
/// without the size of a layer.
[[nodiscard]] Result<DequantizePlan> plan_checkpoint(const golden::SafetensorsReader& quantized,
                                                     const golden::ModelFile& model,
                                                     const DequantizedForm& form);

}  // namespace msq::flow
