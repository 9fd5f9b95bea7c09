#include "synth/liberty.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <random>

#include "synth/nand.hpp"

namespace msq::synth {
namespace {

constexpr const char* kSmall = R"lib(
/* a comment with { and "quote */
library ("small lib") {
  technology (cmos);
  comment : "said \" } and; /* so on";
  define(drive, cell, float)
  voltage_map (VDD, 1.8);
  lu_table_template (t) { index_1 ("1, 2"); index_2 ( "3, \
     4" ); }
  cell (NAND2X2) { area : 48;
    pin(A) { direction : input; } pin(B) { direction : input; }
    pin(Y) { direction : output; function : "(!(A B))"; timing () { values ( "1, 2", \
      "3, } 4" ); } }
  }
  cell ("NAND2X1") {
    area : 24.5 /* um */ ;
    pg_pin (VDD) { direction : inout; }
    pin ("A") { direction : "input" }
    pin ("B") { direction : "input"; capacitance : 0.1 }
    pin ("Y") { direction : "output"; // output { of the gate
      function : "(!A) | (!B)"; timing () { // not closed here: }
        related_pin : "A"; } };
  }
  cell (AND2X1) { area : 10; pin(A) { direction : input; } pin(B) { direction : input; }
    pin(Y) { direction : output; function : "A B"; } }
  cell (DFF) { ff (IQ, IQN) { next_state : "D"; clocked_on : "CLK"; } area : 96 ; }
  cell (LAT) { latch (IQ, IQN) { enable : "G"; data_in : "D"; } area : 0.0; }
  cell (FILL) { dont_touch : true }
}
)lib";

TEST(Liberty, ReadsVoltageAndBuffers) {
  constexpr const char* kText = R"lib(library (l) { nom_voltage : 1.05;
    cell (NAND2) { area : 1; pin(A) { direction : input; } pin(B) { direction : input; }
      pin(Y) { direction : output; function : "!(A B)"; } }
    cell (BUF) { area : 2; pin(Z) { direction : output; function : "(IN)"; } pin(IN) { direction : input; } }
    cell (INV) { area : 1; pin(Z) { direction : output; function : "!A"; } pin(A) { direction : input; } }
    cell (AND2) { area : 2; pin(A) { direction : input; } pin(B) { direction : input; }
      pin(Y) { direction : output; function : "A B"; } }
    cell (WIRE) { area : 2; pin(A) { direction : input; } pin(Y) { direction : output; } } })lib";
  const auto liberty = parse_liberty(kText, "l.lib");
  ASSERT_TRUE(liberty) << liberty.error();
  EXPECT_EQ(liberty->voltage, 1.05);
  for (const auto& [name, cell] : liberty->cells) EXPECT_EQ(cell.buffer.has_value(), name == "BUF") << name;
  EXPECT_EQ(liberty->cells.at("BUF").buffer->input, "IN");
  EXPECT_EQ(liberty->cells.at("BUF").buffer->output, "Z");
  EXPECT_EQ(parse_liberty(kSmall, "small.lib")->voltage, 0);
}

TEST(Liberty, ReadsWhatMayNotBeUsed) {
  const std::pair<const char*, bool> cases[] = {{"", false},
                                                {"dont_use : true;", true},
                                                {"dont_use : \"true\";", true},
                                                {"dont_use : TRUE", true},
                                                {"dont_use:1;", true},
                                                {"dont_use : false;", false},
                                                {"dont_use : 0;", false},
                                                {"dont_use : true; dont_use : false;", true},
                                                {"pin(X) { dont_use : true; }", false}};
  for (const auto& [attributes, dont_use] : cases) {
    const std::string text = fmt::format(
        "library (l) {{ cell (NAND2) {{ area : 1; }}\ncell (D) {{ {}\nff (Q, N) {{ }} }} }}", attributes);
    const auto liberty = parse_liberty(text, "l.lib");
    ASSERT_TRUE(liberty) << liberty.error();
    EXPECT_EQ(liberty->cells.at("D").dont_use, dont_use) << attributes;
    EXPECT_EQ(liberty->has_flip_flop(), !dont_use) << attributes;
  }
}

