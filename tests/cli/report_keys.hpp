#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace msq::cli {

/// Words in backquotes, outside of fenced blocks, in a section of a Markdown page and in every section of it
/// that the section links to, directly or not. A section is a heading of any level with the text up to the
/// next heading. @param heading its text without backquotes. Empty if there is no such heading.
std::set<std::string> documented_words(const std::string& page, const std::string& heading);

/// Paths of the keys in a report that documented_words of docs/user/reports.md and the command does not have,
/// such as "runs.simulation.cycles". Keys that are names of other things, such as configuration keys, cells
/// or machines, are not looked up.
std::vector<std::string> undocumented_keys(const std::string& command, const nlohmann::json& report);

}  // namespace msq::cli
