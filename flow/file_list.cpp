#include "flow/file_list.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <system_error>

#include "gen/arch/design.hpp"
#include "support/files.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kProgram = "microscopiq ";
constexpr std::size_t kMostNames = 8;

bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

bool is_ours(const Json& json) {
  if (!json.is_object()) return false;
  const auto generator = json.find("generator");
  return generator != json.end() && generator->is_string() &&
         generator->get<std::string>().starts_with(kProgram);
}

}  // namespace

std::string generator_name() { return std::string(kProgram) + generator_version(); }

FileNames listed_files(const fs::path& list, const std::vector<std::string>& keys) {
  const Json json = Json::parse(read_text(list).value_or(""), nullptr, false);
  FileNames names;
  if (!is_ours(json)) return names;
  for (const std::string& key : keys) {
    const Json files = json.value(key, Json::array());
    if (!files.is_array()) continue;
    for (const Json& file : files) {
      if (file.is_string() && is_plain_name(file.get<std::string>())) names.insert(file.get<std::string>());
    }
  }
  return names;
}

bool is_own_file(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() == fs::file_type::regular;
}

Result<> check_replaceable(const fs::path& directory, const FileNames& names, const std::string& list,
                           std::string_view command) {
  std::error_code error;
  if (fs::exists(directory, error) && !fs::is_directory(directory, error))
    return Error(fmt::format("{}: found a file; allowed: a directory, or a new one", directory.string()));
  const FileNames old = listed_files(directory / list, {"files"});
  std::vector<std::string> others;
  for (const std::string& name : names) {
    const fs::path file = directory / name;
    const bool there = fs::exists(fs::symlink_status(file, error));
    if (there && !(old.contains(name) && is_own_file(file))) others.push_back(name);
  }
  if (others.empty()) return {};
  return Error(
      fmt::format("{}: found {}, which {} would replace but did not write, as {} would list {}; "
                  "allowed: a directory without files of these names, or with an earlier output",
                  directory.string(), names_text(others), command, list, others.size() == 1 ? "it" : "them"));
}

std::string names_text(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i)
    text += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", names[i]);
  return names.size() > kMostNames ? fmt::format("{} and {} more", text, names.size() - kMostNames) : text;
}

}  // namespace msq::flow
