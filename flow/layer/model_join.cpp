#include "flow/layer/model_join.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <utility>

#include "flow/layer/mixed_precision.hpp"
#include "golden/io/safetensors_merge.hpp"

namespace msq::flow {
namespace {

double relative_squared_error(const QuantizationFindings& findings) {
  const double error = findings.output_error.value_or(findings.weight_error);
  return error * error;
}

/// Of all jobs at 2, then all at 4 bits, one for each tensor.
Result<std::vector<ModelJob>> best_widths(const std::vector<ModelJob>& both, const ModelRun& run,
                                          double average_bits) {
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
  std::vector<ModelJob> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(both[i + ((*widths)[i] == 4 ? count : 0)]);
  return chosen;
}

Result<> merge(const PartFiles& parts, const std::vector<ModelJob>& jobs, const std::string& output) {
  std::vector<std::filesystem::path> files;
  files.reserve(jobs.size());
  for (const ModelJob& job : jobs) files.push_back(parts.layer_file(job.index));
  return golden::merge_safetensors(output, files);
}

ModelFindings findings_of(const ModelToQuantize& of, const std::vector<ModelJob>& jobs, const ModelRun& run) {
  const QuantizeRequest& request = of.request;
  const int bits = request.average_bits ? 0 : request.choices.options.bits;
  ModelFindings all{request.output, of.model.name(), bits, run.resumed(), {}};
  for (const ModelJob& job : jobs)
    all.layers.push_back({job.layer, job.tensor, job.layout, run.findings(job)});
  std::ranges::copy_if(of.tensors, std::back_inserter(all.left_out), &ListedTensor::left_out);
  return all;
}

}  // namespace

Result<ModelFindings> join_parts(const ModelToQuantize& of, std::vector<ModelJob> jobs, const ModelRun& run,
                                 PartFiles& parts) {
  if (of.request.average_bits) {
    MSQ_TRY(jobs, best_widths(jobs, run, *of.request.average_bits));
  }
  MSQ_CHECK(merge(parts, jobs, of.request.output));
  parts.remove();
  return findings_of(of, jobs, run);
}

}  // namespace msq::flow
