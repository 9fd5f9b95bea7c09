#include "flow/layer/part_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "flow/file_list.hpp"
#include "flow/layer/part_json.hpp"
#include "golden/io/atomic_file.hpp"
#include "golden/io/describe.hpp"
#include "support/files.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kPlan = "plan.json";
constexpr const char* kData = ".safetensors";
constexpr const char* kAbout = ".json";

Error not_ours(const fs::path& directory, const std::string& name) {
  return Error(
      fmt::format("{}: found {}, which quantize did not write; allowed: no such directory, or what an "
                  "interrupted run left",
                  directory.string(), golden::in_quotes(name)));
}

std::string file_name(std::size_t index, const char* extension) {
  return fmt::format("{:04}{}", index, extension);
}

/// ".NAME.RANDOM.tmp", as golden::write_file_atomically names the temporary of NAME; none if it is no such
/// name.
std::optional<std::string> written_name(const std::string& temporary) {
  constexpr std::size_t kDigits = 16;
  const std::size_t end = temporary.size() - std::min(temporary.size(), kDigits + 5);
  if (end < 2 || temporary.front() != '.' || temporary[end] != '.' || !temporary.ends_with(".tmp"))
    return std::nullopt;
  const std::string random = temporary.substr(end + 1, kDigits);
  const bool hexadecimal = std::all_of(
      random.begin(), random.end(), [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
  return hexadecimal ? std::optional(temporary.substr(1, end - 1)) : std::nullopt;
}

/// The plan that a run left; null if there is none of this program.
Json found_plan(const fs::path& directory) {
  Json plan = Json::parse(read_text(directory / kPlan).value_or(""), nullptr, false);
  const bool ours = plan.is_object() && plan.contains("generator") && plan.contains("choices") &&
                    plan.contains("layers") && plan["layers"].is_number_unsigned();
  return ours ? plan : Json();
}

std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Files in the directory.
Result<std::vector<fs::path>> listing(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory, error)) files.push_back(entry.path());
  if (error) return Error(fmt::format("{}: cannot read: {}", directory.string(), error.message()));
  return files;
}

bool has_data(const std::vector<fs::path>& files) {
  return std::ranges::any_of(files, [](const fs::path& path) { return path.extension() == kData; });
}

}  // namespace

Result<std::unique_ptr<PartFiles>> PartFiles::open(const fs::path& output, const PartPlan& plan,
                                                   PartUse use) {
  std::error_code error;
  if (fs::is_directory(output, error)) {
    return Error(fmt::format("{}: cannot write: Is a directory", output.string()));
  }
  std::unique_ptr<PartFiles> parts(new PartFiles(directory_of(output), plan, use));
  MSQ_CHECK(parts->lock());
  MSQ_CHECK(parts->prepare());
  return parts;
}

Result<bool> PartFiles::clear_others(const fs::path& output, const PartPlan& plan) {
  const fs::path directory = directory_of(output);
  std::error_code error;
  if (!fs::exists(directory, error)) return false;
  const Json found = found_plan(directory);
  // Not locked where nothing is to be removed: tasks may be at work.
  if (found.is_null() ? fs::is_empty(directory, error) : same_plan(found, to_json(plan))) return false;
  MSQ_TRY(const auto parts, open(output, plan));
  return parts->restarted();
}

fs::path PartFiles::directory_of(const fs::path& output) { return output.string() + ".parts"; }

std::vector<fs::path> PartFiles::files_of(const fs::path& output, std::size_t index) {
  const fs::path directory = directory_of(output);
  return {directory / file_name(index, kAbout), directory / file_name(index, kData)};
}

Result<> PartFiles::lock() {
  if (::mkdir(directory_.c_str(), 0777) != 0 && errno != EEXIST) {
    return Error(fmt::format("{}: cannot make the directory: {}", directory_.string(),
                             std::generic_category().message(errno)));
  }
  MSQ_TRY(Lock lock,
          use_ == PartUse::task ? Lock::joined_directory(directory_) : Lock::directory(directory_));
  lock_.emplace(std::move(lock));
  return {};
}

