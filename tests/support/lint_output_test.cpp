#include "tests/support/lint_output.hpp"

#include <gtest/gtest.h>

namespace msq::tests {
namespace {

// Recorded from Verilator 5.48.
constexpr const char* kReport =
    "- V e r i l a t i o n   R e p o r t: Verilator 5.048 2026-04-26 rev v5.048\n"
    "- Verilator: Built from 3.374 MB sources in 36 modules, into 1.964 MB in 9 C++ files needing 0.000 MB\n"
    "- Verilator: Walltime 2.586 s (elab=0.339, cvt=1.931, bld=0.000); cpu 0.638 s on 1 threads; allocated "
    "43.168 MB\n";

TEST(LintOutput, TheReportIsNoFinding) {
  EXPECT_EQ(findings_of_lint(""), "");
  EXPECT_EQ(findings_of_lint(kReport), "");
}

TEST(LintOutput, EverythingElseIs) {
  const std::string warning = "%Warning-UNUSEDSIGNAL: a.v:1:20: Signal is not used: 'x'\n    1 | wire x;\n";
  EXPECT_EQ(findings_of_lint(warning + kReport), warning);
  EXPECT_EQ(findings_of_lint(kReport + warning + "no newline"), warning + "no newline");
}

}  // namespace
}  // namespace msq::tests
