#include "flow/layer/quantize_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <utility>

#include "flow/layer/mixed_precision.hpp"
#include "flow/layer/part_files.hpp"
#include "gen/arch/design.hpp"
#include "golden/io/describe.hpp"
#include "golden/io/safetensors_merge.hpp"
#include "support/digest.hpp"
#include "support/progress.hpp"

namespace msq::flow {
namespace {

/// A tensor to quantize, and to how many bits. Its number depends on its place in the model and its bits
/// alone, so that a part keeps its name when others are chosen.
struct Job {
  std::size_t index = 0;
  std::string tensor, layer;
  golden::Layout layout = golden::Layout::k_by_n;
  std::int64_t weights = 0;
  std::int64_t k = 0;
  int bits = 0;
};

/// The same tensors at 2, then at 4 bits, `all` being how many the model has.
std::vector<Job> at_both_widths(const std::vector<Job>& jobs, std::size_t all) {
  std::vector<Job> both;
  for (const int bits : {2, 4}) {
    for (Job job : jobs) {
      job.bits = bits;
      job.index += bits == 4 ? all : 0;
      both.push_back(std::move(job));
    }
  }
  return both;
}

Result<std::vector<Job>> jobs_of(const golden::ModelFile& model, const std::vector<ListedTensor>& tensors,
                                 int bits) {
  std::vector<Job> jobs;
  std::map<std::string, std::string> tensor_of;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].chosen()) continue;
    const golden::StoredTensor& stored = tensors[i].stored;
    const LayerOfModel of = *layer_of(tensors[i]);
    const std::string& layer = of.layer;
    const auto [other, added] = tensor_of.emplace(layer, stored.name);
    if (!added) {
      return Error(fmt::format(
          "{}: tensors {} and {} would both be layer {}; allowed: one of them (--exclude)", model.name(),
          golden::in_quotes(other->second), golden::in_quotes(stored.name), golden::in_quotes(layer)));
    }
    jobs.push_back({i, stored.name, layer, of.layout, of.k * of.n, of.k, bits});
  }
  if (jobs.empty()) {
    return Error(fmt::format("{}: no tensor of {} is to be quantized; --list tells why", model.name(),
                             tensors.size()));
  }
  return jobs;
}

/// Every layer has its calibration.
Result<> check_calibration(const CalibrationSource& calibration, const std::vector<Job>& jobs) {
  if (!calibration.given()) return {};
  for (const Job& job : jobs) {
    MSQ_CHECK(calibration.check(job.layer, job.tensor, job.k, job.weights / job.k));
  }
  return {};
}

std::int64_t weights_of(const std::vector<Job>& jobs) {
  std::int64_t sum = 0;
  for (const Job& job : jobs) sum += job.weights;
  return sum;
}

class ModelRun {
 public:
  ModelRun(const golden::ModelFile& model, const QuantizeRequest& request, const PartFiles& parts)
      : model_(model), request_(request), parts_(parts) {}

  /// Every job is a finished part afterwards.
  Result<> finish(const std::vector<Job>& jobs) {
    MSQ_TRY(const std::vector<Job> left, take_up(jobs));
    resumed_ = jobs.size() - left.size();
    return quantize_all(left, jobs.size());
  }

  /// Layers whose parts are of other weights, or of another calibration, and were made again.
  [[nodiscard]] std::size_t of_others() const { return of_others_; }
  [[nodiscard]] std::size_t resumed() const { return resumed_; }
  [[nodiscard]] const QuantizationFindings& findings(const Job& job) const { return findings_.at(job.index); }

 private:
  /// Takes over the findings of parts that an earlier run finished; returns the jobs that are left.
  Result<std::vector<Job>> take_up(const std::vector<Job>& jobs) {
    std::vector<Job> left;
    Progress progress("comparing finished layers with the model");
    for (const Job& job : jobs) {
      progress.update(static_cast<std::int64_t>(&job - jobs.data()), static_cast<std::int64_t>(jobs.size()));
      FoundPart part;
      if (parts_.has(job.index)) {
        MSQ_TRY(const golden::Matrix matrix, model_.load(job.tensor, job.layout));
        MSQ_TRY(const PartKey key, key_of(job, matrix));
        part = parts_.find(job.index, key);
      }
      of_others_ += part.of_another ? 1 : 0;
      if (!part.findings) {
        left.push_back(job);
        continue;
      }
      part.findings->choices = request_for(job).choices;  // the plan is the same
      findings_[job.index] = std::move(*part.findings);
    }
    return left;
  }

  [[nodiscard]] QuantizeRequest request_for(const Job& job) const {
    QuantizeRequest request = request_;
    request.choices.options.bits = job.bits;
    return request;
  }

  [[nodiscard]] Result<PartKey> key_of(const Job& job, const golden::Matrix& matrix) const {
    Digest weights;
    weights.add_values(std::span(matrix.values));
    PartKey key{
        job.tensor, job.layer, job.layout, job.bits, fmt::format("{}/{}", weights.text(), matrix.rows), ""};
    if (!request_.calibration.given()) return key;
    MSQ_TRY(key.calibration, request_.calibration.digest(job.layer, job.tensor, matrix.rows, matrix.columns));
    return key;
  }

