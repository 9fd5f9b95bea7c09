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

TEST(Recipe, HasOneCommandForAnFpgaFamily) {
  EXPECT_EQ(fpga_script("ice40", "core"), "synth_ice40 -top core\n");
  EXPECT_EQ(fpga_script("ecp5", "core"), "synth_ecp5 -top core\n");
  EXPECT_EQ(fpga_script("xilinx7", "core"), "synth_xilinx -family xc7 -flatten -noiopad -top core\n");
}

TEST(Recipe, KnowsNoOtherFamily) { EXPECT_THROW((void)fpga_script("gowin", "core"), std::out_of_range); }

}  // namespace
}  // namespace msq::synth