TEST(Liberty, MayBeginWithAByteOrderMark) {
  const auto liberty = parse_liberty(std::string("\xef\xbb\xbf") + kSmall, "small.lib");
  ASSERT_TRUE(liberty) << liberty.error();
  EXPECT_EQ(liberty->cells.size(), 6U);
}

TEST(Liberty, ReadsCellsAreasAndKinds) {
  const auto liberty = parse_liberty(kSmall, "small.lib");
  ASSERT_TRUE(liberty) << liberty.error();
  EXPECT_EQ(liberty->name, "small lib");
  ASSERT_EQ(liberty->cells.size(), 6U);
  EXPECT_EQ(liberty->cells.at("NAND2X1").area, 24.5);
  EXPECT_EQ(liberty->cells.at("NAND2X2").area, 48.0);
  EXPECT_EQ(liberty->cells.at("DFF").area, 96.0);
  EXPECT_EQ(liberty->cells.at("LAT").area, 0.0);
  EXPECT_EQ(liberty->cells.at("FILL").area, std::nullopt);
  EXPECT_TRUE(liberty->cells.at("DFF").flip_flop);
  EXPECT_FALSE(liberty->cells.at("DFF").latch);
  EXPECT_TRUE(liberty->cells.at("LAT").latch);
  EXPECT_FALSE(liberty->cells.at("LAT").flip_flop);
  EXPECT_FALSE(liberty->cells.at("NAND2X1").flip_flop);
  EXPECT_TRUE(liberty->has_flip_flop());
  EXPECT_TRUE(liberty->has_latch());
  EXPECT_EQ(liberty->gate_cell, "NAND2X1");
  EXPECT_EQ(liberty->gate_area, 24.5);
}

TEST(Liberty, Osu018) {
  const auto liberty = read_liberty(kOsu018Liberty);
  ASSERT_TRUE(liberty) << liberty.error();
  EXPECT_EQ(liberty->name, "osu018_stdcells");
  EXPECT_EQ(liberty->gate_cell, "NAND2X1");
  EXPECT_EQ(liberty->gate_area, 24.0);
  EXPECT_EQ(liberty->cells.at("DFFPOSX1").area, 96.0);
  EXPECT_TRUE(liberty->cells.at("DFFSR").flip_flop);
  EXPECT_TRUE(liberty->cells.at("LATCH").latch);
  EXPECT_EQ(liberty->cells.at("LATCH").area, 0.0);
}

TEST(Liberty, WithoutFlipFlopOrLatch) {
  const auto liberty = parse_liberty(
      "library (l) { cell (N) { area : 2; pin (A) { direction : input; } pin (B) { direction : input; }"
      " pin (Y) { direction : output; function : \"(A*B)'\"; } } }",
      "f");
  ASSERT_TRUE(liberty) << liberty.error();
  EXPECT_FALSE(liberty->has_flip_flop());
  EXPECT_FALSE(liberty->has_latch());
  EXPECT_EQ(liberty->gate_cell, "N");
}

TEST(Liberty, GateByNameIfThereAreNoFunctions) {
  const auto liberty = parse_liberty(
      "library (l) { cell (NAND2BX1) { area : 1; } cell (NAND2_X2) { area : 3; } cell (NAND2_X1) { area : 2; "
      "}"
      " cell (NAND3_X1) { area : 1; } }",
      "f");
  ASSERT_TRUE(liberty) << liberty.error();
  EXPECT_EQ(liberty->gate_cell, "NAND2_X1");
  EXPECT_EQ(liberty->gate_area, 2.0);
}

TEST(Liberty, FunctionGoesBeforeName) {
  const auto liberty = parse_liberty(
      "library (l) { cell (NAND2X1) { area : 1; } cell (G) { area : 7; pin (A) { direction : input; }"
      " pin (B) { direction : input; } pin (Y) { direction : output; function : \"!(A&B)\"; } } }",
      "f");
  ASSERT_TRUE(liberty) << liberty.error();
  EXPECT_EQ(liberty->gate_cell, "G");
}

