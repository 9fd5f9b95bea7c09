#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/model_selection.hpp"
#include "cli/operands.hpp"
#include "cli/quantization.hpp"
#include "golden/io/quantized_file.hpp"
#include "support/result.hpp"

namespace msq::cli {

/// A quantized layer as it is stored, and what is reported of it.
struct FinishedLayer {
  golden::QuantizedLayer layer;
  Json json;  ///< docs/report.md, "quantization"
  std::string text;
};

/// A layer of a model: its weights, and what they are called.
struct LayerWeights {
  std::string layer;   ///< its name in the output
  std::string tensor;  ///< the name of its weights in the model; empty if they have none
  LabelledMatrix matrix;
};

/// Quantizes the weights of one layer. `progress` is told 0..1. Errors name the weights' source or the
/// choice.
using LayerQuantizer = std::function<Result<FinishedLayer>(const LayerWeights& weights,
                                                           const golden::QuantizeProgress& progress)>;

/// What else a layer of the model needs is there. Called for all layers before the first is quantized.
using LayerCheck =
    std::function<Result<>(const std::string& layer, const std::string& tensor, std::int64_t k)>;

/// Size and time of last change of files, to tell whether they are still the same. Error: one is not there.
[[nodiscard]] Result<Json> fingerprint(const std::vector<std::filesystem::path>& files);

/// Many tensors of a model into one file.
struct ModelRequest {
  std::string output;
  QuantizerChoices choices;
  /// Files besides the model that a layer's outcome depends on. Together with choices and model they tell
  /// whether layers that an interrupted run finished are taken up.
  std::function<std::vector<std::filesystem::path>(const std::string& layer, const std::string& tensor)>
      other_files;
  LayerCheck check;
  LayerQuantizer quantize;
};

/// What is reported of it.
struct ModelReport {
  Json json;
  std::string text;
};

/// Quantizes the tensors chosen, one after the other, and writes them to the output at the end. Finished
/// layers are kept in OUTPUT.parts meanwhile: the same call takes them up after an interruption, one with
/// other choices or another source begins anew and says so on standard error. Errors: no tensor is chosen;
/// two of one layer name; those of request.check, of loading, quantizing and writing. After an error finished
/// layers are kept.
[[nodiscard]] Result<ModelReport> quantize_model(const golden::ModelFile& model,
                                                 const std::vector<ListedTensor>& tensors,
                                                 const ModelRequest& request);

}  // namespace msq::cli
