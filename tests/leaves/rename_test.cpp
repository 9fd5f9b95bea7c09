#include "gen/leaves/rename.hpp"

#include <gtest/gtest.h>

namespace msq::leaves {
namespace {

const NewNames kNames = {{"msq_pe", "a_pe"}, {"msq_pe_tree", "a_longer_name"}};

TEST(Rename, ChangesIdentifiersWholeStringsAndWordsOfComments) {
  EXPECT_EQ(renamed("module msq_pe(input a);\n  msq_pe_tree #(8'hff) u_msq_pe(.msq_pe(a)); // in msq_pe.v: "
                    "msq_pe_treex, msq_pe\n",
                    kNames, "f.v"),
            "module a_pe(input a);\n  a_longer_name #(8'hff) u_msq_pe(.a_pe(a)); // in a_pe.v: msq_pe_treex, "
            "a_pe\n");
  EXPECT_EQ(
      renamed("`verilator_config\nlint_off -rule UNUSED -file \"*\"\npublic -module \"msq_pe\" -var \"msq_pe "
              "x\"\n",
              kNames, "f.vlt"),
      "`verilator_config\nlint_off -rule UNUSED -file \"*\"\npublic -module \"a_pe\" -var \"msq_pe x\"\n");
}

TEST(Rename, LeavesTheCommandAndEverythingElse) {
  for (const char* text :
       {"", "\n\n", "// Command: generate --config msq_pe\n", "`msq_pe\n`endif", "/* msq_pe */ wire\tx;\r\n"})
    EXPECT_EQ(renamed(text, kNames, "f.v"), text);
}

}  // namespace
}  // namespace msq::leaves