TEST(Liberty, NandFunctions) {
  for (const char* function :
       {"!(A B)", "(!(A B))", "((A B))'", "(A*B)'", "!(A & B)", "(!A) | (!B)", "!A + !B", "A' + B'",
        "(!A)|(!B)", "1 ^ (A & B)", "!(A1 A2)", "!A1+!A2", "((A&B)')'' "}) {
    EXPECT_TRUE(is_nand2_function(function)) << function;
  }
  for (const char* function : {"A B",
                               "!(A+B)",
                               "(!A B)'",
                               "!(A)",
                               "!(A A)",
                               "!(A B C)",
                               "!A B",
                               "!A + B",
                               "A ^ B",
                               "1",
                               "0",
                               "",
                               "!",
                               "(",
                               "!(A B",
                               "!(A B))",
                               "A'B",
                               "!(A # B)",
                               "!(A B) junk more",
                               "!A ^ !B",
                               "'A"}) {
    EXPECT_FALSE(is_nand2_function(function)) << function;
  }
  EXPECT_FALSE(is_nand2_function(std::string(100000, '(')));
  EXPECT_FALSE(is_nand2_function(std::string(100000, '!') + "A"));
}

TEST(Liberty, NandNames) {
  for (const char* name :
       {"NAND2X1", "NAND2_X1", "sky130_fd_sc_hd__nand2_1", "NAND2xp33_ASAP7_75t_R", "NAND2"}) {
    EXPECT_TRUE(is_nand2_name(name)) << name;
  }
  for (const char* name : {"NAND2BX1", "sky130_fd_sc_hd__nand2b_1", "NAND3X1", "NAND22", "NOR2X1", ""}) {
    EXPECT_FALSE(is_nand2_name(name)) << name;
  }
}

std::string error_of(std::string_view text) {
  const auto liberty = parse_liberty(text, "x.lib");
  return liberty ? "no error" : liberty.error();
}

TEST(Liberty, ErrorsNameFileAndLine) {
  EXPECT_EQ(error_of(""), "x.lib:1: expected library (NAME) {: this is no Liberty file");
  EXPECT_EQ(error_of("module top(input a);"), "x.lib:1: expected ':' or '(' after \"module\"");
  EXPECT_EQ(error_of("library (l) {\n cell (A) {\n area : 4;\n"),
            "x.lib:4: file ends inside cell (A), which opened in line 2");
  EXPECT_EQ(error_of("library (l) {\n cell (A) { pin (B) {\n timing () {\n"),
            "x.lib:4: file ends inside timing (), which opened in line 3");
  EXPECT_EQ(error_of("library (l) {\n cell (A) {\n area : -4;\n } }"),
            "x.lib:3: area of cell \"A\" is \"-4\", allowed: a number >= 0");
  EXPECT_EQ(error_of("library (l) {\n cell (A) {\n area : 4um;\n } }"),
            "x.lib:3: area of cell \"A\" is \"4um\", allowed: a number >= 0");
  EXPECT_EQ(error_of("library (l) { cell (A) { area : nan; } }"),
            "x.lib:1: area of cell \"A\" is \"nan\", allowed: a number >= 0");
  EXPECT_EQ(error_of("library (l) {\n cell (A) { dont_use : maybe; } }"),
            "x.lib:2: dont_use of cell \"A\" is \"maybe\", allowed: true or false");
  EXPECT_EQ(error_of("library (l) { cell (A) { }\n cell (A) { } }"), "x.lib:2: cell \"A\" is there twice");
  EXPECT_EQ(error_of("library (l) { }"), "x.lib:1: the library has no cells");
  EXPECT_EQ(error_of("library (l) {\n cell (A) { area : 1; } }"),
            "x.lib:1: no 2-input NAND with an area, so there is no unit for gate equivalents");
  EXPECT_EQ(error_of("library (l) { cell (NAND2) { area : 1; } }\n library (m) { }"),
            "x.lib:2: more text after the end of the library; only one library per file");
  EXPECT_EQ(error_of("library (l) {\n x : \"abc;\n }"), "x.lib:2: string is not closed");
  EXPECT_EQ(error_of("library (l) {\n /* abc\n }"), "x.lib:2: comment is not closed");
  EXPECT_EQ(error_of("library (l) {\n cell (A {\n }"), "x.lib:2: '(' is not closed");
  EXPECT_EQ(error_of(std::string("library (l) {\n \x01 }")),
            "x.lib:2: expected an attribute or group, found byte 0x01");
  EXPECT_EQ(error_of("\x1f\x8b\x08"), "x.lib: the Liberty file is compressed; unpack it first (gunzip)");
}

