#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "cli/task_options.hpp"
#include "cli/width_options.hpp"
#include "flow/layer/model_selection.hpp"
#include "flow/layer/quantize_layer.hpp"

namespace msq::cli {

/// Command line of `quantize`.
struct QuantizeOptions {
  flow::WeightsSource weights;
  flow::QuantizerChoices choices;
  flow::TensorSelection selection;
  std::string output, layer, calibration, hessians, save_hessians, profile = "paper";
  WidthOptions widths;
  TaskOptions tasks;
  unsigned seed = 1;
  bool list = false, json = false;

  /// Layer name in the file: as asked for, else the tensor's without ".weight", else the file's stem.
  [[nodiscard]] std::string layer_name() const {
    if (!layer.empty()) return layer;
    if (!weights.tensor.empty()) return flow::layer_name_of(weights.tensor);
    return weights.file.empty() ? "synthetic" : std::filesystem::path(weights.file).stem().string();
  }
  /// A choice among the tensors of a model, rather than one matrix.
  [[nodiscard]] bool of_model() const {
    return golden::ModelFile::is_model(weights.file) && !selection.names_one();
  }
  /// Error: those of WidthOptions::limit.
  [[nodiscard]] Result<flow::QuantizeRequest> request() const {
    MSQ_TRY(const auto limit, widths.limit());
    return flow::QuantizeRequest{output, choices, source(), limit};
  }
  [[nodiscard]] flow::CalibrationSource source() const {
    if (!hessians.empty()) return flow::CalibrationSource::of_hessians(hessians);
    return of_model() ? flow::CalibrationSource::of_model(calibration) : flow::CalibrationSource(calibration);
  }
};

void add_quantize_options(CLI::App& command, QuantizeOptions& options);

/// After parsing: what --profile sets, and checks of options that depend on each other. \throws CLI::Error.
void finish_quantize_options(const CLI::App& command, QuantizeOptions& options);

}  // namespace msq::cli
