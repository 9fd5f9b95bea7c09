// Random GEMMs on whole cores, every partial sum against the golden model.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/coverage/coverage_run.hpp"
#include "tests/system/core_fixture.hpp"

namespace msq::tests {
namespace {

struct Case {
  const char* name;
  const char* json;
  long gemms;  ///< in the normal run; ten times as many in the full one
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class RandomGemms : public ::testing::TestWithParam<Case> {};

TEST_P(RandomGemms, MatchGolden) {
  const char* trace = std::getenv("MSQ_TRACE");
  Core core(GetParam().json, 1, trace != nullptr ? tb::Flavour::trace : tb::Flavour::check);
  if (trace != nullptr) {
    ASSERT_TRUE(core.driver.model().trace(trace)) << trace;
  }
  const long gemms =
      coverage_directory() ? std::min(GetParam().gemms, 2000L) : GetParam().gemms * (full_run() ? 10 : 1);
  const Comparison totals = run_random(core, gemms, 1000);
  fmt::print("{}: {} GEMMs, {} partial sums compared, {} mismatched\n", GetParam().name, totals.gemms,
             totals.compared, totals.mismatched);
  EXPECT_GT(totals.compared, 0);
  EXPECT_EQ(totals.mismatched, 0);
  RecordProperty("gemms", std::to_string(totals.gemms));
}

constexpr Case kCases[] = {
    {"tiny", R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "name": "t4x4"})", 50000},
    {"tiny_units2",
     R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "recon": {"units": 2}, "skew_columns": 1, "name": "t4x4u2"})",
     10000},
    {"tiny_array",
     R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "recon": {"units": 4, "span": "array"}, "skew_columns": 2, "name": "t4x4a"})",
     10000},
    {"tiny_mode2",
     R"({"rows": 4, "cols": 4, "outlier_path": "recon", "modes": [2], "micro_block": 8, "name": "t4x4m2"})",
     5000},
    {"tiny_none", R"({"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "none", "name": "t4x4n"})",
     5000},
    {"a8x8", R"({"rows": 8, "cols": 8, "outlier_path": "recon", "name": "t8x8"})", 20000},
    {"a8x8_skew1_units8",
     R"({"rows": 8, "cols": 8, "outlier_path": "recon", "skew_columns": 1, "recon": {"units": 8}, "name": "t8x8s1u8"})",
     3000},
    {"a8x8_array_skew2",
     R"({"rows": 8, "cols": 8, "outlier_path": "recon", "micro_block": 4, "skew_columns": 2, "recon": {"units": 2, "span": "array"}, "name": "t8x8as2"})",
     3000},
    {"a8x8_mode4_narrow",
     R"({"rows": 8, "cols": 8, "outlier_path": "recon", "modes": [4], "acc_bits": 18, "outlier_shift_max": 4, "name": "t8x8m4"})",
     2000},
    {"a8x8_mode2_shift0",
     R"({"rows": 8, "cols": 8, "outlier_path": "recon", "modes": [2], "outlier_shift_max": 0, "act_bits": 4, "name": "t8x8m2"})",
     2000},
    {"a8x8_none", R"({"rows": 8, "cols": 8, "outlier_path": "none", "skew_columns": 2, "name": "t8x8n"})",
     2000},
    {"a16x16",
     R"({"rows": 16, "cols": 16, "outlier_path": "recon", "recon": {"units": 2}, "name": "t16x16"})", 1000},
    {"a16x16_block16",
     R"({"rows": 16, "cols": 16, "outlier_path": "recon", "micro_block": 16, "skew_columns": 4, "outlier_shift_max": 15, "name": "t16x16b16"})",
     500},
    {"a4x16", R"({"rows": 4, "cols": 16, "outlier_path": "recon", "skew_columns": 4, "name": "t4x16"})",
     1000},
    {"a16x4",
     R"({"rows": 16, "cols": 4, "outlier_path": "recon", "micro_block": 4, "recon": {"units": 4}, "name": "t16x4"})",
     1000},
    {"tiny_inline",
     R"({"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "inline", "tree_rows": 1, "inline": {"units_per_block": 1}, "name": "i4x4"})",
     20000},
    {"tiny_inline_both",
     R"({"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "inline", "tree_rows": 2, "inline": {"units_per_block": 2}, "name": "i4x4e"})",
     5000},
    {"tiny_inline_units2",
     R"({"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "inline", "inline": {"units_per_block": 2}, "tree_rows": 2, "skew_columns": 1, "name": "i4x4u2"})",
     10000},
    {"tiny_inline_mode2",
     R"({"rows": 4, "cols": 4, "modes": [2], "micro_block": 8, "outlier_path": "inline", "tree_rows": 1, "inline": {"units_per_block": 4}, "name": "i4x4m2"})",
     5000},
    {"tiny_none_tree",
     R"({"rows": 8, "cols": 4, "micro_block": 4, "outlier_path": "none", "tree_rows": 4, "name": "t8x4n4"})",
     5000},
    {"i8x8",
     R"({"rows": 8, "cols": 8, "outlier_path": "inline", "tree_rows": 1, "inline": {"units_per_block": 1}, "name": "i8x8"})",
     10000},
    {"i8x8_tree4_skew2",
     R"({"rows": 8, "cols": 8, "outlier_path": "inline", "inline": {"units_per_block": 1}, "tree_rows": 4, "skew_columns": 2, "name": "i8x8t4"})",
     5000},
    {"i8x8_mode4_narrow",
     R"({"rows": 8, "cols": 8, "modes": [4], "acc_bits": 18, "outlier_shift_max": 4, "outlier_path": "inline", "tree_rows": 2, "inline": {"units_per_block": 2}, "name": "i8x8m4"})",
     2000},
    {"i8x8_mode2_shift0",
     R"({"rows": 8, "cols": 8, "modes": [2], "outlier_shift_max": 0, "act_bits": 4, "outlier_path": "inline", "tree_rows": 1, "inline": {"units_per_block": 1}, "name": "i8x8m2"})",
     2000},
    {"i16x16_block16",
     R"({"rows": 16, "cols": 16, "micro_block": 16, "skew_columns": 4, "outlier_shift_max": 15, "outlier_path": "inline", "tree_rows": 8, "inline": {"units_per_block": 4}, "name": "i16x16b16"})",
     500},
    {"i16x4",
     R"({"rows": 16, "cols": 4, "micro_block": 4, "outlier_path": "inline", "tree_rows": 8, "inline": {"units_per_block": 2}, "name": "i16x4"})",
     1000},
    {"full_tiny",
     R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "encoding": "full_range", "name": "t4x4f"})",
     20000},
    {"full_8x8",
     R"({"rows": 8, "cols": 8, "outlier_path": "recon", "encoding": "full_range", "name": "t8x8f"})", 10000},
    {"full_8x8_one_entry_half",
     R"({"rows": 8, "cols": 8, "outlier_path": "recon", "encoding": "full_range", "outliers_per_block": 1, "fraction_bits": 1, "outlier_shift_max": 15, "recon": {"units": 2}, "name": "t8x8f1"})",
     5000},
    {"full_mode4_two_entries",
     R"({"rows": 8, "cols": 8, "outlier_path": "recon", "modes": [4], "encoding": "full_range", "outliers_per_block": 2, "fraction_bits": 1, "skew_columns": 2, "name": "t8x8f4"})",
     3000},
    {"full_mode2_shift0",
     R"({"rows": 8, "cols": 8, "outlier_path": "recon", "modes": [2], "encoding": "full_range", "outliers_per_block": 1, "outlier_shift_max": 0, "act_bits": 4, "name": "t8x8f2"})",
     3000},
    {"full_mode2_half_array",
     R"({"rows": 8, "cols": 8, "outlier_path": "recon", "modes": [2], "encoding": "full_range", "fraction_bits": 1, "micro_block": 16, "recon": {"units": 4, "span": "array"}, "skew_columns": 4, "name": "t8x8f2a"})",
     2000},
    {"full_narrow",
     R"({"rows": 8, "cols": 8, "outlier_path": "recon", "encoding": "full_range", "acc_bits": 18, "fraction_bits": 1, "outliers_per_block": 2, "name": "t8x8fn"})",
     2000},
    {"full_none",
     R"({"rows": 8, "cols": 8, "encoding": "full_range", "outlier_path": "none", "skew_columns": 2, "name": "t8x8fp"})",
     3000},
    {"full_none_half_mode2",
     R"({"rows": 4, "cols": 8, "modes": [2], "encoding": "full_range", "outlier_path": "none", "fraction_bits": 1, "name": "t4x8fp"})",
     2000},
    {"full_16x16_block16",
     R"({"rows": 16, "cols": 16, "outlier_path": "recon", "encoding": "full_range", "micro_block": 16, "outliers_per_block": 4, "skew_columns": 4, "name": "t16x16f"})",
     500},
    {"paper_two_entries",
     R"({"rows": 8, "cols": 8, "outlier_path": "recon", "outliers_per_block": 2, "name": "t8x8e2"})", 3000},
    {"full_inline_4x4",
     R"({"rows": 4, "cols": 4, "micro_block": 4, "encoding": "full_range", "outlier_path": "inline", "tree_rows": 1, "inline": {"units_per_block": 1}, "name": "i4x4f"})",
     10000},
    {"full_inline_8x8_tree4",
     R"({"rows": 8, "cols": 8, "encoding": "full_range", "outliers_per_block": 1, "fraction_bits": 1, "outlier_path": "inline", "tree_rows": 4, "inline": {"units_per_block": 2}, "name": "i8x8f"})",
     5000},
    {"full_inline_mode2",
     R"({"rows": 8, "cols": 4, "modes": [2], "micro_block": 8, "encoding": "full_range", "outlier_path": "inline", "inline": {"units_per_block": 1}, "tree_rows": 2, "name": "i8x4f2"})",
     3000},
    {"full_inline_mode4_narrow",
     R"({"rows": 8, "cols": 8, "modes": [4], "acc_bits": 18, "encoding": "full_range", "fraction_bits": 1, "outlier_path": "inline", "inline": {"units_per_block": 1}, "tree_rows": 4, "name": "i8x8f4"})",
     2000},
    {"full_none_tree",
     R"({"rows": 8, "cols": 8, "encoding": "full_range", "outlier_path": "none", "tree_rows": 4, "name": "t8x8ft"})",
     2000},
    {"tiny_inline_tree",
     R"({"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "inline", "tree_rows": 2, "inline": {"units_per_block": 2}, "name": "i4x4e"})",
     20000},
    {"a4x8", R"({"rows": 4, "cols": 8, "outlier_path": "recon", "name": "t4x8"})", 20000},
    {"i4x8",
     R"({"rows": 4, "cols": 8, "outlier_path": "inline", "tree_rows": 2, "inline": {"units_per_block": 4}, "name": "i4x8"})",
     20000},
    {"full_4x8",
     R"({"rows": 4, "cols": 8, "outlier_path": "recon", "encoding": "full_range", "name": "t4x8f"})", 20000},
    {"full_i4x8",
     R"({"rows": 4, "cols": 8, "encoding": "full_range", "outlier_path": "inline", "tree_rows": 1, "inline": {"units_per_block": 4}, "name": "i4x8f"})",
     20000},
    {"a32x32",
     R"({"rows": 32, "cols": 32, "outlier_path": "recon", "recon": {"units": 4}, "name": "t32x32"})", 150},
};

INSTANTIATE_TEST_SUITE_P(Arrays, RandomGemms, ::testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace msq::tests
