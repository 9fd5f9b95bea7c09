#include "cli/quantize_model.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

#include "cli/part_files.hpp"
#include "cli/text.hpp"
#include "gen/arch/design.hpp"
#include "golden/io/describe.hpp"
#include "support/progress.hpp"

namespace msq::cli {
namespace {

/// A tensor to quantize. Its number is its place in the model, so that a part keeps its name when others are
/// chosen.
struct Job {
  std::size_t index = 0;
  std::string tensor, layer;
  golden::Layout layout = golden::Layout::k_by_n;
  std::int64_t weights = 0;
  std::int64_t k = 0;
  Json other_files = Json::array();

  /// What the result depends on, besides the plan.
  [[nodiscard]] Json key() const {
    return {{"tensor", tensor},
            {"layer", layer},
            {"layout", golden::layout_name(layout)},
            {"other_files", other_files}};
  }
};

Result<std::vector<Job>> jobs_of(const golden::ModelFile& model, const std::vector<ListedTensor>& tensors) {
  std::vector<Job> jobs;
  std::map<std::string, std::string> tensor_of;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].chosen()) continue;
    const golden::StoredTensor& stored = tensors[i].stored;
    const std::string layer = layer_name_of(stored.name);
    const auto [other, added] = tensor_of.emplace(layer, stored.name);
    if (!added) {
      return Error(fmt::format(
          "{}: tensors {} and {} would both be layer {}; allowed: one of them (--exclude)", model.name(),
          golden::in_quotes(other->second), golden::in_quotes(stored.name), golden::in_quotes(layer)));
    }
    const golden::Layout layout = *tensors[i].layout;
    jobs.push_back({i, stored.name, layer, layout, stored.shape[0] * stored.shape[1],
                    stored.shape[layout == golden::Layout::k_by_n ? 0 : 1]});
  }
  if (jobs.empty()) {
    return Error(fmt::format("{}: no tensor of {} is to be quantized; --list tells why", model.name(),
                             tensors.size()));
  }
  return jobs;
}

/// Checks what the layers need besides the model, and notes which files that is.
Result<> add_other_files(const ModelRequest& request, std::vector<Job>& jobs) {
  for (Job& job : jobs) {
    if (auto there = request.check(job.layer, job.tensor, job.k); !there) return there;
    auto files = fingerprint(request.other_files(job.layer, job.tensor));
    if (!files) return Error(files.error());
    job.other_files = std::move(*files);
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
  ModelRun(const golden::ModelFile& model, const ModelRequest& request, const PartFiles& parts)
      : model_(model), request_(request), parts_(parts) {}

  /// Every job is a finished part afterwards.
  Result<> finish(const std::vector<Job>& jobs) {
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
  Result<> quantize_all(const std::vector<Job>& left, std::size_t all) {
    const std::int64_t total = weights_of(left);
    std::int64_t done = 0;
    Progress progress("quantizing");
    for (std::size_t i = 0; i < left.size(); ++i) {
      progress.describe(fmt::format("quantizing layer {} of {}, {}", resumed_ + i + 1, all,
                                    golden::in_quotes(left[i].layer)));
      progress.update(done, total);
      const std::int64_t weights = left[i].weights;
      auto finished = quantize_one(left[i], [&](double part) {
        progress.update(done + static_cast<std::int64_t>(part * static_cast<double>(weights)), total);
      });
      if (!finished) return finished;
      done += weights;
    }
    return {};
  }

  Result<> quantize_one(const Job& job, const golden::QuantizeProgress& progress) {
    auto matrix = model_.load(job.tensor, job.layout);
    if (!matrix) return Error(matrix.error());
    const LayerWeights weights{
        job.layer, job.tensor, {std::move(*matrix), fmt::format("{}: {}", model_.name(), job.tensor), false}};
    const auto finished = request_.quantize(weights, progress);
    if (!finished) return Error(finished.error());
    Json report = {{"layer", job.layer},
                   {"tensor", job.tensor},
                   {"layout", golden::layout_name(job.layout)},
                   {"k", weights.matrix.matrix.rows},
                   {"n", weights.matrix.matrix.columns}};
    report.update(finished->json);
    if (auto added = parts_.add(job.index, job.key(), report, finished->layer); !added) return added;
    reports_[job.index] = std::move(report);
    return {};
  }

  const golden::ModelFile& model_;
  const ModelRequest& request_;
  const PartFiles& parts_;
  std::map<std::size_t, Json> reports_;
  std::size_t resumed_ = 0;
};

Result<> merge(const PartFiles& parts, const std::vector<Job>& jobs, const std::string& output) {
  std::vector<golden::QuantizedLayer> layers;
  layers.reserve(jobs.size());
  for (const Job& job : jobs) {
    auto layer = parts.load(job.index, job.layer);
    if (!layer) return Error(layer.error());
    layers.push_back(std::move(*layer));
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
                                 request.choices.options.bits);
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

Result<Json> fingerprint(const std::vector<std::filesystem::path>& files) {
  Json prints = Json::array();
  for (const auto& path : files) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      return Error(fmt::format("{}: cannot open: {}", path.string(), std::generic_category().message(errno)));
    }
    prints.push_back({{"file", path.string()},
                      {"bytes", status.st_size},
                      {"seconds", status.st_mtim.tv_sec},
                      {"nanoseconds", status.st_mtim.tv_nsec}});
  }
  return prints;
}

Result<ModelReport> quantize_model(const golden::ModelFile& model, const std::vector<ListedTensor>& tensors,
                                   const ModelRequest& request) {
  auto jobs = jobs_of(model, tensors);
  if (!jobs) return Error(jobs.error());
  if (auto added = add_other_files(request, *jobs); !added) return Error(added.error());
  auto source = fingerprint(model.files());
  if (!source) return Error(source.error());
  const Json plan = {{"generator", "microscopiq " + generator_version()},
                     {"contract", golden::kContractVersion},
                     {"choices", to_json(request.choices)},
                     {"source", std::move(*source)}};
  auto parts = PartFiles::open(request.output, plan);
  if (!parts) return Error(parts.error());
  if ((*parts)->restarted()) {
    fmt::print(stderr, "microscopiq: {}: made with other options or from another source; starting anew\n",
               (*parts)->directory().string());
  }
  ModelRun run(model, request, **parts);
  if (auto finished = run.finish(*jobs); !finished) return Error(finished.error());
  if (auto merged = merge(**parts, *jobs, request.output); !merged) return Error(merged.error());
  (*parts)->remove();
  return report_of(model, request, *jobs, run);
}

}  // namespace msq::cli
