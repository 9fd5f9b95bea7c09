#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gen/config/config.hpp"
#include "golden/io/model_file.hpp"
#include "golden/io/safetensors.hpp"
#include "golden/quantize/packing.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Distribution of the finite values of a tensor.
struct Distribution {
  double minimum = 0, maximum = 0, mean = 0, sigma = 0;
};

struct ValueStatistics {
  std::int64_t values = 0, not_finite = 0;
  std::optional<Distribution> finite;  ///< none if no value is finite
};

/// One array of a file.
struct ArrayDescription {
  std::string tensor;  ///< empty: a .npy file
  std::vector<std::int64_t> shape;
  ValueStatistics statistics;
};

/// A layer of a file that `quantize` wrote.
struct QuantizedDescription {
  std::string name;
  std::int64_t k = 0, n = 0;
  golden::Format format;
  golden::Axis axis = golden::Axis::reduction;
  int outlier_shift_max = 0;
  bool input_scales = false;
  std::int64_t outliers = 0;
  golden::EffectiveBits bits;

  /// Outliers as a share of the weights.
  [[nodiscard]] double outlier_share() const {
    return static_cast<double>(outliers) / static_cast<double>(k * n);
  }
};

struct ConfigDescription {
  Config config;
  int sum_bits = 0;  ///< of a partial-sum lane
  int lanes = 0;
  int latency = 0;                   ///< cycles from a token to its partial sums
  long memory_bits = 0;              ///< of the core
  long accelerator_memory_bits = 0;  ///< of the core and all around it
};

/// A checkpoint: an index or a directory.
struct CheckpointDescription {
  std::string family;      ///< of golden/io/model_families.hpp; empty: not in the table, or no config.json
  std::string model_type;  ///< in config.json; empty without
  std::size_t shards = 0;
  std::uint64_t bytes = 0;  ///< of the shards
  std::vector<golden::StoredTensor> tensors;
  std::vector<std::string> notes;  ///< ModelFile::notes
};

/// Contents of a file, or a configuration.
struct Description {
  std::string file;
  std::variant<ArrayDescription, std::vector<QuantizedDescription>, std::vector<golden::TensorInfo>,
               std::vector<golden::StoredTensor>, CheckpointDescription, ConfigDescription>
      contents;
};

/// Describes a .npy, .safetensors (weights or quantized layers) or .onnx file, the index or the directory of
/// a checkpoint, a configuration file or a preset; with `tensor` that tensor of a model. Errors: another kind
/// of file; `tensor` with another one; those of reading.
[[nodiscard]] Result<Description> inspect(const std::string& file, const std::string& tensor);

}  // namespace msq::flow
