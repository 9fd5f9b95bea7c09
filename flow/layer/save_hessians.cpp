#include "flow/layer/save_hessians.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "flow/layer/model_jobs.hpp"
#include "golden/io/hessian_write.hpp"
#include "support/progress.hpp"

namespace msq::flow {
namespace {

/// Steps of an input in which progress is shown.
constexpr std::int64_t kStepsPerInput = 1000;

std::map<std::string, int> layers_of_inputs(const std::vector<LayerWithRows>& layers) {
  std::map<std::string, int> counts;
  for (const LayerWithRows& of : layers) ++counts[of.input];
  return counts;
}

/// Layers with the inputs whose sums they share: the first layer of the same input and the same rows.
class SharedInputs {
 public:
  SharedInputs(const CalibrationSource& calibration, const std::vector<LayerWithRows>& layers)
      : calibration_(calibration), counts_(layers_of_inputs(layers)) {}

  /// Whether the layer is the first with its rows. Error: they cannot be read.
  Result<bool> add(const LayerWithRows& of) {
    if (of.input.empty() || counts_.at(of.input) == 1) return true;
    MSQ_TRY(const std::string rows, calibration_.digest(of.layer, of.tensor, of.k, 0));
    const auto [first, added] = first_.emplace(std::pair(of.input, rows), of.layer);
    if (!added) input_of_[of.layer] = first->second;
    return added;
  }
  [[nodiscard]] const std::map<std::string, std::string>& input_of() const { return input_of_; }

 private:
  const CalibrationSource& calibration_;
  std::map<std::string, int> counts_;
  std::map<std::pair<std::string, std::string>, std::string> first_;
  std::map<std::string, std::string> input_of_;
};

Result<golden::Calibration> sums_of_rows(const golden::RowReader& rows, double massive_weight,
                                         const golden::CalibrationProgress& progress) {
  auto sums = golden::calibrate(rows, massive_weight, progress);
  if (!sums) return Error(fmt::format("--calibration: {}", sums.error()));
  return sums;
}

}  // namespace

Result<SavedHessians> save_hessians(const std::filesystem::path& file, const CalibrationSource& calibration,
                                    const std::vector<LayerWithRows>& layers, double massive_weight) {
  Progress progress("summing up activations");
  SharedInputs shared(calibration, layers);
  std::vector<golden::InputSums> inputs;
  for (const LayerWithRows& of : layers) {
    MSQ_TRY(const golden::RowReader rows, calibration.open(of.layer, of.tensor, of.k));
    MSQ_TRY(const bool first, shared.add(of));
    if (!first) continue;
    // Opened again: there may be more inputs than a process may have open files.
    const auto make = [&, index = inputs.size()]() -> Result<golden::Calibration> {
      MSQ_TRY(const golden::RowReader again, calibration.open(of.layer, of.tensor, of.k));
      return sums_of_rows(again, massive_weight, [&](double part) {
        progress.update(static_cast<std::int64_t>((static_cast<double>(index) + part) * kStepsPerInput),
                        static_cast<std::int64_t>(inputs.size()) * kStepsPerInput);
      });
    };
    inputs.push_back({of.layer, of.k, rows.rows(), make});
  }
  MSQ_CHECK(golden::write_hessians(file, inputs, shared.input_of()));
  return SavedHessians{CalibrationSource::of_hessians(file), layers.size(), inputs.size()};
}

Result<SavedHessians> save_hessians(const std::filesystem::path& file, const ModelToQuantize& of) {
  MSQ_TRY(const std::vector<ModelJob> jobs, model_jobs(of));
  MSQ_CHECK(check_jobs(of.request, jobs));
  std::vector<LayerWithRows> layers;
  std::set<std::string> seen;  // jobs may be there at two widths
  for (const ModelJob& job : jobs) {
    if (seen.insert(job.layer).second) layers.push_back({job.layer, job.tensor, job.k, job.input});
  }
  return save_hessians(file, of.request.calibration, layers, of.request.choices.massive_weight);
}

}  // namespace msq::flow
