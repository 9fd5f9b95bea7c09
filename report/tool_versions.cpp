#include "report/tool_versions.hpp"

#include <nlohmann/json.hpp>

#include "report/text.hpp"

namespace msq::report {

nlohmann::ordered_json to_json(const std::vector<flow::ToolVersion>& tools) {
  auto json = nlohmann::ordered_json::object();
  for (const flow::ToolVersion& tool : tools) json[tool.tool] = tool.version;
  return json;
}

std::string to_text(const std::vector<flow::ToolVersion>& tools) {
  std::string text;
  for (const flow::ToolVersion& tool : tools)
    text += (text.empty() ? "" : ", ") + tool.tool + " " + tool.version;
  return item("tools", text);
}

}  // namespace msq::report