TEST(Liberty, MissingFileIsNamed) {
  const auto liberty = read_liberty("/nonexistent/cells.lib");
  ASSERT_FALSE(liberty);
  EXPECT_EQ(liberty.error(), "/nonexistent/cells.lib: no such Liberty file");
  EXPECT_FALSE(read_liberty(std::filesystem::temp_directory_path()));
}

/// Every truncation is an error with a line, never a crash and never a smaller library taken for whole.
TEST(Liberty, EveryTruncationIsAnError) {
  const std::string text = kSmall;
  const std::size_t end = text.rfind('}');
  for (std::size_t length = 0; length <= end; ++length) {
    const auto liberty = parse_liberty(text.substr(0, length), "x.lib");
    ASSERT_FALSE(liberty) << "length " << length;
    ASSERT_EQ(liberty.error().substr(0, 6), "x.lib:") << "length " << length;
  }
  EXPECT_TRUE(parse_liberty(text.substr(0, end + 1), "x.lib"));
}

TEST(Liberty, CorruptTextNeverCrashes) {
  constexpr unsigned kSeed = 20240607;
  std::mt19937 random(kSeed);
  int errors = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text = kSmall;
    for (unsigned change = 0; change <= random() % 4; ++change) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          text.erase(at, random() % 20);
          break;
        default:
          text.insert(at, 1, "{}()\":;\\/*!"[random() % 11]);
          break;
      }
    }
    const auto liberty = parse_liberty(text, "x.lib");
    if (!liberty) {
      ++errors;
      ASSERT_EQ(liberty.error().substr(0, 6), "x.lib:") << "seed " << kSeed << " round " << round;
    } else {
      ASSERT_GT(liberty->gate_area, 0) << "seed " << kSeed << " round " << round;
    }
  }
  EXPECT_GT(errors, 5000);
}

TEST(Liberty, DeepNestingIsPassedOver) {
  std::string text = "library (l) { ";
  for (int i = 0; i < 200000; ++i) text += "g () { ";
  text += std::string(200000, '}') + " cell (NAND2) { area : 1; } }";
  const auto liberty = parse_liberty(text, "x.lib");
  ASSERT_TRUE(liberty) << liberty.error();
  EXPECT_EQ(liberty->cells.size(), 1U);
}

/// 50 MB, the size of a 7 nm library, within a second or so even on a slow machine.
TEST(Liberty, LargeFilesAreQuick) {
  std::string cell = " { area : 3; pin (A) { direction : input; timing () { cell_rise (t) {\n";
  for (int i = 0; i < 1000; ++i)
    cell += "values ( \"0.0123, 0.0234, 0.0345, 0.0456\", \"0.1, 0.2, 0.3, 0.4\" );\n";
  cell += "} } } }\n";
  std::string text = "library (big) {\n";
  for (int i = 0; text.size() < 50'000'000; ++i) text += fmt::format("cell (NAND2X{})", i) + cell;
  text += "}\n";
  const auto start = std::chrono::steady_clock::now();
  const auto liberty = parse_liberty(text, "x.lib");
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(liberty) << liberty.error();
  EXPECT_GT(liberty->cells.size(), 500U);
  EXPECT_LT(elapsed.count(), 3.0);
}

}  // namespace
}  // namespace msq::synth
