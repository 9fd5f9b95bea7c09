#include "flow/layer/contention.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <map>
#include <utility>

#include "flow/layer/layer_patterns.hpp"
#include "gen/arch/dimensions.hpp"
#include "gen/config/fields.hpp"

namespace msq::flow {
namespace {

using model::ContentionLoad;

Result<> check(const ContentionRequest& r, const Config& config) {
  if (!is_read_on("recon.units", config.outlier_path)) {
    return Error(fmt::format("--config: found {} with outlier_path \"{}\"; allowed: one with ReCoN",
                             config.name, outlier_path_name(config.outlier_path)));
  }
  for (const int mode : r.modes) {
    if (!config.has_mode(mode)) {
      return Error(fmt::format("--mode: found {}; allowed by configuration {}: {}", mode, config.name,
                               fmt::join(config.modes, ", ")));
    }
  }
  for (const int units : r.units) {
    if (units > config.rows || !std::has_single_bit(static_cast<unsigned>(units))) {
      return Error(
          fmt::format("--units: found {}; allowed: a power of two, 1 to {}, the rows", units, config.rows));
    }
  }
  return {};
}

ContentionLoad random_load(const ContentionRequest& r, const Config& config, int mode, double rate) {
  const int blocks = config.logical_columns(mode) / config.micro_block;
  return {fmt::format("random, {:.2f} % of micro-blocks", 100 * rate),
          mode,
          {model::random_patterns(r.tiles, config.rows, blocks, rate, r.seed)}};
}

/// The layers of each mode that a file has.
Result<std::vector<ContentionLoad>> file_loads(const ContentionRequest& r, const Config& config,
                                               const std::string& file) {
  MSQ_TRY(std::vector<PatternLayer> layers, load_patterns(file, config, r.tiles));
  std::map<int, ContentionLoad> of_mode;
  for (PatternLayer& layer : layers) {
    ContentionLoad& load =
        of_mode.try_emplace(layer.mode, ContentionLoad{file, layer.mode, {}}).first->second;
    load.sequences.push_back(std::move(layer.tiles));
  }
  std::vector<ContentionLoad> loads;
  loads.reserve(of_mode.size());
  for (auto& [mode, load] : of_mode) loads.push_back(std::move(load));
  return loads;
}

Result<std::vector<ContentionLoad>> loads(const ContentionRequest& r, const Config& config) {
  std::vector<ContentionLoad> result;
  for (const int mode : r.modes.empty() ? config.modes : r.modes) {
    for (const double rate : r.rates) result.push_back(random_load(r, config, mode, rate));
  }
  for (const std::string& file : r.files) {
    MSQ_TRY(std::vector<ContentionLoad> of_file, file_loads(r, config, file));
    std::move(of_file.begin(), of_file.end(), std::back_inserter(result));
  }
  return result;
}

ContentionStudy measure(const ContentionRequest& r, const Config& config, ContentionLoad load) {
  std::vector<int> units = r.units;
  for (int u = 1; r.units.empty() && u <= config.rows; u *= 2) units.push_back(u);
  // The paper's network has log2(n) + 1 stages, each with a register.
  const int latency = std::countr_zero(static_cast<unsigned>(config.cols)) + 1;
  const auto timing = model::CoreTiming::of(Dimensions(config));
  ContentionStudy study;
  study.result = model::study_contention(load, timing, r.tokens, units, latency);
  study.spacing_tokens = *std::max_element(r.tokens.begin(), r.tokens.end());
  study.spacing = model::study_spacing(load, config.rows, study.spacing_tokens, r.spacings, latency);
  study.load = std::move(load);
  return study;
}

}  // namespace

Result<ContentionFindings> study_contention(const ContentionRequest& request) {
  MSQ_TRY(const Config config, request.array.load());
  MSQ_CHECK(check(request, config));
  MSQ_TRY(std::vector<ContentionLoad> chosen, loads(request, config));
  ContentionFindings findings{config, request.seed, {}};
  for (ContentionLoad& load : chosen) findings.studies.push_back(measure(request, config, std::move(load)));
  return findings;
}

}  // namespace msq::flow
