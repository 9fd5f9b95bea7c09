#include "synth/recipe.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace msq::synth {
namespace {

TEST(Recipe, MapsToTheLibraryWithTheScriptOfAbcInOneWord) {
  EXPECT_EQ(mapping_script("core", "/lib/cells.lib", "-flatten"),
            "synth -noalumacc -flatten -top core\n"
            "dfflibmap -liberty /lib/cells.lib\n"
            "abc -liberty /lib/cells.lib -script "
            "+strash;&get,-n;&fraig,-x;&put;scorr;dc2;dretime;strash;&get,-n;&dch,-f;&nf,-R,1000,-F,5;&put\n"
            "opt_clean -purge\n");
}

TEST(Recipe, MapsEachModuleByItsRecipeForAClock) {
  const ClockMapping mapping{
      .modules = {{"pe", Recipe::delay_sklansky, true}, {"row", Recipe::area}, {"core", Recipe::area}},
      .driver = "BUFX2"};
  const std::string script = clock_script(mapping, "core", "/lib/cells.lib", "");
  const auto has = [&](const char* line) { return script.find(line) != std::string::npos; };
  EXPECT_EQ(script.find("flatten *\\\\pe *\\\\pe\\\\*\n"), 0U) << script;
  EXPECT_TRUE(has("techmap -map +/techmap.v -map adders.v -D SKLANSKY *\\\\pe *\\\\pe\\\\*\n")) << script;
  EXPECT_FALSE(has("RIPPLE")) << "no module has that recipe";
  EXPECT_TRUE(has("abc -liberty /lib/cells.lib -constr drive.constr -script +strash;")) << script;
  EXPECT_TRUE(has("-R,1000,-F,5;&put *\\\\row *\\\\row\\\\* *\\\\core *\\\\core\\\\*\n")) << script;
  EXPECT_FALSE(has("@")) << script;
  const auto files = clock_files(mapping);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].name, "adders.v");
  EXPECT_EQ(files[1].text, "set_driving_cell BUFX2\n");
}

TEST(Recipe, HasNoDriverWithoutABufferInTheLibrary) {
  const ClockMapping mapping{.modules = {{"core", Recipe::delay}}};
  EXPECT_EQ(clock_script(mapping, "core", "cells.lib", "").find("-constr"), std::string::npos);
  EXPECT_EQ(clock_files(mapping).size(), 1U);
}

TEST(Recipe, HasOneCommandForAnFpgaFamily) {
  EXPECT_EQ(fpga_script("ice40", "core"), "synth_ice40 -no-rw-check -top core\n");
  EXPECT_EQ(fpga_script("ecp5", "core"), "synth_ecp5 -no-rw-check -top core\n");
  EXPECT_EQ(fpga_script("xilinx7", "core"), "synth_xilinx -family xc7 -flatten -noiopad -top core\n");
}

TEST(Recipe, KnowsNoOtherFamily) { EXPECT_THROW((void)fpga_script("gowin", "core"), std::out_of_range); }

}  // namespace
}  // namespace msq::synth
