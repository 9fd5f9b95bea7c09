#include "flow/layer/model_join.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "flow/layer/mixed_precision.hpp"
#include "flow/layer/width_limit.hpp"
#include "golden/io/quantized_file.hpp"
#include "golden/io/safetensors_merge.hpp"
#include "support/progress.hpp"

namespace msq::flow {
namespace {

double relative_squared_error(const QuantizationFindings& findings) {
  const double error = findings.output_error.value_or(findings.weight_error);
  return error * error;
}

/// Predicted cycles of the jobs on the array of a limit, in their order; none without an array.
Result<std::vector<std::int64_t>> cycles_of(const std::optional<WidthLimit>& limit,
                                            const std::vector<ModelJob>& jobs, const PartFiles& parts) {
  std::vector<std::int64_t> cycles;
  if (!limit || !limit->target) return cycles;
  Progress progress("predicting cycles");
  for (const ModelJob& job : jobs) {
    progress.update(static_cast<std::int64_t>(cycles.size()), static_cast<std::int64_t>(jobs.size()));
    MSQ_TRY(const golden::QuantizedLayer layer,
            golden::load_quantized(parts.layer_file(job.index), job.layer));
    cycles.push_back(limit->target->cycles(layer.tensor));
  }
  return cycles;
}

/// Of all jobs at 2, then all at 4 bits, the numbers of one for each tensor.
Result<std::vector<std::size_t>> best_widths(const std::vector<ModelJob>& both, const ModelRun& run,
                                             const WidthLimit& limit,
                                             const std::vector<std::int64_t>& cycles) {
  const std::size_t count = both.size() / 2;
  const bool by_cycles = limit.of == WidthLimit::Of::cycles;
  std::vector<WidthChoice> choices(count);
  double unit = 0;
  for (std::size_t i = 0; i < both.size(); ++i) {
    const QuantizationFindings& findings = run.findings(both[i]);
    const auto weights = static_cast<double>(both[i].weights);
    WidthChoice& choice = choices[i % count];
    double& cost = choice.cost[i / count];
    cost = by_cycles ? static_cast<double>(cycles[i]) : findings.bits.stored * weights;
    choice.error[i / count] = relative_squared_error(findings);
    if (i >= count) unit += by_cycles ? cost : weights;
  }
  const auto widths = choose_widths(choices, limit.most, unit);
  if (!widths) return Error(fmt::format("{}: {}", limit.option(), widths.error()));
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(i + ((*widths)[i] == 4 ? count : 0));
  return chosen;
}

Result<> merge(const PartFiles& parts, const std::vector<ModelJob>& jobs, const std::string& output) {
  std::vector<std::filesystem::path> files;
  files.reserve(jobs.size());
  for (const ModelJob& job : jobs) files.push_back(parts.layer_file(job.index));
  return golden::merge_safetensors(output, files);
}

/// The findings of the jobs chosen, all of whose cycles are known or none.
ModelFindings findings_of(const ModelToQuantize& of, const std::vector<ModelJob>& jobs, const ModelRun& run,
                          const std::vector<std::int64_t>& cycles) {
  const QuantizeRequest& request = of.request;
  const int bits = request.widths ? 0 : request.choices.options.bits;
  ModelFindings all{request.output, of.model.name(), bits, run.resumed(), {}};
  for (const ModelJob& job : jobs)
    all.layers.push_back({job.layer, job.tensor, job.layout, run.findings(job)});
  for (std::size_t i = 0; i < cycles.size(); ++i) all.layers[i].cycles = cycles[i];
  std::ranges::copy_if(of.tensors, std::back_inserter(all.left_out), &ListedTensor::left_out);
  return all;
}

ModelCycles sum_cycles(const CycleTarget& target, const std::vector<std::int64_t>& both,
                       const std::vector<std::int64_t>& chosen) {
  const auto four_bits = both.begin() + static_cast<std::ptrdiff_t>(both.size() / 2);
  return {target.config.name, target.tokens, std::accumulate(chosen.begin(), chosen.end(), std::int64_t{0}),
          std::accumulate(four_bits, both.end(), std::int64_t{0})};
}

template <class T>
std::vector<T> picked(const std::vector<T>& from, const std::vector<std::size_t>& numbers) {
  std::vector<T> some;
  some.reserve(numbers.size());
  for (const std::size_t i : numbers) some.push_back(from[i]);
  return some;
}

}  // namespace

Result<ModelFindings> join_parts(const ModelToQuantize& of, std::vector<ModelJob> jobs, const ModelRun& run,
                                 PartFiles& parts) {
  const std::optional<WidthLimit>& limit = of.request.widths;
  MSQ_TRY(std::vector<std::int64_t> cycles, cycles_of(limit, jobs, parts));
  std::optional<ModelCycles> sums;
  if (limit) {
    MSQ_TRY(const auto chosen, best_widths(jobs, run, *limit, cycles));
    jobs = picked(jobs, chosen);
    if (limit->target) {
      const auto both = std::exchange(cycles, picked(cycles, chosen));
      sums = sum_cycles(*limit->target, both, cycles);
    }
  }
  MSQ_CHECK(merge(parts, jobs, of.request.output));
  parts.remove();
  ModelFindings findings = findings_of(of, jobs, run, cycles);
  findings.cycles = sums;
  return findings;
}

}  // namespace msq::flow
