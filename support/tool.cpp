#include "support/tool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>

namespace msq {
namespace {

constexpr std::size_t kLines = 12;
constexpr std::size_t kLineBytes = 300;

bool names_an_error(std::string_view line) {
  constexpr std::array<std::string_view, 4> kMarks = {"rror:", "ERROR", "%Error", "%Warning"};
  return std::any_of(kMarks.begin(), kMarks.end(),
                     [&](std::string_view mark) { return line.find(mark) != std::string_view::npos; });
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end != 0) lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace

Result<ProcessResult> run_tool(ProcessRequest request, const std::vector<std::string>& also) {
  std::vector<std::string> inherited = {"PATH", "LD_LIBRARY_PATH", "TMPDIR", "USER", "LOGNAME"};
  inherited.insert(inherited.end(), also.begin(), also.end());
  request.inherited = inherited;
  request.environment.emplace_back("LC_ALL", "C");
  if (std::find(also.begin(), also.end(), "HOME") == also.end())
    request.environment.emplace_back("HOME", "/dev/null");
  return run_process(request);
}

std::string tool_version(const std::string& program, const std::string& option) {
  const auto result = run_tool({.argv = {program, option}, .timeout = std::chrono::seconds(10)});
  if (!result || !result->ok()) return {};
  return result->output.substr(0, result->output.find('\n'));
}

std::string error_excerpt(const std::string& log) {
  const std::vector<std::string_view> all = lines_of(log);
  std::vector<std::string_view> shown;
  std::copy_if(all.begin(), all.end(), std::back_inserter(shown), names_an_error);
  const std::size_t found = shown.empty() ? all.size() : shown.size();
  if (shown.empty())
    shown.assign(all.end() - static_cast<std::ptrdiff_t>(std::min(all.size(), kLines)), all.end());
  shown.resize(std::min(shown.size(), kLines));
  std::string text;
  for (const std::string_view line : shown)
    text += fmt::format("{}{}{}", text.empty() ? "" : "\n", line.substr(0, kLineBytes),
                        line.size() > kLineBytes ? " ..." : "");
  if (found > shown.size()) text += fmt::format("\n... and {} lines more", found - shown.size());
  return text;
}

}  // namespace msq
