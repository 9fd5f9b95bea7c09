#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "cli/model_selection.hpp"
#include "cli/operands.hpp"
#include "cli/quantization.hpp"
#include "golden/io/quantized_file.hpp"

namespace msq::cli {

/// A quantized layer as it is stored, and what is reported of it.
struct FinishedLayer {
  golden::QuantizedLayer layer;
  Json json;  ///< docs/report.md, "quantization"
  std::string text;
};

/// Quantizes the weights of one layer. Errors name the weights' source or the choice.
using LayerQuantizer = std::function<tl::expected<FinishedLayer, std::string>(
    const LabelledMatrix& weights, const std::string& layer, const QuantizerChoices& choices)>;

/// Many tensors of a model into one file.
struct ModelRequest {
  std::string output;
  QuantizerChoices choices;
  /// What else decides the outcome. Together with choices and source it tells whether layers that an
  /// interrupted run finished are taken up.
  Json inputs = Json::object();
};

/// What is reported of it.
struct ModelReport {
  Json json;
  std::string text;
};

/// Quantizes the tensors chosen, one after the other, and writes them to the output at the end. Finished
/// layers are kept in OUTPUT.parts meanwhile: the same call takes them up after an interruption, one with
/// other choices or another source begins anew and says so on standard error. Errors: no tensor is chosen;
/// two of one layer name; those of loading, quantizing and writing. After an error finished layers are kept.
[[nodiscard]] tl::expected<ModelReport, std::string> quantize_model(const golden::ModelFile& model,
                                                                    const std::vector<ListedTensor>& tensors,
                                                                    const ModelRequest& request,
                                                                    const LayerQuantizer& quantize);

}  // namespace msq::cli