bool PartFiles::is_ours(const std::string& name) const {
  if (name == kPlan) return true;
  const std::string stem = fs::path(name).stem().string();
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), index);
  if (error != std::errc() || end != stem.data() + stem.size() || index >= layers_) return false;
  return name == file_name(index, kData) || name == file_name(index, kAbout);
}

Result<> PartFiles::check_ours(const std::vector<fs::path>& files, bool without_plan) const {
  for (const fs::path& path : files) {
    const std::string name = path.filename().string();
    std::error_code vanished;  // a temporary that another task has renamed
    if (!fs::exists(fs::symlink_status(path, vanished))) continue;
    if (!is_ours(written_name(name).value_or(name)) || !is_own_file(path) || (without_plan && name == kPlan))
      return not_ours(directory_, name);
  }
  return {};
}

Result<> PartFiles::prepare() {
  // The files are listed before the plan is read: other tasks write a plan before anything else.
  const auto files = listing(directory_);
  const Json old = found_plan(directory_);
  layers_ = old.is_null() ? 0 : old["layers"].get<std::size_t>();
  if (const Result<> ours = files ? check_ours(*files, old.is_null()) : Error(files.error()); !ours) {
    lock_.reset();  // nothing in it is to be removed
    return Error(ours.error());
  }
  std::error_code ignored;
  Json wanted = to_json(plan_);
  const bool same = same_plan(old, wanted);
  restarted_ = !same && has_data(*files);
  if (use_ != PartUse::run && !same && !old.is_null()) {
    lock_.reset();
    return Error(fmt::format("{}: {}", directory_.string(), plan_difference(old, wanted)));
  }
  for (const fs::path& path : *files) {
    // Temporaries may be those of other tasks.
    if (use_ != PartUse::task && (!same || path.extension() == ".tmp")) fs::remove(path, ignored);
  }
  // Of a run of more layers, files may stay.
  layers_ = same ? std::max(layers_, plan_.layers) : plan_.layers;
  wanted["layers"] = layers_;
  if (same && old["layers"] == wanted["layers"]) return {};
  return golden::write_file_atomically(directory_ / kPlan, text_of(wanted));
}

PartFiles::~PartFiles() {
  if (!lock_ || use_ == PartUse::task) return;
  const auto files = listing(directory_);
  if (files && check_ours(*files) && !has_data(*files)) remove();
}

fs::path PartFiles::file(std::size_t index, const char* extension) const {
  return directory_ / file_name(index, extension);
}

bool PartFiles::has(std::size_t index) const {
  std::error_code ignored;
  return fs::exists(file(index, kAbout), ignored);
}

FoundPart PartFiles::find(std::size_t index, const PartKey& key) const {
  try {
    const Json about = Json::parse(read_text(file(index, kAbout)).value_or(""));
    if (about.at("key") != to_json(key) || !same_plan(about.at("plan"), to_json(plan_)))
      return {std::nullopt, true};
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
  const Json about = {
      {"key", to_json(key)}, {"plan", to_json(plan_)}, {"findings", to_json(finished.findings)}};
  MSQ_CHECK(golden::write_file_atomically(file(index, kAbout), text_of(about)));
  return golden::save_quantized(file(index, kData), {&finished.layer, 1});
}

fs::path PartFiles::layer_file(std::size_t index) const { return file(index, kData); }

Result<golden::QuantizedLayer> PartFiles::load(std::size_t index, const std::string& layer) const {
  return golden::load_quantized(file(index, kData), layer);
}

void PartFiles::remove() {
  const auto files = listing(directory_);
  if (!files || !check_ours(*files)) return;
  std::error_code ignored;
  // The plan last: the files left by an interruption can be taken up, too.
  for (const fs::path& path : *files) {
    if (path.filename() != kPlan) fs::remove(path, ignored);
  }
  fs::remove(directory_ / kPlan, ignored);
  fs::remove(directory_, ignored);
}

}  // namespace msq::flow
