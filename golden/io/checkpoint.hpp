#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/checkpoint_files.hpp"
#include "golden/io/matrix.hpp"
#include "golden/io/model_config.hpp"
#include "golden/io/safetensors.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// A matrix of a checkpoint: a two-dimensional tensor, or that of one expert of a three-dimensional one or of
/// MXFP4 blocks.
struct MatrixPlace {
  const TensorInfo* tensor = nullptr;
  std::optional<std::int64_t> expert;
};

/// An open checkpoint: one .safetensors file, or shards with an index. Opening reads headers only.
class Checkpoint {
 public:
  /// Error: those of find_checkpoint, read_model_config and SafetensorsReader::open; a tensor that is not in
  /// the shard that the index names, or in two shards.
  [[nodiscard]] static Result<Checkpoint> open(const std::filesystem::path& path);

  /// As the user gave it.
  [[nodiscard]] const std::string& name() const { return files_.name; }
  /// In natural order of their names. Offsets are those in the shard.
  [[nodiscard]] const std::vector<TensorInfo>& tensors() const { return tensors_; }
  /// Null if there is no such tensor.
  [[nodiscard]] const TensorInfo* find(std::string_view tensor) const;
  [[nodiscard]] const ModelConfig& config() const { return config_; }
  [[nodiscard]] const CheckpointFiles& files() const { return files_; }
  /// Tensors that the shards hold and the index does not name.
  [[nodiscard]] const std::vector<std::string>& not_in_index() const { return not_in_index_; }

  /// A tensor of 8-bit floats has a tensor of scales, or is taken as it is. Null if it has none.
  [[nodiscard]] const TensorInfo* scales_of(const TensorInfo& tensor) const;
  /// Why the weights cannot be had, without reading them: 8-bit floats without scales in a checkpoint that
  /// has some, or of a configuration that names a quantization; scales of another shape. Empty if they can.
  [[nodiscard]] std::string check_scales(const MatrixPlace& place, std::optional<Layout> layout) const;

  /// Loads a matrix as it is stored, in float32, times its scales. `layout` says which side is N, for scales
  /// per output. Error: another dtype than F64, F32, F16, BF16, F8_E4M3 and F8_E5M2, other dimensions, an
  /// extent 0, no such expert, a finite F64 beyond float32, and what check_scales finds.
  [[nodiscard]] Result<Matrix> load(const MatrixPlace& place, std::optional<Layout> layout) const;

 private:
  struct Place {
    std::size_t shard = 0;
    std::size_t index = 0;  ///< in tensors_
  };

  Checkpoint() = default;
  Result<> open_shards();
  Result<> add_tensors(std::size_t shard);
  Result<> check_index() const;
  [[nodiscard]] Result<std::vector<float>> values(const TensorInfo& tensor, std::int64_t first,
                                                  std::int64_t count) const;
  [[nodiscard]] Result<Matrix> load_mxfp4(const MatrixPlace& place) const;
  [[nodiscard]] std::string label(const TensorInfo& tensor) const;
  [[nodiscard]] Result<> scale(Matrix& stored, const MatrixPlace& place, std::optional<Layout> layout) const;

  CheckpointFiles files_;
  ModelConfig config_;
  std::vector<SafetensorsReader> shards_;
  std::vector<TensorInfo> tensors_;
  std::map<std::string, Place, std::less<>> places_;  ///< of each tensor
  std::vector<std::string> not_in_index_;
  bool has_scales_ = false;  ///< of some tensor of 8-bit floats
};

}  // namespace msq::golden
