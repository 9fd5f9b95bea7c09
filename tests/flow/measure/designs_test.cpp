#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "flow/measure/area.hpp"
#include "flow/measure/baselines.hpp"
#include "flow/measure/compare.hpp"
#include "flow/measure/modules.hpp"
#include "support/files.hpp"
#include "synth/liberty.hpp"

namespace msq::flow {
namespace {

Config small_config(OutlierPath path) {
  Config config;
  config.name = "small";
  config.rows = 4;
  config.cols = 4;
  config.micro_block = 4;
  config.skew_columns = 4;
  config.outlier_path = path;
  return config;
}

TEST(Modules, AreNamedByTheirFiles) { EXPECT_EQ(module_of("rtl/pe/msq_pe_plain.v"), "msq_pe_plain"); }

TEST(Modules, MemoriesAreNoLogic) {
  const Design design = build_design(small_config(OutlierPath::recon));
  ASSERT_FALSE(design.memory_modules.empty());
  const std::vector<std::string> logic = logic_modules(design);
  EXPECT_EQ(logic.size() + design.memory_modules.size(), design.verilog_files().size());
  EXPECT_EQ(logic.back(), design.top);
  for (const std::string& module : logic) EXPECT_FALSE(is_memory(design, module)) << module;
  for (const std::string& module : design.memory_modules) EXPECT_TRUE(is_memory(design, module)) << module;
}

TEST(Baselines, HaveNamesInTheOrderOfReports) {
  EXPECT_EQ(baseline_names(), (std::vector<std::string>{"int4", "int8", "olive", "gobo"}));
  EXPECT_EQ(weight_bits(Baseline::int4), 4);
  EXPECT_EQ(weight_bits(Baseline::int8), 8);
  EXPECT_EQ(weight_bits(Baseline::olive), 4);
  EXPECT_EQ(weight_bits(Baseline::gobo), 3);
}

TEST(Baselines, SkewAtMostEightColumns) {
  const auto narrow = find_baseline({"olive", 8, 4, 2});
  ASSERT_TRUE(narrow) << narrow.error();
  EXPECT_EQ(narrow->kind, Baseline::olive);
  EXPECT_EQ(narrow->tree_rows, 2);
  EXPECT_EQ(narrow->skew_columns, 4);
  EXPECT_EQ(find_baseline({"int8", 16, 16, 1})->skew_columns, 8);
}

TEST(Baselines, RefuseTreesOfFloatingPoint) {
  EXPECT_EQ(find_baseline({"gobo", 8, 8, 2}).error(),
            "tree-rows: found 2; allowed: 1, as FP32 sums depend on their order");
}

TEST(Baselines, RequireAName) { EXPECT_EQ(find_baseline({}).error(), "--config or --baseline is required"); }

TEST(ComparedArray, DensityIsPerSquareMillimetre) {
  const ComparedArray array{"int8", 8, 1, 24, 500'000.0, 16, 16};
  EXPECT_EQ(array.density(), 32.0);
  EXPECT_EQ(array.area_per_pe(), 31'250.0);
}

TEST(Area, BlocksOfASmallArrayAddUpToItsArea) {
  const auto work = PlainDirectory::create();
  ASSERT_TRUE(work);
  const Flow flow{.liberty = synth::kOsu018Liberty, .work = work->path()};
  const auto found = measure_area(small_config(OutlierPath::none), flow, {.twins = true});
  ASSERT_TRUE(found) << found.error();
  const DesignArea& area = found->configuration;
  EXPECT_GT(area.report().area, 0);
  EXPECT_EQ(std::accumulate(area.blocks.begin(), area.blocks.end(), synth::AreaNm2{0},
                            [](auto sum, const synth::BlockArea& block) { return sum + block.area; }),
            area.report().area);
  EXPECT_EQ(area.synthesized.directory().parent_path(), work->path());
  EXPECT_TRUE(area.synthesized.directory().filename().string().starts_with("small-"));
  EXPECT_FALSE(std::filesystem::exists(area.synthesized.netlist)) << "nobody asked for it";
  EXPECT_FALSE(found->same_sum_width) << "path none has no twin";
}

TEST(Area, ALibraryThatIsMissingIsNamed) {
  const auto found = measure_area(small_config(OutlierPath::none), {.liberty = "/no/cells.lib"}, {});
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().find("/no/cells.lib"), std::string::npos) << found.error();
}

}  // namespace
}  // namespace msq::flow
