#include "synth/yosys.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include "synth/liberty.hpp"
#include "synth/yosys_program.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

/// Runs of the real Yosys, in a directory whose name holds a space.
class YosysTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "msq synth XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { fs::remove_all(directory_); }

  fs::path write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
    return directory_ / name;
  }

  SynthesisRequest request(const std::string& verilog) {
    return {.sources = {write("the design.v", verilog)},
            .top = "top",
            .liberty = kOsu018Liberty,
            .work_directory = directory_ / "work dir"};
  }

  SynthesisRequest recorded_design(bool flatten) {
    const fs::path data = MSQ_SYNTH_DATA;
    return {.sources = {data / "hierarchy.v"},
            .blackboxes = {data / "memory.v"},
            .top = "top",
            .liberty = kOsu018Liberty,
            .flatten = flatten,
            .work_directory = directory_ / "work dir"};
  }

  static std::string log_of(const SynthesisReport& report) {
    std::ifstream in(report.log_file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string error_of(const SynthesisRequest& request) {
    const auto report = synthesize(request);
    return report ? "no error" : report.error();
  }

  /// Expects an error that holds every one of these texts.
  void expect_error(const SynthesisRequest& request, const std::vector<std::string>& texts) {
    const std::string error = error_of(request);
    for (const std::string& text : texts)
      EXPECT_NE(error.find(text), std::string::npos) << text << "\nin: " << error;
  }

  fs::path directory_;
};

/// n registers and k NAND gates that nothing can simplify: area by hand.
TEST_F(YosysTest, AreaByHand) {
  const auto report = synthesize(request(R"(
    module top (input wire clk_i, input wire [4:0] d_i, output reg [4:0] q_o,
                input wire [2:0] a_i, input wire [2:0] b_i, output wire [2:0] y_o);
      always @(posedge clk_i) q_o <= d_i;
      assign y_o = ~(a_i & b_i);
    endmodule)"));
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(report->area, (5 * 96 + 3 * 24) * 1'000'000LL);
  EXPECT_EQ(report->cells, 8);
  EXPECT_EQ(report->flip_flops, 5);
  EXPECT_DOUBLE_EQ(report->gate_equivalents(), 23.0);
  EXPECT_EQ(report->gate_cell, "NAND2X1");
  EXPECT_EQ(report->library, "osu018_stdcells");
  const std::vector<ModuleArea> expected{
      {.name = "top", .instances = 1, .area = 552'000'000, .cells = 8, .flip_flops = 5}};
  EXPECT_EQ(report->modules, expected);
  EXPECT_TRUE(report->blackboxes.empty());
  EXPECT_FALSE(report->flattened);
  EXPECT_GT(report->runtime_seconds, 0);
  // Builds for WebAssembly know no memory.
  if (log_of(*report).find(" MEM: ") != std::string::npos) {
    EXPECT_GT(report->peak_memory_mb, 1);
  }
  EXPECT_EQ(report->yosys_version.substr(0, 2), "0.");
  EXPECT_EQ(report->log_file, directory_ / "work dir" / "yosys.log");
  EXPECT_GT(fs::file_size(report->log_file), 1000U);
}

/// The library of AreaByHand in other words gives the same cells.
TEST_F(YosysTest, EveryFormOfALibraryGivesTheSameCells) {
  std::ifstream in(kOsu018Liberty);
  const std::string original((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::regex cell(R"((\n\s*cell \(\w+\) \{))");
  const std::regex area(R"((\n\s*area : \d+(\.\d+)?);)");
  const std::pair<std::string, double> forms[] = {
      {std::regex_replace(original, cell, "$1 dont_use : false;"), 1},
      {"\xef\xbb\xbf" + original, 1},
      {std::regex_replace(original, area, "$1e-7;"), 1e-7},
      {std::regex_replace(original, area, "$1e6;"), 1e6}};
  SynthesisRequest design = request(R"(
    module top (input wire clk_i, input wire [4:0] d_i, output reg [4:0] q_o,
                input wire [2:0] a_i, input wire [2:0] b_i, output wire [2:0] y_o);
      always @(posedge clk_i) q_o <= d_i;
      assign y_o = ~(a_i & b_i);
    endmodule)");
  for (const auto& [text, factor] : forms) {
    ASSERT_NE(text, original);
    design.liberty = write("form.lib", text);
    const auto report = synthesize(design);
    ASSERT_TRUE(report) << report.error();
    EXPECT_EQ(report->cells, 8);
    EXPECT_EQ(report->flip_flops, 5);
    EXPECT_DOUBLE_EQ(report->gate_equivalents(), 23.0);
    EXPECT_DOUBLE_EQ(report->um2(report->area), 552.0 * factor);
    EXPECT_DOUBLE_EQ(report->um2(report->gate_area), 24.0 * factor);
  }
}

TEST_F(YosysTest, ACellThatMayNotBeUsedIsNotUsed) {
  std::ifstream in(kOsu018Liberty);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  text = std::regex_replace(text, std::regex(R"((\n\s*cell \(NAND2X1\) \{))"), "$1 dont_use : TRUE;");
  SynthesisRequest design = request(
      "module top (input wire a_i, input wire b_i, output wire y_o); assign y_o = ~(a_i & b_i); endmodule");
  design.netlist = true;
  design.liberty = write("cells.lib", text);
  const auto report = synthesize(design);
  ASSERT_TRUE(report) << report.error();
  std::ifstream netlist(design.netlist_file());
  const std::string cells((std::istreambuf_iterator<char>(netlist)), std::istreambuf_iterator<char>());
  EXPECT_EQ(cells.find("\"type\": \"NAND2X1\""), std::string::npos);
  EXPECT_GT(report->um2(report->area), 24.0);
  design.liberty = write("none.lib", std::regex_replace(text, std::regex(R"((\n\s*cell \(DFF\w+\) \{))"),
                                                        "$1 dont_use : true;"));
  EXPECT_EQ(error_of(design), design.liberty.string() + ": the library has no flip-flop that may be used");
}

/// The design whose output is recorded under data/: what Yosys prints today is what the parser is tested on.
TEST_F(YosysTest, HierarchyMatchesTheRecording) {
  const auto report = synthesize(recorded_design(false));
  ASSERT_TRUE(report) << report.error();
  const std::vector<ModuleArea> expected{
      {.name = "leaf", .instances = 6, .area = 2400'000'000, .cells = 40, .flip_flops = 20},
      {.name = "pair", .instances = 3, .area = 160'000'000, .cells = 10, .flip_flops = 0},
      {.name = "top", .instances = 1, .area = 0, .cells = 0, .flip_flops = 0}};
  EXPECT_EQ(report->modules, expected);
  EXPECT_EQ(report->area, 2560'000'000);
  EXPECT_EQ(report->blackboxes, (std::map<std::string, std::int64_t>{{"mem", 1}}));
}

TEST_F(YosysTest, FlattenedIsOneModule) {
  const auto report = synthesize(recorded_design(true));
  ASSERT_TRUE(report) << report.error();
  ASSERT_EQ(report->modules.size(), 1U);
  EXPECT_EQ(report->modules[0].name, "top");
  EXPECT_TRUE(report->flattened);
  // u_p1's first leaf sees the same inputs as... nothing: only equal leaves are merged, see
  // data/yosys-0.23/flat.txt.
  EXPECT_EQ(report->area, 2048'000'000);
  EXPECT_EQ(report->flip_flops, 16);
  EXPECT_EQ(report->blackboxes, (std::map<std::string, std::int64_t>{{"mem", 1}}));
}

/// A multiplier array: own areas times instances add up to Yosys's own total of the top module, read
/// independently.
TEST_F(YosysTest, SumOfOwnAreasIsTheTotalOfYosys) {
  SynthesisRequest design = request(R"(
    module cell_mul #(parameter W = 4) (input wire clk_i, input wire [W-1:0] a_i, input wire [W-1:0] b_i,
                                        output reg [2*W-1:0] p_o);
      always @(posedge clk_i) p_o <= a_i * b_i;
    endmodule
    module row #(parameter N = 3, parameter W = 4) (input wire clk_i, input wire [N*W-1:0] a_i,
                                                    input wire [W-1:0] b_i, output wire [2*W-1:0] s_o);
      wire [N*2*W-1:0] p;
      genvar g;
      generate
        for (g = 0; g < N; g = g + 1) begin : gen_cells
          cell_mul #(.W(W)) u_mul (.clk_i(clk_i), .a_i(a_i[g*W +: W]), .b_i(b_i), .p_o(p[g*2*W +: 2*W]));
        end
      endgenerate
      assign s_o = p[0 +: 2*W] ^ p[2*W +: 2*W] ^ p[(N-1)*2*W +: 2*W];
    endmodule
    module top (input wire clk_i, input wire [11:0] a_i, input wire [14:0] c_i, input wire [3:0] b_i,
                output reg [7:0] x_o, output wire [9:0] y_o);
      wire [7:0] s, t;
      row u_a (.clk_i(clk_i), .a_i(a_i), .b_i(b_i), .s_o(s));
      row u_b (.clk_i(clk_i), .a_i(a_i), .b_i(~b_i), .s_o(t));
      row #(.W(5)) u_c (.clk_i(clk_i), .a_i(c_i), .b_i({b_i, 1'b1}), .s_o(y_o));
      always @(posedge clk_i) x_o <= s + t;
    endmodule)");
  const auto report = synthesize(design);
  ASSERT_TRUE(report) << report.error();
  ASSERT_EQ(report->modules.size(), 3U);
  EXPECT_EQ(report->modules[0].name, "cell_mul");
  EXPECT_EQ(report->modules[0].instances, 9);
  EXPECT_EQ(report->modules[0].flip_flops, 6 * 8 + 3 * 10);
  EXPECT_EQ(report->modules[1].name, "row");
  EXPECT_EQ(report->modules[1].instances, 3);
  EXPECT_EQ(report->modules[2].flip_flops, 8);
  AreaNm2 sum = 0;
  for (const ModuleArea& module : report->modules) sum += module.area;
  EXPECT_EQ(sum, report->area);

  std::ifstream in(design.work_directory / "stat.txt");
  std::ostringstream text;
  text << in.rdbuf();
  const std::string marker = "Chip area for top module '\\top': ";
  const std::size_t at = text.str().find(marker);
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(std::stod(text.str().substr(at + marker.size())), report->um2(report->area));

  design.flatten = true;
  const auto flat = synthesize(design);
  ASSERT_TRUE(flat) << flat.error();
  EXPECT_LT(std::abs(flat->um2(flat->area) / report->um2(report->area) - 1), 0.15);
}

/// The mapper's options arrive in abc, and the same files give the same areas.
TEST_F(YosysTest, RecipeIsTheOneMeantAndRepeatable) {
  const SynthesisRequest design = request(R"(
    module top (input wire clk_i, input wire [7:0] a_i, b_i, output reg [15:0] p_o);
      always @(posedge clk_i) p_o <= a_i * b_i;
    endmodule)");
  const auto first = synthesize(design);
  ASSERT_TRUE(first) << first.error();
  const std::string log = log_of(*first);
  // Builds for WebAssembly do not log what abc says.
  if (log.find("ABC: ") != std::string::npos) {
    EXPECT_NE(log.find("ABC: + &nf -R 1000 -F 5"), std::string::npos);
  }
  EXPECT_EQ(log.find("ALUMACC"), std::string::npos);
  const auto second = synthesize(design);
  ASSERT_TRUE(second) << second.error();
  EXPECT_EQ(first->modules, second->modules);
}

TEST_F(YosysTest, LibraryInADirectoryWithASpace) {
  SynthesisRequest design = request(
      "module top (input wire a_i, b_i, output wire y_o); assign y_o = ~(a_i & b_i);\n"
      "endmodule\n");
  fs::copy_file(kOsu018Liberty, directory_ / "cells of $HOME.lib");
  design.liberty = directory_ / "cells of $HOME.lib";
  const auto report = synthesize(design);
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(report->area, 24'000'000);
}

TEST_F(YosysTest, LatchIsAnError) {
  expect_error(request(R"(
    module sub (input wire e_i, input wire d_i, output reg q_o); always @* if (e_i) q_o = d_i; endmodule
    module top (input wire e_i, input wire d_i, output wire q_o);
      sub u_sub (.e_i(e_i), .d_i(d_i), .q_o(q_o));
    endmodule)"),
               {"synthesis of top failed (Yosys 0.", "$dlatch", "Latch inferred for signal `\\sub.\\q_o'",
                "yosys.log"});
}

TEST_F(YosysTest, WhatCheckFindsIsReported) {
  expect_error(
      request("module top (input wire a_i, output wire y_o); wire t; assign y_o = a_i & t; endmodule"),
      {"ERROR: Found 1 problems in 'check -assert'", "Wire top.\\t is used but has no driver"});
  expect_error(
      request("module top (input wire a_i, b_i, output wire y_o); assign y_o = a_i; assign y_o = b_i;\n"
              "endmodule"),
      {"check -assert", "multiple conflicting drivers"});
  expect_error(request("module top (input wire a_i, output wire y_o); assign y_o = ~(a_i & y_o); endmodule"),
               {"check -assert", "found logic loop in module top"});
}

TEST_F(YosysTest, WhatYosysRefusesIsReported) {
  expect_error(request("module top (input wire a_i, output wire y_o);\n assign y_o = ; endmodule"),
               {"the design.v:2: ERROR: syntax error"});
  expect_error(
      request("module top (input wire a_i); gone u_gone (.a_i(a_i)); endmodule"),
      {"ERROR: Module `\\gone' referenced in module `\\top' in cell `\\u_gone' is not part of the design"});
  expect_error(request("module other (input wire a_i, output wire y_o); assign y_o = a_i; endmodule"),
               {"ERROR: Module `top' not found"});
}

/// A register with asynchronous reset and a library whose only flip-flop has none.
TEST_F(YosysTest, WhatTheLibraryCannotMapIsAnError) {
  SynthesisRequest design = request(R"(
    module top (input wire clk_i, input wire rst_ni, input wire d_i, output reg q_o);
      always @(posedge clk_i or negedge rst_ni) if (!rst_ni) q_o <= 0; else q_o <= d_i;
    endmodule)");
  ASSERT_TRUE(synthesize(design));
  design.liberty = write("few.lib", R"lib(library (few) {
    cell (NAND2X1) { area : 2; pin (A) { direction : input; } pin (B) { direction : input; }
      pin (Y) { direction : output; function : "!(A B)"; } }
    cell (INVX1) { area : 1; pin (A) { direction : input; } pin (Y) { direction : output; function : "!A"; } }
    cell (DFF) { area : 4; ff (IQ, IQN) { next_state : "D"; clocked_on : "C"; } pin (D) { direction : input; }
      pin (C) { direction : input; clock : true; } pin (Q) { direction : output; function : "IQ"; } }
  })lib");
  expect_error(design, {"synthesis of top failed", "ERROR: FF top."});
  SynthesisRequest plain = request(R"(
    module top (input wire clk_i, input wire d_i, output reg q_o); always @(posedge clk_i) q_o <= d_i; endmodule)");
  plain.liberty = design.liberty;
  const auto report = synthesize(plain);
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(report->area, 4'000'000);
  EXPECT_EQ(report->gate_area, 2'000'000);
}

TEST_F(YosysTest, ALatchCellOfTheLibraryIsAnError) {
  expect_error(request("module top (input wire e_i, d_i, output wire q_o);\n"
                       "LATCH u_latch (.CLK(e_i), .D(d_i), .Q(q_o)); endmodule"),
               {"module top: 1 latches (LATCH) after mapping"});
}

/// A cell of Yosys's own that no library has.
TEST_F(YosysTest, UnmappedCellsAreAnError) {
  expect_error(
      request("module top (input wire d_i, output wire q_o); assign q_o = d_i & $anyconst; endmodule"),
      {"ERROR: Found 1 problems in 'check -assert'", "unmapped internal cell of type $anyconst"});
}

TEST_F(YosysTest, FiguresOfAnEarlierRunAreNeverRead) {
  ASSERT_TRUE(
      synthesize(request("module top (input wire a_i, output wire y_o); assign y_o = ~a_i; endmodule")));
  for (const char* file : {"stat.txt", "stat.json"})
    EXPECT_TRUE(fs::exists(directory_ / "work dir" / file)) << file;
  EXPECT_FALSE(synthesize(request("module top (")));
  for (const char* file : {"stat.txt", "stat.json"})
    EXPECT_FALSE(fs::exists(directory_ / "work dir" / file)) << file;
}

TEST_F(YosysTest, MissingFilesAndBadNamesAreNamed) {
  const SynthesisRequest good =
      request("module top (input wire a_i, output wire y_o); assign y_o = ~a_i; endmodule");
  SynthesisRequest bad = good;
  bad.liberty = directory_ / "none.lib";
  EXPECT_EQ(error_of(bad), (directory_ / "none.lib").string() + ": no such Liberty file");
  bad.liberty = write("logic.lib", "library (l) { cell (NAND2X1) { area : 1; } }");
  EXPECT_EQ(error_of(bad),
            (directory_ / "logic.lib").string() + ": the library has no flip-flop that may be used");
  bad = good;
  bad.sources.push_back(directory_ / "none.v");
  EXPECT_EQ(error_of(bad), (directory_ / "none.v").string() + ": no such Verilog file");
  bad = good;
  bad.blackboxes.push_back(directory_ / "none.v");
  EXPECT_EQ(error_of(bad), (directory_ / "none.v").string() + ": no such Verilog file");
  bad = good;
  bad.sources.clear();
  EXPECT_EQ(error_of(bad), "no Verilog files to synthesize");
  bad.sources = {write("a\"b.v", "")};
  expect_error(bad, {"a\"b.v: Yosys cannot read file names with quotes or control characters"});
  for (const char* top : {"", "a b", "top; shell", "1x", "$x"}) {
    bad = good;
    bad.top = top;
    EXPECT_EQ(error_of(bad),
              "top module \"" + std::string(top) + "\": allowed is a plain Verilog identifier");
  }
  bad = good;
  bad.work_directory = write("a file", "") / "sub";
  expect_error(bad, {"a file/sub: cannot create the directory"});
}

/// PATH of this process while the object lives.
class PathVariable {
 public:
  explicit PathVariable(const std::string& path) { setenv("PATH", path.c_str(), 1); }
  PathVariable(const PathVariable&) = delete;
  PathVariable& operator=(const PathVariable&) = delete;
  ~PathVariable() { setenv("PATH", before_.c_str(), 1); }
  [[nodiscard]] const std::string& before() const { return before_; }

 private:
  std::string before_ = std::getenv("PATH");
};

TEST_F(YosysTest, MissingProgramIsNamed) {
  const SynthesisRequest design =
      request("module top (input wire a_i, output wire y_o); assign y_o = ~a_i; endmodule");
  const PathVariable path(directory_);
  EXPECT_EQ(error_of(design),
            "program \"yosys\" not found in PATH; install the Debian package yosys (apt-get install yosys)");
}

/// A program that stands for yosys: the one in PATH, and then `after` in its directory.
class WrappedYosys : public YosysTest {
 protected:
  std::string error_with(const std::string& after) {
    fs::create_directory(directory_ / "bin");
    std::ofstream(directory_ / "bin" / "yosys") << "#!/bin/sh\nPATH=\"${PATH#*:}\"\nyosys \"$@\" || exit\n"
                                                << after << "\n";
    fs::permissions(directory_ / "bin" / "yosys", fs::perms::owner_all);
    const SynthesisRequest design =
        request("module top (input wire a_i, output wire y_o); assign y_o = ~a_i; endmodule");
    const PathVariable path((directory_ / "bin").string() + ":" + std::getenv("PATH"));
    return error_of(design);
  }
};

/// Any other output of a future version is refused with its version.
TEST_F(WrappedYosys, UnknownStatisticsAreAnErrorWithTheVersion) {
  EXPECT_EQ(error_with(""), "no error");
  for (const char* change :
       {"s/num_cells_by_type/types/", "s/INVX1/NAND2X1/", "s/: 1/: \"1\"/", "s/1/2/", "d"}) {
    const std::string error =
        error_with(std::string("test ! -f stat.json || sed -i '") + change + "' stat.json");
    EXPECT_NE(error.find("(Yosys 0."), std::string::npos) << change << ": " << error;
    EXPECT_NE(error.find("yosys.log"), std::string::npos) << error;
  }
  const std::string error = error_with("test ! -f stat.txt || sed -i 's/Chip area/Area/' stat.txt");
  EXPECT_NE(error.find("the cells have an area of 16, Yosys counts 0 (Yosys 0."), std::string::npos) << error;
}

TEST_F(WrappedYosys, FailureComesWithTheVersion) {
  const std::string error = error_with("case \"$*\" in *synth.ys*) rm yosys.log; echo gone; exit 1;; esac");
  EXPECT_NE(error.find("synthesis of top failed (Yosys 0."), std::string::npos) << error;
  EXPECT_NE(error.find("gone"), std::string::npos) << error;
}

TEST(YosysProgram, AbcInPathIsNeededOnlyWhereYosysSaysSo) {
  const std::string before = "    -exe <command>\n        use the specified command instead of \"";
  EXPECT_EQ(external_abc(before + "berkeley-abc\" to execute ABC.\n"), "berkeley-abc");
  EXPECT_EQ(external_abc(before + "<yosys-bindir>/yosys-abc\" to execute ABC.\n"), "");
  EXPECT_EQ(external_abc(before + "<yosys-bindir>/x-yosys-abc\" to execute ABC.\n"), "");
  EXPECT_EQ(external_abc("No such command or cell type: abc\n"), "");
  EXPECT_EQ(external_abc(""), "");
}

}  // namespace
}  // namespace msq::synth
