#include "tests/cli/report_keys.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>

namespace msq::cli {
namespace {

/// Ends of the paths of objects whose keys are names: of configuration keys, cells, machines, models, blocks.
const std::vector<std::string> kNamed = {"config",
                                         "in_use",
                                         "fitted",
                                         "settings",
                                         "values",
                                         "layers.machines",
                                         "total.machines",
                                         "fpga.cells",
                                         "int8.cells",
                                         "runs.utilization",
                                         "blackboxes",
                                         "energy_per_token_j",
                                         "wire_length_by_layer_um",
                                         "trials.blocks",
                                         "points.blocks",
                                         "points.weight_error",
                                         "point.blocks",
                                         "point.weight_error"};

bool is_named(const std::string& path) {
  return std::any_of(kNamed.begin(), kNamed.end(),
                     [&](const std::string& end) { return path == end || path.ends_with("." + end); });
}

/// Anchor of a heading, as Markdown viewers make it.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-')
      anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (c == ' ')
      anchor += '-';
  }
  return anchor;
}

/// Text of each section by its anchor.
std::map<std::string, std::string> sections_of(const std::string& page) {
  std::map<std::string, std::string> sections;
  std::istringstream lines(page);
  std::string anchor;
  bool fenced = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      fenced = !fenced;
    } else if (!fenced && line.starts_with("#")) {
      anchor = anchor_of(line.substr(line.find_first_not_of("# ")));
    } else if (!fenced) {
      sections[anchor] += line + "\n";
    }
  }
  return sections;
}

/// Adds the words and follows the links of a section that was not seen before.
void add_words(const std::map<std::string, std::string>& sections, const std::string& anchor,
               std::set<std::string>& seen, std::set<std::string>& words) {
  static const std::regex kQuoted("`([^`\n]+)`");
  static const std::regex kWord("[A-Za-z0-9_]+");
  static const std::regex kLink(R"(\]\(#([^)]+)\))");
  const auto section = sections.find(anchor);
  if (section == sections.end() || !seen.insert(anchor).second) return;
  using Matches = std::sregex_iterator;
  const std::string& text = section->second;
  for (Matches quoted(text.begin(), text.end(), kQuoted); quoted != Matches(); ++quoted) {
    const std::string inside = (*quoted)[1];
    for (Matches word(inside.begin(), inside.end(), kWord); word != Matches(); ++word)
      words.insert(word->str());
  }
  for (Matches link(text.begin(), text.end(), kLink); link != Matches(); ++link)
    add_words(sections, (*link)[1], seen, words);
}

struct Lookup {
  std::set<std::string> words;  ///< keys on the page
  bool lists_settings = false;  ///< `sweep --list`: points have configuration keys alone
  std::set<std::string> missing;

  void visit(const nlohmann::json& value, const std::string& path) {
    for (const auto& element : value.is_array() ? value : nlohmann::json::array()) visit(element, path);
    if (!value.is_object()) return;
    for (const auto& [key, member] : value.items()) {
      const std::string name = path.empty() ? key : path + "." + key;
      if (!words.contains(key)) missing.insert(name);
      if (!is_named(name) && !(lists_settings && name == "points")) visit(member, name);
    }
  }
};

}  // namespace

std::set<std::string> documented_words(const std::string& page, const std::string& heading) {
  std::set<std::string> seen;
  std::set<std::string> words;
  add_words(sections_of(page), anchor_of(heading), seen, words);
  return words;
}

std::vector<std::string> undocumented_keys(const std::string& command, const nlohmann::json& report) {
  static const std::string page = [] {
    std::ifstream file(MSQ_REPORTS_PAGE);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }();
  const bool lists_settings = report.contains("points") && !report.contains("generator");
  Lookup lookup{documented_words(page, command), lists_settings, {}};
  lookup.visit(report, "");
  return {lookup.missing.begin(), lookup.missing.end()};
}

}  // namespace msq::cli
