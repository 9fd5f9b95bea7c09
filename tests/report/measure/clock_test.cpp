#include "report/clock.hpp"

#include <gtest/gtest.h>

namespace msq::report {
namespace {

TEST(ClockText, NamesTheRecipesTheClocksAndHowFarOneIsMissed) {
  const flow::ClockFindings findings{
      .max_fanout = 16,
      .trials = {{.name = "area", .area_um2 = 100, .buffers_um2 = 1, .period = 6},
                 {.name = "delay-sklansky", .area_um2 = 150, .buffers_um2 = 2, .period = 2.5},
                 {.name = "delay", .problem = "no netlist"}},
      .points = {{.period = 0.5, .trial = 1, .needed = 2.5, .area_um2 = 150, .buffers_um2 = 2},
                 {.period = 50, .trial = 0, .needed = 6, .area_um2 = 100, .buffers_um2 = 1}}};
  const std::string text = to_text(findings);
  for (const char* part :
       {"at most 16", "0.500 ns (2000.0 MHz) NOT met, too long by 2.000 ns",
        "50.000 ns (20.0 MHz) met, slack 44.000 ns", "f_max", "delay-sklansky", "no netlist"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin: " << text;
}

}  // namespace
}  // namespace msq::report
