#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "flow/layer/model_jobs.hpp"
#include "flow/layer/part_files.hpp"
#include "flow/layer/quantize_layer.hpp"
#include "golden/io/model_file.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Inputs that all layers of the model share, and room for the numbers of both widths.
[[nodiscard]] PartPlan plan_of(const ModelToQuantize& of);

/// Quantizes layers of a model to part files; shows its progress on standard error. The arguments of the
/// constructor must outlive the object.
class ModelRun {
 public:
  ModelRun(const ModelToQuantize& of, const PartFiles& parts)
      : model_(of.model), request_(of.request), parts_(parts) {}

  /// Every job is a finished part afterwards. Error: those of loading, quantizing and writing.
  [[nodiscard]] Result<> finish(const std::vector<ModelJob>& jobs);
  /// Takes over the findings of parts that are finished; returns the jobs that are left. Error: those of
  /// loading, since parts are compared with the weights and the calibration.
  [[nodiscard]] Result<std::vector<ModelJob>> take_up(const std::vector<ModelJob>& jobs);

  /// Layers whose parts are of other weights, or of another calibration.
  [[nodiscard]] std::size_t of_others() const { return of_others_; }
  /// Layers that were finished before.
  [[nodiscard]] std::size_t resumed() const { return resumed_; }
  /// Of a job that is finished.
  [[nodiscard]] const QuantizationFindings& findings(const ModelJob& job) const {
    return findings_.at(job.index);
  }

 private:
  [[nodiscard]] QuantizeRequest request_for(const ModelJob& job) const;
  [[nodiscard]] Result<PartKey> key_of(const ModelJob& job, const golden::Matrix& matrix) const;
  [[nodiscard]] Result<> quantize_all(const std::vector<ModelJob>& left, std::size_t all);
  [[nodiscard]] Result<> quantize_one(const ModelJob& job, const golden::QuantizeProgress& progress);

  const golden::ModelFile& model_;
  const QuantizeRequest& request_;
  const PartFiles& parts_;
  std::map<std::size_t, QuantizationFindings> findings_;
  std::size_t resumed_ = 0;
  std::size_t of_others_ = 0;
};

}  // namespace msq::flow
