#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "golden/io/matrix.hpp"
#include "golden/io/matrix_source.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Which weights: a file or a synthetic matrix.
struct WeightsSource {
  std::string file;       ///< .npy, or a path that golden::ModelFile takes; empty: synthetic
  std::string tensor;     ///< in a model
  std::string layout;     ///< "k_by_n", "n_by_k" or empty: by the kind of file
  std::string synthetic;  ///< "KxN"

  /// Value of --layout; nothing if it was not given.
  [[nodiscard]] std::optional<golden::Layout> chosen_layout() const;
};

/// Which activations: a file, or random ones.
struct ActivationsSource {
  std::string file;  ///< .npy, .safetensors or .onnx, [M][K]; empty: random
  std::string tensor;
  std::int64_t tokens = 16;  ///< M of random ones
};

/// Where a matrix comes from, in words for a report, and its shape.
struct MatrixOrigin {
  std::string source;
  bool synthetic = false;
  std::int64_t rows = 0, columns = 0;
};

/// A matrix and its origin.
struct LabelledMatrix {
  golden::Matrix matrix;
  std::string source;
  bool synthetic = false;

  [[nodiscard]] MatrixOrigin origin() const { return {source, synthetic, matrix.rows, matrix.columns}; }
};

/// Files that load_weights reads; none for synthetic weights. Error: those of golden::ModelFile::open.
[[nodiscard]] Result<std::vector<std::filesystem::path>> files_of(const WeightsSource& source);

/// [K][N]. Synthetic ones are drawn from Student's t distribution (5 degrees of freedom, times 0.04): heavy
/// tails as in transformers. Errors name file or option.
[[nodiscard]] Result<LabelledMatrix> load_weights(const WeightsSource& source, unsigned seed);

/// [M][K]. Random ones are normal, with one channel in 64 larger by 8 to 32, as in transformers. A file's K
/// must be `k`, for weights called `weights_name` in the message.
[[nodiscard]] Result<LabelledMatrix> load_activations(const ActivationsSource& source, std::int64_t k,
                                                      const std::string& weights_name, unsigned seed);

/// Activations quantized for an array: `bits` 8 or 4, blocks as long as the weights' macro-blocks.
[[nodiscard]] Result<golden::QuantizedActivations> quantize_activations(const LabelledMatrix& activations,
                                                                        int bits, int block);

/// Divides the activations of input k by scales[k]; no scales: leaves them as they are.
void divide_inputs(golden::Matrix& activations, const std::vector<float>& scales);

}  // namespace msq::flow
