#include "report/config_text.hpp"

#include <gtest/gtest.h>

namespace msq::report {
namespace {

TEST(OutlierText, SaysWhatEachPathHas) {
  Config config;
  config.rows = 16;
  config.cols = 16;
  config.outlier_path = OutlierPath::inlined;
  config.inlined.units_per_block = 1;
  config.tree_rows = 4;
  EXPECT_EQ(outlier_text(config),
            "inline: 1 unit for a micro-block of 4 rows, shift up to 4, trees over 4 rows");
  config.outlier_path = OutlierPath::recon;
  config.recon.units = 2;
  config.tree_rows.reset();
  EXPECT_EQ(outlier_text(config), "recon: 2 units, span block, shift up to 7");
  config.outlier_path = OutlierPath::none;
  EXPECT_EQ(outlier_text(config), "none");
  config.tree_rows = 8;
  EXPECT_EQ(outlier_text(config), "none, trees over 8 rows");
}

}  // namespace
}  // namespace msq::report
