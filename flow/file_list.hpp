#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace msq::flow {

/// Names of files in one directory.
using FileNames = std::set<std::string>;

/// Value of the key "generator" in lists that this program writes.
[[nodiscard]] std::string generator_name();

/// Files that an earlier output lists in the arrays `keys` of its JSON object. Empty unless the object is one
/// of this program: "generator" says so. Names with a directory do not count.
[[nodiscard]] FileNames listed_files(const std::filesystem::path& list, const std::vector<std::string>& keys);

/// Whether `path` is there and a file, not a directory or link.
[[nodiscard]] bool is_own_file(const std::filesystem::path& path);

/// Error: `directory` is a file, or holds files of these names that its `list` (key "files") does not name
/// (named); links count as foreign. @param command that writes the files, for the message.
[[nodiscard]] Result<> check_replaceable(const std::filesystem::path& directory, const FileNames& names,
                                         const std::string& list, std::string_view command);

/// For messages: `"a", "b" and 3 more`.
[[nodiscard]] std::string names_text(const std::vector<std::string>& names);

}  // namespace msq::flow
