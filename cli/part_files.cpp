#include "cli/part_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/text.hpp"
#include "golden/io/atomic_file.hpp"
#include "golden/io/describe.hpp"
#include "support/files.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

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

}  // namespace

Result<std::unique_ptr<PartFiles>> PartFiles::open(const fs::path& output, const Json& plan) {
  std::error_code error;
  if (fs::is_directory(output, error)) {
    return Error(fmt::format("{}: cannot write: Is a directory", output.string()));
  }
  std::unique_ptr<PartFiles> parts(new PartFiles(fs::path(output.string() + ".parts")));
  if (auto locked = parts->lock(); !locked) return Error(locked.error());
  if (auto prepared = parts->prepare(json_text(plan)); !prepared) return Error(prepared.error());
  return parts;
}

Result<> PartFiles::lock() {
  const auto cannot = [this](const char* what) {
    return Error(
        fmt::format("{}: cannot {}: {}", directory_.string(), what, std::generic_category().message(errno)));
  };
  if (::mkdir(directory_.c_str(), 0777) != 0 && errno != EEXIST) return cannot("make the directory");
  descriptor_ = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0) return cannot("open the directory");
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return {};
  const int reason = errno;
  ::close(std::exchange(descriptor_, -1));
  errno = reason;
  if (reason != EWOULDBLOCK) return cannot("lock the directory");
  return Error(fmt::format("{}: in use by another run that writes the same output", directory_.string()));
}

Result<> PartFiles::prepare(const std::string& plan) {
  const auto files = contents(directory_);
  if (!files) {
    ::close(std::exchange(descriptor_, -1));  // nothing in it is to be removed
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
  if (descriptor_ < 0) return;
  const auto files = contents(directory_);
  const bool empty = files && std::none_of(files->begin(), files->end(),
                                           [](const fs::path& path) { return path.extension() == kData; });
  if (empty) remove();
  ::close(descriptor_);
}

fs::path PartFiles::file(std::size_t index, const char* extension) const {
  return directory_ / fmt::format("{:04}{}", index, extension);
}

std::optional<Json> PartFiles::find(std::size_t index, const Json& key, const std::string& layer) const {
  const Json about = Json::parse(read_text(file(index, kAbout)).value_or(""), nullptr, false);
  if (!about.is_object() || !about.contains("report") || about.value("key", Json()) != key) {
    return std::nullopt;
  }
  return load(index, layer) ? std::optional(about["report"]) : std::nullopt;
}

Result<> PartFiles::add(std::size_t index, const Json& key, const Json& report,
                        const golden::QuantizedLayer& layer) const {
  // An older file of this number, if it is not whole, goes first: the two must belong together.
  std::error_code ignored;
  fs::remove(file(index, kData), ignored);
  const Json about = {{"key", key}, {"report", report}};
  auto written = golden::write_file_atomically(file(index, kAbout), json_text(about));
  if (!written) return written;
  return golden::save_quantized(file(index, kData), {&layer, 1});
}

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

}  // namespace msq::cli
