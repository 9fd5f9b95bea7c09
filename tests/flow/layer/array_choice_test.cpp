#include "flow/layer/array_choice.hpp"

#include <gtest/gtest.h>

namespace msq::flow {
namespace {

TEST(ArrayChoice, WithoutShapeItIsTheConfiguration) {
  const auto config = ArrayChoice{.config = "recon-8x8"}.load();
  ASSERT_TRUE(config);
  EXPECT_EQ(config->name, "recon-8x8");
  EXPECT_EQ(config->recon.units, 1);
}

TEST(ArrayChoice, AnotherShapeRenamesTheConfiguration) {
  const auto config = ArrayChoice{.config = "16x16", .rows = 32, .cols = 8}.load();
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->name, "32x8");
  EXPECT_EQ(config->rows, 32);
  EXPECT_EQ(config->cols, 8);
}

TEST(ArrayChoice, UnitsAreRefusedWithoutReCoN) {
  const auto config = ArrayChoice{.config = "8x8", .units = 2}.load();
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error(),
            "--units: found 2 with outlier_path \"inline\" of --config 8x8; allowed: one with ReCoN");
}

TEST(ArrayChoice, AShapeThatNoArrayHasIsRefusedWithTheShape) {
  const auto config = ArrayChoice{.config = "recon-8x8", .rows = 12}.load();
  ASSERT_FALSE(config);
  EXPECT_TRUE(config.error().starts_with("--config recon-8x8 with 12 rows and 8 columns: rows"))
      << config.error();
}

}  // namespace
}  // namespace msq::flow
