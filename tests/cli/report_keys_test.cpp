// The look-up behind Flow::json, which compares the keys of all reports with docs/user/reports.md.

#include "tests/cli/report_keys.hpp"

#include <gtest/gtest.h>

namespace msq::cli {
namespace {

constexpr const char* kPage = R"(
# Reports
`everywhere`
## `one`
| `a`, `b_c` | see [shared](#shared-part) |
```json
{"fenced": 1}
```
### Shared part
`d[].e` and back to [one](#one)
## two
`f`
)";

TEST(ReportKeys, WordsOfASectionAndOfThoseItLinksTo) {
  EXPECT_EQ(documented_words(kPage, "one"), (std::set<std::string>{"a", "b_c", "d", "e"}));
  EXPECT_EQ(documented_words(kPage, "two"), (std::set<std::string>{"f"}));
  EXPECT_TRUE(documented_words(kPage, "three").empty());
}

TEST(ReportKeys, KeysThatThePageLacksAreFound) {
  const auto report = nlohmann::json::parse(
      R"({"directory": "x", "files": [{"top": 1, "odd": 2}], "config": {"any_key": 1}, "config_hash": ""})");
  EXPECT_EQ(undocumented_keys("generate", report), (std::vector<std::string>{"config", "files.odd"}));
  EXPECT_EQ(undocumented_keys("no_command", {{"top", 1}}), (std::vector<std::string>{"top"}));
}

}  // namespace
}  // namespace msq::cli
