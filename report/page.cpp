#include "report/page.hpp"

#include <nlohmann/json.hpp>

namespace msq::report {
namespace {

void fill(std::string& page, std::string_view place, std::string_view text) {
  page.replace(page.find(place), place.size(), text);
}

}  // namespace

std::string page(std::string_view name, const nlohmann::ordered_json& data) {
  std::string text = data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  // Inside a script element no text may look like its end.
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at))
    text.replace(at, 1, "\\u003c");
  std::string page(page_source(name));
  fill(page, "@STYLE@", page_source("style"));
  fill(page, "@HELPERS@", page_source("helpers"));
  fill(page, "@DATA@", text);
  return page;
}

}  // namespace msq::report
