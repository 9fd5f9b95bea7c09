// Designs of every kind of configuration without a simulation: what the generator's own checks say, and that
// what is written about a design agrees with it.

#include "gen/arch/design.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "gen/arch/manifest.hpp"
#include "gen/config/load.hpp"
#include "gen/config/serialize.hpp"
#include "tests/coverage/cover_points.hpp"
#include "tests/soak/random_config.hpp"

namespace msq::tests {
namespace {

TEST(Design, ModulesPortsAndBlocksOfRandomConfigurations) {
  for (int index = 0; index < 120; ++index) {
    const Config config = random_config(99, index);
    SCOPED_TRACE(to_json(config));
    for (const bool accelerator : {false, true}) {
      const Design design = accelerator ? build_accelerator(config) : build_design(config);
      EXPECT_EQ(has_top(design), accelerator);
      const auto files = design.verilog_files();
      EXPECT_EQ(std::set<std::string>(files.begin(), files.end()).size(), files.size());
      EXPECT_EQ(files.size(), design.generated.size() + design.leaves.size());
      const auto blocks = area_blocks(design);
      for (const auto* group : {&design.generated, &design.leaves}) {
        for (const DesignFile& file : *group) {
          const std::string module = file.name.substr(0, file.name.find('.'));
          EXPECT_NE(file.text.find("module " + module), std::string::npos) << file.name;
          if (std::count(design.memory_modules.begin(), design.memory_modules.end(), module) != 0) continue;
          EXPECT_NE(std::find(blocks.begin(), blocks.end(), area_block(design, module)), blocks.end())
              << module;
        }
      }
      EXPECT_THROW(static_cast<void>(area_block(design, "no_such_module")), std::out_of_range);
      const std::string header = ports_header(design);
      for (const verilog::Port& port : design.ports)
        EXPECT_NE(header.find(port.name), std::string::npos) << port.name;
    }
  }
}

/// Cover points are modules of their own: the design below stays what it is.
TEST(CoverPoints, AddFilesAndChangeNone) {
  for (const int index : {0, 1, 2, 3, 4, 9}) {
    const Design design = build_accelerator(random_config(7, index));
    Design covered = design;
    add_cover_points(covered);
    ASSERT_GT(covered.generated.size(), design.generated.size());
    for (std::size_t i = 0; i < design.generated.size(); ++i)
      EXPECT_EQ(covered.generated[i].text, design.generated[i].text);
    for (std::size_t i = design.generated.size(); i < covered.generated.size(); ++i) {
      const DesignFile& file = covered.generated[i];
      EXPECT_TRUE(file.name.ends_with("_cover.v")) << file.name;
      EXPECT_NE(file.text.find("cover property"), std::string::npos) << file.name;
      const std::string target = file.name.substr(0, file.name.size() - std::string("_cover.v").size());
      const auto has = [&](const auto& files) {
        return std::any_of(files.begin(), files.end(),
                           [&](const auto& f) { return f.name == target + ".v"; });
      };
      EXPECT_TRUE(has(design.generated) || has(design.leaves)) << target;
    }
  }
}

}  // namespace
}  // namespace msq::tests
