#include "synth/log.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace msq::synth {
namespace {

// Recorded from Yosys 0.23, shortened.
constexpr const char* kFooter = R"(
   Chip area for top module '\top': 2560.000000

End of script. Logfile hash: f7c2192038, CPU: user 0.10s system 0.02s, MEM: 14.08 MB peak
Yosys 0.23 (git sha1 7ce5011c24b)
Time spent: 72% 2x abc (0 sec), 5% 14x opt_expr (0 sec), ...
)";

constexpr const char* kUndriven = R"(
3. Executing Verilog-2005 frontend: undriven.v
Warning: from an earlier pass.

6. Executing CHECK pass (checking for obvious problems).
Checking module top...
Warning: Wire top.\t is used but has no driver.
ERROR: Found 1 problems in 'check -assert'.
)";

constexpr const char* kLatch = R"(
5.8. Executing PROC_DLATCH pass (convert process syncs to latches).
Latch inferred for signal `\sub.\q_o' from process `\sub.$proc$latch.v:1$2': $auto$proc_dlatch.cc:427:proc_dlatch$16

5.9. Executing PROC_DFF pass (convert process syncs to FFs).
<suppressed ~5 debug messages>
ERROR: Assertion failed: selection is not empty: t:$dlatch
Selection contains:
sub/$auto$proc_dlatch.cc:427:proc_dlatch$16
)";

TEST(Log, Footer) {
  const LogFooter footer = parse_log_footer(kFooter);
  EXPECT_EQ(footer.version, "0.23 (git sha1 7ce5011c24b)");
  EXPECT_EQ(footer.peak_memory_mb, 14.08);
  EXPECT_EQ(parse_log_footer("").version, "");
  EXPECT_EQ(parse_log_footer("").peak_memory_mb, 0);
}

TEST(Log, MemoryIsANumber) {
  for (const char* memory : {"inf", "nan", "-3.5", "1e999", "none", ""})
    EXPECT_EQ(parse_log_footer(fmt::format("End of script. MEM: {} MB peak\n", memory)).peak_memory_mb, 0)
        << memory;
  EXPECT_EQ(parse_log_footer("End of script. MEM: 2.5 MB peak\n").peak_memory_mb, 2.5);
}

TEST(Log, ErrorComesWithTheWarningsOfItsPass) {
  EXPECT_EQ(log_error(kUndriven),
            "ERROR: Found 1 problems in 'check -assert'.\nWarning: Wire top.\\t is used but has no driver.");
}

TEST(Log, ErrorComesWithInferredLatches) {
  const std::string message = log_error(kLatch);
  EXPECT_EQ(message.substr(0, 26), "ERROR: Assertion failed: s");
  EXPECT_NE(message.find("Latch inferred for signal `\\sub.\\q_o'"), std::string::npos) << message;
}

/// So Yosys 0.70 has it.
TEST(Log, ErrorComesWithWarningsOfLatches) {
  std::string log = kLatch;
  log.insert(log.find("Latch inferred"), "Warning: ");
  const std::string message = log_error(log);
  EXPECT_NE(message.find("Latch inferred for signal `\\sub.\\q_o'"), std::string::npos) << message;
}

TEST(Log, ErrorWithPlaceInTheSource) {
  EXPECT_EQ(
      log_error("1. Executing Verilog-2005 frontend: a b.v\na b.v:2: ERROR: syntax error, unexpected ';'\n"),
      "a b.v:2: ERROR: syntax error, unexpected ';'");
}

TEST(Log, DetailsOfAWarningBelongToIt) {
  EXPECT_EQ(
      log_error("8. Executing CHECK pass.\nWarning: found logic loop in module top:\n    cell $xor$1 ($xor)\n"
                "    wire q\nERROR: Found 1 problems in 'check -assert'.\n"),
      "ERROR: Found 1 problems in 'check -assert'.\nWarning: found logic loop in module top:\n"
      "    cell $xor$1 ($xor)\n    wire q");
}

TEST(Log, LongMessagesAreCut) {
  std::string log = "1. Executing CHECK pass.\n";
  for (int i = 0; i < 30; ++i) log += fmt::format("Warning: number {}\n", i);
  const std::string message = log_error(log + "ERROR: stop\n");
  EXPECT_EQ(message.substr(0, 29), "ERROR: stop\nWarning: number 0");
  EXPECT_EQ(message.substr(message.rfind('\n')), "\n... and 21 lines more");
}

TEST(Log, WithoutAnErrorItsLastLines) {
  std::string log;
  for (int i = 0; i < 30; ++i) log += fmt::format("line {}\n", i);
  EXPECT_EQ(log_error(log).substr(0, 8), "line 20\n");
  EXPECT_EQ(log_error(""), "");
}

}  // namespace
}  // namespace msq::synth
