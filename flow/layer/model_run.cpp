#include "flow/layer/model_run.hpp"

#include <fmt/format.h>

#include <span>
#include <string>
#include <utility>

#include "gen/arch/design.hpp"
#include "golden/io/describe.hpp"
#include "support/digest.hpp"
#include "support/progress.hpp"

namespace msq::flow {

PartPlan plan_of(const ModelToQuantize& of) {
  return {"microscopiq " + generator_version(), std::string(golden::kContractVersion), of.request.choices,
          2 * of.tensors.size()};
}

Result<> ModelRun::finish(const std::vector<ModelJob>& jobs) {
  MSQ_TRY(const std::vector<ModelJob> left, take_up(jobs));
  resumed_ = jobs.size() - left.size();
  return quantize_all(left, jobs.size());
}

Result<std::vector<ModelJob>> ModelRun::take_up(const std::vector<ModelJob>& jobs) {
  std::vector<ModelJob> left;
  Progress progress("comparing finished layers with the model");
  for (const ModelJob& job : jobs) {
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

QuantizeRequest ModelRun::request_for(const ModelJob& job) const {
  QuantizeRequest request = request_;
  request.choices.options.bits = job.bits;
  return request;
}

Result<PartKey> ModelRun::key_of(const ModelJob& job, const golden::Matrix& matrix) const {
  Digest weights;
  weights.add_values(std::span(matrix.values));
  PartKey key{job.tensor, job.layer, job.layout, job.bits, fmt::format("{}/{}", weights.text(), matrix.rows),
              ""};
  if (!request_.calibration.given()) return key;
  MSQ_TRY(key.calibration, request_.calibration.digest(job.layer, job.tensor, matrix.rows, matrix.columns));
  return key;
}

Result<> ModelRun::quantize_all(const std::vector<ModelJob>& left, std::size_t all) {
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

Result<> ModelRun::quantize_one(const ModelJob& job, const golden::QuantizeProgress& progress) {
  MSQ_TRY(golden::Matrix matrix, model_.load(job.tensor, job.layout));
  MSQ_TRY(const PartKey key, key_of(job, matrix));
  const NamedWeights weights{
      job.layer, job.tensor, {std::move(matrix), fmt::format("{}: {}", model_.name(), job.tensor), false}};
  MSQ_TRY(FinishedLayer finished, quantize_layer(request_for(job), weights, progress));
  MSQ_CHECK(parts_.add(job.index, key, finished));
  findings_[job.index] = std::move(finished.findings);
  return {};
}

}  // namespace msq::flow
