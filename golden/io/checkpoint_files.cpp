#include "golden/io/checkpoint_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "golden/io/describe.hpp"
#include "golden/io/json_file.hpp"
#include "golden/io/natural_order.hpp"

namespace msq::golden {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIndexName = "model.safetensors.index.json";
constexpr const char* kSingleName = "model.safetensors";
constexpr std::string_view kIndexEnding = ".safetensors.index.json";
constexpr std::string_view kShardEnding = ".safetensors";

bool is_index_path(const fs::path& path) { return path.filename().string().ends_with(kIndexEnding); }

/// A directory, unless its name is that of a file: then the file is missed.
bool is_checkpoint_directory(const fs::path& path) {
  const fs::path extension = path.extension();
  for (const char* of_file : {".safetensors", ".json", ".onnx", ".npy"}) {
    if (extension == of_file) return false;
  }
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool file_exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// Files of a directory that hold weights, or are usually beside them.
std::string weights_in(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    const auto ends = [&name](std::string_view ending) { return name.ends_with(ending); };
    if (ends(kShardEnding) || is_index_path(name) || ends(".bin") || ends(".gguf") || ends(".pth")) {
      names.push_back(in_quotes(name));
    }
  }
  std::ranges::sort(names, natural_less);
  constexpr std::size_t kShown = 4;
  const std::string more = names.size() > kShown ? fmt::format(" and {} more", names.size() - kShown) : "";
  names.resize(std::min(names.size(), kShown));
  return names.empty() ? "no weights" : fmt::format("{}{}", fmt::join(names, ", "), more);
}

/// The index or the single file of a directory.
Result<fs::path> main_file(const fs::path& directory) {
  const bool index = file_exists(directory / kIndexName);
  const bool single = file_exists(directory / kSingleName);
  if (index != single) return directory / (index ? kIndexName : kSingleName);
  return Error(
      index ? fmt::format("{}: found both {} and {}; allowed: the path of one of them", directory.string(),
                          kIndexName, kSingleName)
            : fmt::format("{}: found {}; allowed: a directory with {} or {}, or the path of a .safetensors "
                          "file or index",
                          directory.string(), weights_in(directory), kIndexName, kSingleName));
}

/// Nothing if a shard of this name is beside the index, else the problem.
std::string check_shard_name(const std::string& name) {
  if (name.find('/') != std::string::npos || name.find('\0') != std::string::npos) {
    return "allowed: a file in the directory of the index";
  }
  return name.ends_with(kShardEnding) ? "" : "allowed: a .safetensors file";
}

Result<> read_index(const fs::path& index, CheckpointFiles& files) {
  MSQ_TRY(const nlohmann::json document, read_json_file(index));
  const auto map = document.find("weight_map");
  if (map == document.end() || !map->is_object() || map->empty()) {
    return Error(fmt::format("{}: weight_map is {}; allowed: an object with the shard of each tensor",
                             index.string(), map == document.end() ? "missing" : "no object, or empty"));
  }
  std::map<std::string, std::vector<std::string>> tensors_of;
  for (const auto& [tensor, shard] : map->items()) {
    const std::string found = shard.is_string() ? shard.get<std::string>() : std::string();
    const std::string error = shard.is_string() ? check_shard_name(found) : "allowed: a text";
    if (!error.empty()) {
      return Error(fmt::format("{}: weight_map: tensor {}: found {}; {}", index.string(), in_quotes(tensor),
                               shard.is_string() ? in_quotes(found) : "no text", error));
    }
    tensors_of[found].push_back(tensor);
  }
  for (const auto& [shard, tensors] : tensors_of) {
    const fs::path path = index.parent_path() / shard;
    if (!file_exists(path)) {
      return Error(fmt::format("{}: shard {} of {} tensors is missing; allowed: every shard beside the index",
                               index.string(), in_quotes(shard), tensors.size()));
    }
    for (const std::string& tensor : tensors) files.shard_of[tensor] = files.shards.size();
    files.shards.push_back(path);
  }
  return {};
}

}  // namespace

bool is_checkpoint_path(const fs::path& path) {
  return path.extension() == kShardEnding || is_index_path(path) || is_checkpoint_directory(path);
}

Result<CheckpointFiles> find_checkpoint(const fs::path& path) {
  CheckpointFiles files;
  files.name = path.string();
  fs::path main = path;
  if (is_checkpoint_directory(path)) {
    MSQ_TRY(main, main_file(path));
  }
  if (is_index_path(main)) {
    files.index = main;
    MSQ_CHECK(read_index(main, files));
  } else {
    files.shards.push_back(main);
  }
  const fs::path config = main.parent_path() / "config.json";
  if (file_exists(config)) files.config = config;
  return files;
}

}  // namespace msq::golden
