#include "cli/quantize_model.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

#include "cli/part_files.hpp"
#include "cli/progress.hpp"
#include "cli/text.hpp"
#include "gen/arch/design.hpp"
#include "golden/io/describe.hpp"

namespace msq::cli {
namespace {

/// A tensor to quantize. Its number is its place in the model, so that a part keeps its name when others are
/// chosen.
struct Job {
  std::size_t index = 0;
  std::string tensor, layer;
  golden::Layout layout = golden::Layout::k_by_n;
  std::int64_t weights = 0;

  /// What the result depends on, besides the plan.
  [[nodiscard]] Json key() const {
    return {{"tensor", tensor}, {"layer", layer}, {"layout", golden::layout_name(layout)}};
  }
};

tl::expected<std::vector<Job>, std::string> jobs_of(const golden::ModelFile& model,
                                                    const std::vector<ListedTensor>& tensors) {
  std::vector<Job> jobs;
  std::map<std::string, std::string> tensor_of;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].chosen()) continue;
    const golden::StoredTensor& stored = tensors[i].stored;
    const std::string layer = layer_name_of(stored.name);
    const auto [other, added] = tensor_of.emplace(layer, stored.name);
    if (!added) {
      return Failure(fmt::format(
          "{}: tensors {} and {} would both be layer {}; allowed: one of them (--exclude)", model.name(),
          golden::in_quotes(other->second), golden::in_quotes(stored.name), golden::in_quotes(layer)));
    }
    jobs.push_back({i, stored.name, layer, *tensors[i].layout, stored.shape[0] * stored.shape[1]});
  }
  if (jobs.empty()) {
    return Failure(fmt::format("{}: no tensor of {} is to be quantized; --list tells why", model.name(),
                               tensors.size()));
  }
  return jobs;
}

/// Size and time of last change of the model's files.
tl::expected<Json, std::string> fingerprint(const golden::ModelFile& model) {
  Json files = Json::array();
  for (const auto& path : model.files()) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      return Failure(
          fmt::format("{}: cannot open: {}", path.string(), std::generic_category().message(errno)));
    }
    files.push_back({{"file", path.string()},
                     {"bytes", status.st_size},
                     {"seconds", status.st_mtim.tv_sec},
                     {"nanoseconds", status.st_mtim.tv_nsec}});
  }
  return files;
}

std::int64_t weights_of(const std::vector<Job>& jobs) {
  std::int64_t sum = 0;
  for (const Job& job : jobs) sum += job.weights;
  return sum;
}

class ModelRun {
 public:
  ModelRun(const golden::ModelFile& model, const ModelRequest& request, const LayerQuantizer& quantize,
           const PartFiles& parts)
      : model_(model), request_(request), quantize_(quantize), parts_(parts) {}

  /// Every job is a finished part afterwards.
  tl::expected<void, std::string> finish(const std::vector<Job>& jobs) {
    std::vector<Job> left;
    for (const Job& job : jobs) {
      auto report = parts_.find(job.index, job.key(), job.layer);
      if (!report) {
        left.push_back(job);
        continue;
      }
      reports_[job.index] = std::move(*report);
    }
    resumed_ = jobs.size() - left.size();
    return quantize_all(left, jobs.size());
  }

  [[nodiscard]] std::size_t resumed() const { return resumed_; }
  [[nodiscard]] const Json& report(const Job& job) const { return reports_.at(job.index); }

 private:
  tl::expected<void, std::string> quantize_all(const std::vector<Job>& left, std::size_t all) {
    const std::int64_t total = weights_of(left);
    std::int64_t done = 0;
    Progress progress("quantizing");
    for (std::size_t i = 0; i < left.size(); ++i) {
      progress.describe(fmt::format("quantizing layer {} of {}, {}", resumed_ + i + 1, all,
                                    golden::in_quotes(left[i].layer)));
      progress.update(done, total);
      if (auto finished = quantize_one(left[i]); !finished) return finished;
      done += left[i].weights;
    }
    return {};
  }

  tl::expected<void, std::string> quantize_one(const Job& job) {
    auto matrix = model_.load(job.tensor, job.layout);
    if (!matrix) return Failure(matrix.error());
    const LabelledMatrix weights{std::move(*matrix), fmt::format("{}: {}", model_.name(), job.tensor), false};
    const auto finished = quantize_(weights, job.layer, request_.choices);
    if (!finished) return Failure(finished.error());
    Json report = {{"layer", job.layer},
                   {"tensor", job.tensor},
                   {"layout", golden::layout_name(job.layout)},
                   {"k", weights.matrix.rows},
                   {"n", weights.matrix.columns}};
    report.update(finished->json);
    if (auto added = parts_.add(job.index, job.key(), report, finished->layer); !added) return added;
    reports_[job.index] = std::move(report);
    return {};
  }

