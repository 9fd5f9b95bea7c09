#include "flow/layer/part_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "flow/layer/choices_json.hpp"
#include "golden/io/atomic_file.hpp"
#include "golden/io/describe.hpp"
#include "golden/io/model_file.hpp"
#include "support/files.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Statistics = golden::QuantizeStatistics;

constexpr const char* kPlan = "plan.json";
constexpr const char* kData = ".safetensors";
constexpr const char* kAbout = ".json";

/// Named as a layer's file (digits and one of two extensions), the plan, or the temporary of one of them.
bool is_ours(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::string stem = path.stem().string();
  const bool digits = !stem.empty() && std::all_of(stem.begin(), stem.end(), [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
  const fs::path extension = path.extension();
  return name == kPlan || (digits && (extension == kData || extension == kAbout)) ||
         (name.starts_with('.') && extension == ".tmp");
}

/// What is in the directory. Error: something that is not ours.
Result<std::vector<fs::path>> contents(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (!is_ours(entry.path()) || !entry.is_regular_file(error)) {
      return Error(
          fmt::format("{}: found {}, which quantize did not write; allowed: no such directory, or "
                      "what an interrupted run left",
                      directory.string(), golden::in_quotes(entry.path().filename().string())));
    }
    files.push_back(entry.path());
  }
  if (error) return Error(fmt::format("{}: cannot read: {}", directory.string(), error.message()));
  return files;
}

Json to_json(const PartPlan& plan) {
  return {{"generator", plan.generator}, {"contract", plan.contract}, {"choices", to_json(plan.choices)}};
}

Json to_json(const PartKey& key) {
  return {{"tensor", key.tensor},
          {"layer", key.layer},
          {"layout", golden::layout_name(key.layout)},
          {"weights", key.weights},
          {"calibration", key.calibration}};
}

constexpr std::pair<const char*, std::int64_t Statistics::*> kCounts[] = {
    {"weights", &Statistics::weights},
    {"outliers_wanted", &Statistics::outliers_wanted},
    {"outliers_kept", &Statistics::outliers_kept},
    {"demoted_too_many", &Statistics::demoted_too_many},
    {"demoted_unroutable", &Statistics::demoted_unroutable},
    {"demoted_unwelcome", &Statistics::demoted_unwelcome},
    {"demoted_too_small", &Statistics::demoted_too_small},
    {"adjacent_outliers", &Statistics::adjacent_outliers},
    {"pruned_weights", &Statistics::pruned_weights},
    {"micro_blocks", &Statistics::micro_blocks},
    {"micro_blocks_with_outliers", &Statistics::micro_blocks_with_outliers}};

Json to_json(const QuantizationFindings& findings) {
  Json json = {{"k", findings.k},
               {"n", findings.n},
               {"ebw_paper", findings.bits.paper},
               {"ebw_stored", findings.bits.stored},
               {"weight_error", findings.weight_error},
               {"output_error", findings.output_error ? Json(*findings.output_error) : Json()},
               {"calibration_tokens", findings.calibration_tokens},
               {"warnings", findings.warnings}};
  for (const auto& [name, member] : kCounts) json[name] = findings.statistics.*member;
  return json;
}

/// The reverse, without the choices. \throws Json::exception if a field is missing or of another type.
QuantizationFindings findings_from(const Json& json) {
  QuantizationFindings findings;
  json.at("k").get_to(findings.k);
  json.at("n").get_to(findings.n);
  json.at("ebw_paper").get_to(findings.bits.paper);
  json.at("ebw_stored").get_to(findings.bits.stored);
  json.at("weight_error").get_to(findings.weight_error);
  if (!json.at("output_error").is_null()) findings.output_error = json.at("output_error").get<double>();
  json.at("calibration_tokens").get_to(findings.calibration_tokens);
  json.at("warnings").get_to(findings.warnings);
  for (const auto& [name, member] : kCounts) json.at(name).get_to(findings.statistics.*member);
  return findings;
}

std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Result<std::unique_ptr<PartFiles>> PartFiles::open(const fs::path& output, const PartPlan& plan) {
  std::error_code error;
  if (fs::is_directory(output, error)) {
    return Error(fmt::format("{}: cannot write: Is a directory", output.string()));
  }
  std::unique_ptr<PartFiles> parts(new PartFiles(fs::path(output.string() + ".parts")));
  MSQ_CHECK(parts->lock());
  MSQ_CHECK(parts->prepare(text_of(to_json(plan))));
  return parts;
}

Result<> PartFiles::lock() {
  if (::mkdir(directory_.c_str(), 0777) != 0 && errno != EEXIST) {
    return Error(fmt::format("{}: cannot make the directory: {}", directory_.string(),
                             std::generic_category().message(errno)));
  }
  MSQ_TRY(Lock lock, Lock::directory(directory_));
  lock_.emplace(std::move(lock));
  return {};
}

Result<> PartFiles::prepare(const std::string& plan) {
  const auto files = contents(directory_);
  if (!files) {
    lock_.reset();  // nothing in it is to be removed
    return Error(files.error());
  }
  const bool same = read_text(directory_ / kPlan) == plan;
  restarted_ = !same && std::any_of(files->begin(), files->end(),
                                    [](const fs::path& path) { return path.extension() == kData; });
  std::error_code ignored;
  for (const fs::path& path : *files) {
    if (!same || path.extension() == ".tmp") fs::remove(path, ignored);
  }
  if (same) return {};
  return golden::write_file_atomically(directory_ / kPlan, plan);
}

PartFiles::~PartFiles() {
  if (!lock_) return;
  const auto files = contents(directory_);
  const bool empty = files && std::none_of(files->begin(), files->end(),
                                           [](const fs::path& path) { return path.extension() == kData; });
  if (empty) remove();
}

fs::path PartFiles::file(std::size_t index, const char* extension) const {
  return directory_ / fmt::format("{:04}{}", index, extension);
}

bool PartFiles::has(std::size_t index) const {
  std::error_code ignored;
  return fs::exists(file(index, kAbout), ignored);
}

FoundPart PartFiles::find(std::size_t index, const PartKey& key) const {
  try {
    const Json about = Json::parse(read_text(file(index, kAbout)).value_or(""));
    if (about.at("key") != to_json(key)) return {std::nullopt, true};
    QuantizationFindings findings = findings_from(about.at("findings"));
    if (!load(index, key.layer)) return {};
    return {std::move(findings), false};
  } catch (const Json::exception&) {
    return {};  // cut off, or of another version
  }
}

Result<> PartFiles::add(std::size_t index, const PartKey& key, const FinishedLayer& finished) const {
  // An older file of this number, if it is not whole, goes first: the two must belong together.
  std::error_code ignored;
  fs::remove(file(index, kData), ignored);
  const Json about = {{"key", to_json(key)}, {"findings", to_json(finished.findings)}};
  MSQ_CHECK(golden::write_file_atomically(file(index, kAbout), text_of(about)));
  return golden::save_quantized(file(index, kData), {&finished.layer, 1});
}

fs::path PartFiles::layer_file(std::size_t index) const { return file(index, kData); }

Result<golden::QuantizedLayer> PartFiles::load(std::size_t index, const std::string& layer) const {
  return golden::load_quantized(file(index, kData), layer);
}

void PartFiles::remove() {
  const auto files = contents(directory_);
  if (!files) return;
  std::error_code ignored;
  // The plan last: what is left if this is interrupted can be taken up, too.
  for (const fs::path& path : *files) {
    if (path.filename() != kPlan) fs::remove(path, ignored);
  }
  fs::remove(directory_ / kPlan, ignored);
  fs::remove(directory_, ignored);
}

}  // namespace msq::flow
