// The table of fields: what every row must say, the page made from it, and the hashes it must not change.

#include "gen/config/fields.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "gen/config/load.hpp"
#include "gen/config/serialize.hpp"

namespace msq {
namespace {

const Field& field(std::string_view key) {
  for (const Field& f : fields()) {
    if (f.key == key) return f;
  }
  throw std::out_of_range(std::string(key));
}

TEST(Fields, EveryRowIsComplete) {
  std::set<std::string_view> keys;
  for (const Field& f : fields()) {
    SCOPED_TRACE(f.key);
    EXPECT_TRUE(keys.insert(f.key).second);
    EXPECT_TRUE(f.meaning.ends_with(".")) << f.meaning;
    const bool is_choice = std::holds_alternative<Choice>(f.member);
    EXPECT_EQ(f.values.empty(), is_choice);
    EXPECT_EQ(f.is_valid == nullptr, is_choice);
    const bool is_optional = std::holds_alternative<Member<std::optional<int>>>(f.member);
    EXPECT_EQ(f.in_use != nullptr, is_optional);
    EXPECT_TRUE(!is_optional || !f.fallback.empty()) << "how the number is derived";
  }
}

TEST(Fields, OfAnObjectHaveOneReader) {
  for (const FieldGroup& group : field_groups()) {
    for (const Field& f : group.fields) {
      EXPECT_EQ(f.read_by.paths, group.fields.front().read_by.paths) << f.key;
      EXPECT_EQ(f.read_by.encodings, group.fields.front().read_by.encodings) << f.key;
      EXPECT_EQ(f.key.starts_with(std::string(group.key) + "."), group.is_object()) << f.key;
    }
  }
}

TEST(Fields, MembersOfTwoRowsAreDifferent) {
  for (const Field& f : fields()) {
    if (!std::holds_alternative<Member<int>>(f.member)) continue;
    Config config;
    std::get<Member<int>>(f.member).ref(config) = -77;
    for (const Field& other : fields())
      EXPECT_EQ(value_text(other, config) == "-77", other.key == f.key) << f.key << " " << other.key;
  }
}

TEST(Fields, ReadersByPath) {
  using enum OutlierPath;
  const std::map<std::string, std::set<OutlierPath>> readers = {
      {"rows", {none, recon, inlined}},
      {"recon", {recon}},
      {"recon.span", {recon}},
      {"inline.units_per_block", {inlined}},
      {"tree_rows", {none, inlined}},
      {"outlier_shift_max", {recon, inlined}},
      {"outliers_per_block", {recon, inlined}},
      {"scale_mantissa_bits", {none, recon, inlined}},
      {"top.tokens", {none, recon, inlined}},
      {"size", {none, recon, inlined}}};
  for (const auto& [key, paths] : readers) {
    for (const OutlierPath path : {none, recon, inlined})
      EXPECT_EQ(is_read_on(key, path), paths.contains(path)) << key << " " << outlier_path_name(path);
  }
}

TEST(Fields, UnreadOnesGetTheirDefaults) {
  Config config;
  config.recon = {4, ReconSpan::array};
  config.inlined.units_per_block = 1;
  config.scale_mantissa_bits = 1;
  config.tree_rows = 2;
  config.outlier_shift_max = 3;
  config.outliers_per_block = 1;
  Config expected = config;
  reset_unread(config);
  expected.recon = {};
  expected.scale_mantissa_bits = 3;
  EXPECT_EQ(config, expected);
  config.outlier_path = OutlierPath::none;
  reset_unread(config);
  expected = Config{};
  expected.outlier_path = OutlierPath::none;
  expected.tree_rows = 2;
  EXPECT_EQ(config, expected);
}

TEST(Fields, NamesOfPathsAreReadBack) {
  for (const OutlierPath path : kOutlierPaths) EXPECT_EQ(outlier_path_of(outlier_path_name(path)), path);
  EXPECT_EQ(outlier_path_of("inlined"), std::nullopt);
}

TEST(Fields, RowOfTheDocumentation) {
  const std::string page = fields_markdown();
  EXPECT_TRUE(page.starts_with("| key | values | default | read by | meaning |\n|---|---|---|---|---|\n"));
  EXPECT_NE(page.find("\n| `recon.units` | a power of two from 1 to rows | 1 | `recon` | ReCoN units; each "
                      "serves `rows` / `units` consecutive rows. |\n"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("\n| `recon.span` | \"block\" or \"array\" | \"block\" | `recon` | "),
            std::string::npos)
      << page;
  EXPECT_EQ(allowed_values(Config{}, field("recon.units")), "a power of two from 1 to rows, which is 8");
}

TEST(Presets, HaveTheHashesOfPublishedResults) {
  const std::map<std::string, std::string> expected = {
      {"16x16", "7ad11680017655b1"},     {"32x32", "f8d7954f4e3d2991"},
      {"64x64", "92883dd64cdf9cc2"},     {"8x8-full-range", "f414156d9a5bbe3e"},
      {"8x8", "584d02ce7b64afa6"},       {"none-8x8", "1271f4a0044b0ed0"},
      {"paper", "3c0a10a1bc1c483a"},     {"recon-64x64", "418fc2899a3239d9"},
      {"recon-8x8", "8e2c4d8a28abc0aa"}, {"tiny", "85b6a2eaad59ebae"},
      {"hx8k", "98a33420547b18c5"}};
  std::map<std::string, std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(MSQ_CONFIG_DIR)) {
    if (entry.path().extension() != ".json") continue;
    found[entry.path().stem().string()] = config_hash(load_config(entry.path()).value());
  }
  EXPECT_EQ(found, expected);
}

// docs/user/configuration.md has the table between two markers; MSQ_UPDATE=1 writes it anew.
TEST(ConfigurationPage, HasTheTable) {
  const std::string begin = "<!-- fields: begin -->\n";
  const std::string end = "<!-- fields: end -->\n";
  std::ifstream file(MSQ_CONFIGURATION_PAGE);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::size_t first = text.find(begin);
  const std::size_t last = text.find(end);
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(last, std::string::npos);
  const std::string page = text.substr(0, first + begin.size()) + fields_markdown() + text.substr(last);
  if (std::getenv("MSQ_UPDATE") != nullptr) std::ofstream(MSQ_CONFIGURATION_PAGE) << page;
  EXPECT_EQ(text, page);
}

}  // namespace
}  // namespace msq
