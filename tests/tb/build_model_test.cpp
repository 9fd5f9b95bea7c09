#include "tb/sim/build_model.hpp"

#include <gtest/gtest.h>

namespace msq::tb {
namespace {

constexpr const char* kConfig =
    "#define VERILATOR_PRODUCT \"Verilator\"\n#define VERILATOR_VERSION \"5.32\"\n"
    "#define VERILATOR_VERSION_INTEGER \n";

TEST(VerilatorVersion, IsWhatTheProgramSays) {
  const std::string line = "Verilator 5.006 2023-01-22 rev (Debian 5.006-3)";
  EXPECT_EQ(complete_verilator_version(line, ""), line);
  EXPECT_EQ(complete_verilator_version(line, kConfig), line);
  EXPECT_FALSE(verilator_version().empty());
}

/// So the wheels of PyPI say it, several versions alike.
TEST(VerilatorVersion, IsCompletedWhereTheProgramNamesNone) {
  EXPECT_EQ(complete_verilator_version(" rev UNKNOWN.REV", kConfig), "Verilator 5.32 rev UNKNOWN.REV");
  EXPECT_EQ(complete_verilator_version("Verilator  rev UNKNOWN.REV", kConfig),
            "Verilator 5.32 Verilator  rev UNKNOWN.REV");
  EXPECT_EQ(complete_verilator_version(" rev UNKNOWN.REV", ""), " rev UNKNOWN.REV");
  EXPECT_EQ(complete_verilator_version("", kConfig), "");
}

}  // namespace
}  // namespace msq::tb
