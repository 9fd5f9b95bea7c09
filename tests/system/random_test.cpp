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
  const char* config;
  long gemms;  ///< in the normal run; ten times as many in the full one
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.config; }

class RandomGemms : public ::testing::TestWithParam<Case> {};

TEST_P(RandomGemms, MatchGolden) {
  const char* trace = std::getenv("MSQ_TRACE");
  Core core(GetParam().config, 1, trace != nullptr ? tb::Flavour::trace : tb::Flavour::check);
  if (trace != nullptr) {
    ASSERT_TRUE(core.driver.model().trace(trace)) << trace;
  }
  const long gemms =
      coverage_directory() ? std::min(GetParam().gemms, 2000L) : GetParam().gemms * (full_run() ? 10 : 1);
  const Comparison totals = run_random(core, gemms, 1000);
  fmt::print("{}: {} GEMMs, {} partial sums compared, {} mismatched\n", GetParam().config, totals.gemms,
             totals.compared, totals.mismatched);
  EXPECT_GT(totals.compared, 0);
  EXPECT_EQ(totals.mismatched, 0);
  RecordProperty("gemms", std::to_string(totals.gemms));
}

class RandomGemmsOfBlocks : public ::testing::TestWithParam<Case> {};

// Designs with multiplier blocks: the same results in the same cycles.
TEST_P(RandomGemmsOfBlocks, MatchGolden) {
  Core core(GetParam().config, 1, tb::Flavour::dsp);
  const Comparison totals = run_random(core, GetParam().gemms * (full_run() ? 10 : 1), 1000);
  EXPECT_GT(totals.compared, 0);
  EXPECT_EQ(totals.mismatched, 0);
}

constexpr Case kCases[] = {
    {"recon-4x4", 50000},
    {"recon-4x4-two-units", 10000},
    {"recon-4x4-array-span", 10000},
    {"recon-4x4-mode2", 5000},
    {"none-4x4", 5000},
    {"recon-8x8", 20000},
    {"recon-8x8-eight-units", 3000},
    {"recon-8x8-array-span", 3000},
    {"recon-8x8-mode4", 2000},
    {"recon-8x8-mode2-act4", 2000},
    {"none-8x8-skew-2", 2000},
    {"recon-16x16-two-units", 1000},
    {"recon-16x16-block-16", 500},
    {"recon-4x16", 1000},
    {"recon-16x4-four-units", 1000},
    {"inline-4x4", 20000},
    {"inline-4x4-bands-of-2", 20000},
    {"inline-4x4-bands-of-2-skew-1", 10000},
    {"inline-4x8-mode2-four-units", 5000},
    {"none-8x4-trees-of-4", 5000},
    {"inline-8x8", 10000},
    {"inline-8x8-bands-of-4-skew-2", 5000},
    {"inline-8x8-mode4-bands-of-2", 2000},
    {"inline-8x8-mode2-act4", 2000},
    {"inline-16x16-block-16", 500},
    {"inline-16x4-bands-of-8", 1000},
    {"inline-32x4-bands-of-16", 500},
    {"recon-4x4-full-range", 20000},
    {"recon-8x8-full-range", 10000},
    {"recon-8x8-full-range-one-outlier", 5000},
    {"recon-8x8-full-range-mode4", 3000},
    {"recon-8x8-full-range-mode2", 3000},
    {"recon-8x8-full-range-mode2-array-span", 2000},
    {"recon-8x8-full-range-narrow-sums", 2000},
    {"none-8x8-full-range", 3000},
    {"none-4x8-full-range-mode2", 2000},
    {"recon-16x16-full-range", 500},
    {"recon-8x8-two-outliers", 3000},
    {"inline-4x4-full-range", 10000},
    {"inline-8x8-full-range", 5000},
    {"inline-8x4-full-range-mode2", 3000},
    {"inline-8x8-full-range-mode4", 2000},
    {"none-8x8-full-range-trees-of-4", 2000},
    {"recon-4x8", 20000},
    {"inline-4x8-four-units", 20000},
    {"recon-4x8-full-range", 20000},
    {"inline-4x8-full-range-four-units", 20000},
    {"recon-32x32-four-units", 150},
    {"top-inline-8x8-two-rows", 3000},
    {"top-inline-16x8-four-rows", 1000},
    {"top-inline-16x4-eight-rows", 1000},
    {"top-none-32x4-eight-rows", 300},
};

constexpr Case kBlockCases[] = {
    {"inline-4x4-bands-of-2", 3000},
    {"inline-8x8-bands-of-4-skew-2", 1000},
    {"inline-4x4-full-range", 2000},
    {"none-8x4-trees-of-4", 1000},
    {"recon-4x4", 2000},
};

INSTANTIATE_TEST_SUITE_P(Arrays, RandomGemmsOfBlocks, ::testing::ValuesIn(kBlockCases),
                         [](const auto& test) { return test_name(test.param.config); });
INSTANTIATE_TEST_SUITE_P(Arrays, RandomGemms, ::testing::ValuesIn(kCases),
                         [](const auto& test) { return test_name(test.param.config); });

}  // namespace
}  // namespace msq::tests