  const golden::ModelFile& model_;
  const ModelRequest& request_;
  const LayerQuantizer& quantize_;
  const PartFiles& parts_;
  std::map<std::size_t, Json> reports_;
  std::size_t resumed_ = 0;
};

tl::expected<void, std::string> merge(const PartFiles& parts, const std::vector<Job>& jobs,
                                      const std::string& output) {
  std::vector<golden::QuantizedLayer> layers;
  layers.reserve(jobs.size());
  for (const Job& job : jobs) {
    auto tensor = parts.load(job.index, job.layer);
    if (!tensor) return Failure(tensor.error());
    layers.push_back({job.layer, std::move(*tensor)});
  }
  return golden::save_quantized(output, layers);
}

/// Sums over the layers, each weighted by its size.
Json totals_of(const Json& layers) {
  std::int64_t weights = 0;
  std::int64_t outliers = 0;
  double stored_bits = 0;
  for (const Json& layer : layers) {
    const auto count = layer["weights"].get<std::int64_t>();
    weights += count;
    outliers += layer["outliers_kept"].get<std::int64_t>();
    stored_bits += layer["ebw_stored"].get<double>() * static_cast<double>(count);
  }
  return {{"weights", weights},
          {"outliers_kept", outliers},
          {"outlier_share", static_cast<double>(outliers) / static_cast<double>(weights)},
          {"ebw_stored", stored_bits / static_cast<double>(weights)}};
}

ModelReport report_of(const golden::ModelFile& model, const ModelRequest& request,
                      const std::vector<Job>& jobs, const ModelRun& run) {
  Json layers = Json::array();
  Table table({"layer", "K", "N", "outliers", "effective bits", "weight error"});
  const auto bits = [](const Json& of) { return fmt::format("{:.3f}", of["ebw_stored"].get<double>()); };
  for (const Job& job : jobs) {
    const Json& layer = run.report(job);
    layers.push_back(layer);
    table.add({golden::in_quotes(job.layer), fmt::to_string(layer["k"].get<std::int64_t>()),
               fmt::to_string(layer["n"].get<std::int64_t>()), percent(layer["outlier_share"].get<double>()),
               bits(layer), fmt::format("{:.4f}", layer["weight_error"].get<double>())});
  }
  const Json total = totals_of(layers);
  std::string text = fmt::format("{}: {} layers of {} to {} bits", request.output, jobs.size(), model.name(),
                                 request.choices.bits);
  if (run.resumed() > 0) text += fmt::format(", {} of them finished by an earlier run", run.resumed());
  text += fmt::format("\n{}", table.str());
  text += item("all layers", fmt::format("{} weights, {} outliers, {} effective bits",
                                         grouped(total["weights"].get<std::int64_t>()),
                                         percent(total["outlier_share"].get<double>()), bits(total)));
  return {{{"output", request.output},
           {"source", model.name()},
           {"resumed", run.resumed()},
           {"layers", std::move(layers)},
           {"total", total}},
          std::move(text)};
}

}  // namespace

tl::expected<ModelReport, std::string> quantize_model(const golden::ModelFile& model,
                                                      const std::vector<ListedTensor>& tensors,
                                                      const ModelRequest& request,
                                                      const LayerQuantizer& quantize) {
  const auto jobs = jobs_of(model, tensors);
  if (!jobs) return Failure(jobs.error());
  auto source = fingerprint(model);
  if (!source) return Failure(source.error());
  const Json plan = {{"generator", "microscopiq " + generator_version()},
                     {"contract", golden::kContractVersion},
                     {"choices", to_json(request.choices)},
                     {"inputs", request.inputs},
                     {"source", std::move(*source)}};
  auto parts = PartFiles::open(request.output, plan);
  if (!parts) return Failure(parts.error());
  if ((*parts)->restarted()) {
    fmt::print(stderr, "microscopiq: {}: made with other options or from another source; starting anew\n",
               (*parts)->directory().string());
  }
  ModelRun run(model, request, quantize, **parts);
  if (auto finished = run.finish(*jobs); !finished) return Failure(finished.error());
  if (auto merged = merge(**parts, *jobs, request.output); !merged) return Failure(merged.error());
  (*parts)->remove();
  return report_of(model, request, *jobs, run);
}

}  // namespace msq::cli