  Result<> quantize_all(const std::vector<Job>& left, std::size_t all) {
    const std::int64_t total = weights_of(left);
    std::int64_t done = 0;
    Progress progress("quantizing");
    for (std::size_t i = 0; i < left.size(); ++i) {
      progress.describe(fmt::format("quantizing layer {} of {}, {}", resumed_ + i + 1, all,
                                    golden::in_quotes(left[i].layer)));
      progress.update(done, total);
      const std::int64_t weights = left[i].weights;
      MSQ_CHECK(quantize_one(left[i], [&](double part) {
        progress.update(done + static_cast<std::int64_t>(part * static_cast<double>(weights)), total);
      }));
      done += weights;
    }
    return {};
  }

  Result<> quantize_one(const Job& job, const golden::QuantizeProgress& progress) {
    MSQ_TRY(golden::Matrix matrix, model_.load(job.tensor, job.layout));
    MSQ_TRY(const PartKey key, key_of(job, matrix));
    const NamedWeights weights{
        job.layer, job.tensor, {std::move(matrix), fmt::format("{}: {}", model_.name(), job.tensor), false}};
    MSQ_TRY(FinishedLayer finished, quantize_layer(request_for(job), weights, progress));
    MSQ_CHECK(parts_.add(job.index, key, finished));
    findings_[job.index] = std::move(finished.findings);
    return {};
  }

  const golden::ModelFile& model_;
  const QuantizeRequest& request_;
  const PartFiles& parts_;
  std::map<std::size_t, QuantizationFindings> findings_;
  std::size_t resumed_ = 0;
  std::size_t of_others_ = 0;
};

double relative_squared_error(const QuantizationFindings& findings) {
  const double error = findings.output_error.value_or(findings.weight_error);
  return error * error;
}

/// Of at_both_widths, one of each tensor.
Result<std::vector<Job>> best_widths(const std::vector<Job>& both, const ModelRun& run, double average_bits) {
  const std::size_t count = both.size() / 2;
  std::vector<WidthChoice> choices(count);
  for (std::size_t i = 0; i < both.size(); ++i) {
    const QuantizationFindings& findings = run.findings(both[i]);
    WidthChoice& choice = choices[i % count];
    choice.weights = both[i].weights;
    choice.stored_bits[i / count] = findings.bits.stored;
    choice.error[i / count] = relative_squared_error(findings);
  }
  auto widths = choose_widths(choices, average_bits);
  if (!widths) return Error(fmt::format("--average-bits: {}", widths.error()));
  std::vector<Job> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(both[i + ((*widths)[i] == 4 ? count : 0)]);
  return chosen;
}

Result<> merge(const PartFiles& parts, const std::vector<Job>& jobs, const std::string& output) {
  std::vector<std::filesystem::path> files;
  files.reserve(jobs.size());
  for (const Job& job : jobs) files.push_back(parts.layer_file(job.index));
  return golden::merge_safetensors(output, files);
}

ModelFindings findings_of(const golden::ModelFile& model, const std::vector<ListedTensor>& tensors,
                          const QuantizeRequest& request, const std::vector<Job>& jobs, const ModelRun& run) {
  const int bits = request.average_bits ? 0 : request.choices.options.bits;
  ModelFindings all{request.output, model.name(), bits, run.resumed(), {}};
  for (const Job& job : jobs) all.layers.push_back({job.layer, job.tensor, job.layout, run.findings(job)});
  std::ranges::copy_if(tensors, std::back_inserter(all.left_out), &ListedTensor::left_out);
  return all;
}

}  // namespace

ModelTotals ModelFindings::totals() const {
  ModelTotals totals;
  double stored_bits = 0;
  for (const LayerFindings& layer : layers) {
    const QuantizationFindings& of = layer.quantization;
    totals.weights += of.statistics.weights;
    totals.outliers_kept += of.statistics.outliers_kept;
    stored_bits += of.bits.stored * static_cast<double>(of.statistics.weights);
  }
  const auto weights = static_cast<double>(totals.weights);
  totals.outlier_share = static_cast<double>(totals.outliers_kept) / weights;
  totals.ebw_stored = stored_bits / weights;
  return totals;
}

Result<ModelFindings> quantize_model(const golden::ModelFile& model, const std::vector<ListedTensor>& tensors,
                                     const QuantizeRequest& request,
                                     const std::function<void(const std::string&)>& note) {
  MSQ_TRY(std::vector<Job> jobs, jobs_of(model, tensors, request.choices.options.bits));
  MSQ_CHECK(check_calibration(request.calibration, jobs));
  const PartPlan plan{"microscopiq " + generator_version(), std::string(golden::kContractVersion),
                      request.choices, tensors.size()};
  MSQ_TRY(const std::unique_ptr<PartFiles> parts, PartFiles::open(request.output, plan));
  if (parts->restarted()) {
    note(fmt::format("{}: made with other options; starting anew", parts->directory().string()));
  }
  ModelRun run(model, request, *parts);
  if (request.average_bits) jobs = at_both_widths(jobs, tensors.size());
  MSQ_CHECK(run.finish(jobs));
  if (run.of_others() > 0) {
    note(fmt::format("{}: {} finished layers were of other weights or another calibration; made again",
                     parts->directory().string(), run.of_others()));
  }
  if (request.average_bits) {
    MSQ_TRY(jobs, best_widths(jobs, run, *request.average_bits));
  }
  MSQ_CHECK(merge(*parts, jobs, request.output));
  parts->remove();
  return findings_of(model, tensors, request, jobs, run);
}

}  // namespace msq::flow
