#include "tests/support/configs.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <stdexcept>

#include "gen/config/serialize.hpp"

namespace msq::tests {
namespace {

std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") names.insert(entry.path().stem());
  }
  return names;
}

TEST(TestConfigs, AreReadByNameAndNamedByFile) {
  const Config config = test_config("inline-4x4-bands-of-2");
  EXPECT_EQ(config.name, "inline-4x4-bands-of-2");
  EXPECT_EQ(config.rows, 4);
  EXPECT_EQ(config.rows_per_tree(), 2);
  EXPECT_EQ(test_config("recon-8x8").outlier_path, OutlierPath::recon);  // a preset
  EXPECT_NE(test_config_text("recon-4x4").find("\"rows\": 4"), std::string::npos);
}

TEST(TestConfigs, UnknownNameThrows) {
  EXPECT_THROW(static_cast<void>(test_config("t4x4")), std::runtime_error);
}

TEST(TestConfigs, EveryFileIsValidAndItsNameSaysPathAndSize) {
  for (const std::string& name : names_in(test_config_file("recon-4x4").parent_path())) {
    const Config config = test_config(name);
    const std::string size = std::to_string(config.rows) + "x" + std::to_string(config.cols);
    EXPECT_NE(name.find(size), std::string::npos) << name;
    EXPECT_NE(name.find(outlier_path_name(config.outlier_path)), std::string::npos) << name;
  }
}

TEST(TestConfigs, NoConfigurationHasTwoFiles) {
  std::map<std::string, std::string> seen;
  for (const char* one : {"recon-8x8", "recon-4x4"}) {  // a preset, a configuration of tests
    for (const std::string& name : names_in(test_config_file(one).parent_path())) {
      Config config = test_config(name);
      config.name = "same";
      const auto [other, added] = seen.emplace(to_json(config), name);
      EXPECT_TRUE(added) << name << " and " << other->second;
    }
  }
}

TEST(TestConfigs, NamesOfTestsHaveNoDashes) {
  EXPECT_EQ(test_name("none-8x4-trees-of-4"), "none_8x4_trees_of_4");
}

}  // namespace
}  // namespace msq::tests
