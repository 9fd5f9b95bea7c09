#include "flow/layer/model_jobs.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "golden/io/describe.hpp"

namespace msq::flow {
namespace {

/// The jobs at 2, then at 4 bits, `all` being how many the model has.
std::vector<ModelJob> at_both_widths(const std::vector<ModelJob>& jobs, std::size_t all) {
  std::vector<ModelJob> both;
  for (const int bits : {2, 4}) {
    for (ModelJob job : jobs) {
      job.bits = bits;
      job.index += bits == 4 ? all : 0;
      both.push_back(std::move(job));
    }
  }
  return both;
}

Result<std::vector<ModelJob>> jobs_of(const golden::ModelFile& model,
                                      const std::vector<ListedTensor>& tensors, int bits) {
  std::vector<ModelJob> jobs;
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
    jobs.push_back({i, stored.name, layer, of.layout, of.k * of.n, of.k, bits, of.input});
  }
  if (jobs.empty()) {
    return Error(fmt::format("{}: no tensor of {} is to be quantized; --list gives the reasons", model.name(),
                             tensors.size()));
  }
  return jobs;
}

}  // namespace

Result<std::vector<ModelJob>> model_jobs(const ModelToQuantize& of) {
  MSQ_TRY(std::vector<ModelJob> jobs, jobs_of(of.model, of.tensors, of.request.choices.options.bits));
  if (of.request.widths) return at_both_widths(jobs, of.tensors.size());
  return jobs;
}

Result<> check_jobs(const QuantizeRequest& request, const std::vector<ModelJob>& jobs) {
  const CycleTarget* target = request.widths && request.widths->target ? &*request.widths->target : nullptr;
  if (target != nullptr) MSQ_CHECK(target->check(request.choices));
  for (const ModelJob& job : jobs) {
    const std::int64_t n = job.weights / job.k;
    if (target != nullptr) MSQ_CHECK(target->check_shape(job.layer, job.k, n));
    if (request.calibration.given()) MSQ_CHECK(request.calibration.check(job.layer, job.tensor, job.k, n));
  }
  return {};
}

std::int64_t weights_of(const std::vector<ModelJob>& jobs) {
  std::int64_t sum = 0;
  for (const ModelJob& job : jobs) sum += job.weights;
  return sum;
}

}  // namespace msq::flow
