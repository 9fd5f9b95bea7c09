// The same emitted Verilog in three tools: Yosys elaborates and checks it, Icarus gives the same outputs as
// Verilator in every cycle, and generating twice gives the same bytes.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "gen/config/validate.hpp"
#include "golden/exec/schedule.hpp"
#include "support/process.hpp"
#include "tests/support/lint_output.hpp"
#include "tests/system/core_fixture.hpp"
#include "tests/system/random_gemm.hpp"

namespace msq::tests {
namespace {

namespace fs = std::filesystem;

/// Directory of its own that goes with the test.
class Scratch {
 public:
  Scratch() : path_(fs::temp_directory_path() / fmt::format("msq-cosim-{}", ::getpid())) {
    fs::create_directories(path_);
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

bool is_output(const std::string& name) { return name.ends_with("_o"); }

std::string hex(const tb::ModelPort& port) {
  std::vector<std::uint32_t> words(port.word_count());
  port.get_words(words);
  std::string text;
  for (auto word = words.rbegin(); word != words.rend(); ++word) text += fmt::format("{:08x}", *word);
  return text;
}

/// Records inputs and outputs of every cycle, one file per port.
class Recorder {
 public:
  Recorder(tb::Driver& driver, const fs::path& directory) {
    for (const MsqModelPort& port : driver.model().ports()) {
      if (std::string_view(port.name) == "clk_i") continue;
      ports_.emplace_back(port.name, tb::ModelPort(port));
      files_.emplace_back(directory / fmt::format("{}.hex", port.name));
    }
    driver.on_cycle = [this](const tb::Model&) {
      ++cycles_;
      for (std::size_t i = 0; i < ports_.size(); ++i) files_[i] << hex(ports_[i].second) << '\n';
    };
  }
  [[nodiscard]] long cycles() const { return cycles_; }
  [[nodiscard]] const std::vector<std::pair<std::string, tb::ModelPort>>& ports() const { return ports_; }
  void close() { files_.clear(); }

 private:
  std::vector<std::pair<std::string, tb::ModelPort>> ports_;
  std::vector<std::ofstream> files_;
  long cycles_ = 0;
};

/// Bench for Icarus: applies the recorded inputs and compares the outputs before every rising edge. Partial
/// sums count only where they are valid: before, Icarus has X and Verilator a random value.
std::string icarus_bench(const Recorder& recorder) {
  std::string declare;
  std::string connect;
  std::string load;
  std::string drive;
  std::string compare;
  const long n = recorder.cycles();
  for (const auto& [name, port] : recorder.ports()) {
    const int words = 32 * static_cast<int>(port.word_count());
    declare += fmt::format("  reg [{}:0] {}_file [0:{}];\n", words - 1, name, n - 1);
    load += fmt::format("    $readmemh(\"{0}.hex\", {0}_file);\n", name);
    connect += fmt::format(",\n    .{0}({0})", name);
    if (is_output(name)) {
      declare += fmt::format("  wire [{}:0] {};\n", port.width() - 1, name);
      const bool soon = name == "psum_soon_last_o";
      const bool gated = soon || name == "psum_o" || name == "psum_last_o";
      compare += fmt::format(
          "      if ({1}{0} !== {0}_file[i][{2}:0]) begin errors = errors + 1; "
          "if (errors < 5) $display(\"cycle %0d {0}: %h, Verilator %h\", i, {0}, {0}_file[i]); end\n",
          name,
          !gated ? "i > 0 && "
          : soon ? "psum_soon_valid_o === 1'b1 && "
                 : "psum_valid_o === 1'b1 && ",
          port.width() - 1);
    } else {
      declare += fmt::format("  reg [{}:0] {};\n", port.width() - 1, name);
      drive += fmt::format("      {0} = {0}_file[i][{1}:0];\n", name, port.width() - 1);
    }
  }
  return fmt::format(
      "module bench;\n  reg clk = 0;\n  integer i, errors, valid;\n{}  msq_core core (.clk_i(clk){}\n  );\n"
      "  initial begin\n    errors = 0; valid = 0;\n{}    for (i = 0; i < {}; i = i + 1) begin\n{}      "
      "#5;\n{}"
      "      if (psum_valid_o === 1'b1) valid = valid + 1;\n      clk = 1; #5; clk = 0;\n    end\n"
      "    $display(\"RESULT %0d errors %0d valid\", errors, valid);\n    $finish;\n  end\nendmodule\n",
      declare, connect, load, n, drive, compare);
}

void simulate_in_icarus(const char* name) {
  const Scratch scratch;
  Core core(name);
  std::size_t tokens = 0;
  Recorder recorder(core.driver, scratch.path());
  core.driver.reset();
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    RandomGemm random(core.config, seed);
    const auto jobs = random.sequence(4);
    for (const auto& job : jobs) tokens += static_cast<std::size_t>(job.tokens);
    const auto result = core.driver.run(jobs, random.stalls());
    ASSERT_TRUE(result) << result.error();
  }
  recorder.close();

  ASSERT_TRUE(tb::write_design(core.design, scratch.path()));
  std::ofstream(scratch.path() / "bench.v") << icarus_bench(recorder);
  ProcessRequest compile;
  compile.argv = {"iverilog", "-g2012", "-o", "bench.vvp", "bench.v"};
  for (const std::string& file : core.design.verilog_files()) compile.argv.push_back(file);
  compile.working_directory = scratch.path();
  auto compiled = run_process(compile);
  ASSERT_TRUE(compiled) << compiled.error();
  ASSERT_EQ(compiled->exit_code, 0) << compiled->output;
  ProcessRequest simulate;
  simulate.argv = {"vvp", "-n", "bench.vvp"};
  simulate.working_directory = scratch.path();
  auto simulated = run_process(simulate);
  ASSERT_TRUE(simulated) << simulated.error();
  EXPECT_NE(simulated->output.find(fmt::format("RESULT 0 errors {} valid", tokens)), std::string::npos)
      << simulated->output;
}

TEST(Icarus, Recon) { simulate_in_icarus("recon-4x4"); }
TEST(Icarus, ReconSkewed) { simulate_in_icarus("recon-4x4-two-units"); }
TEST(Icarus, None) { simulate_in_icarus("none-4x4"); }
TEST(Icarus, Inline) { simulate_in_icarus("inline-4x4-bands-of-2"); }
TEST(Icarus, FullRange) { simulate_in_icarus("recon-4x4-full-range-halves"); }
TEST(Icarus, FullRangeOneEntry) { simulate_in_icarus("recon-4x8-full-range-one-outlier"); }
TEST(Icarus, FullRangeNone) { simulate_in_icarus("none-4x4-full-range"); }

class EmittedVerilog : public ::testing::TestWithParam<const char*> {};

/// Lint and Yosys in the directory of the design, with the options of all three tools.
void expect_clean(const Design& design, const Scratch& scratch, const std::vector<std::string>& options) {
  ProcessRequest lint;
  lint.argv = {"verilator", "--lint-only", "-Wall", "--top-module", design.top, design.control.name};
  lint.argv.insert(lint.argv.end(), options.begin(), options.end());
  std::string files;
  for (const std::string& option : options) files += " " + option;
  for (const std::string& file : design.verilog_files()) {
    lint.argv.push_back(file);
    files += " " + file;
  }
  lint.working_directory = scratch.path();
  auto linted = run_process(lint);
  ASSERT_TRUE(linted) << linted.error();
  EXPECT_EQ(linted->exit_code, 0) << linted->output;
  EXPECT_EQ(tests::findings_of_lint(linted->output), "");

  ProcessRequest icarus;
  icarus.argv = {"iverilog", "-g2012", "-Wall", "-Wno-timescale", "-tnull", "-s", design.top};
  icarus.argv.insert(icarus.argv.end(), options.begin(), options.end());
  for (const std::string& file : design.verilog_files()) icarus.argv.push_back(file);
  icarus.working_directory = scratch.path();
  auto compiled = run_process(icarus);
  ASSERT_TRUE(compiled) << compiled.error();
  EXPECT_EQ(compiled->exit_code, 0) << compiled->output;
  EXPECT_EQ(compiled->output, "");

  ProcessRequest yosys;
  yosys.argv = {
      "yosys", "-q", "-p",
      fmt::format("read_verilog{}; hierarchy -check -top {}; proc; check -assert", files, design.top)};
  yosys.working_directory = scratch.path();
  auto checked = run_process(yosys);
  ASSERT_TRUE(checked) << checked.error();
  EXPECT_EQ(checked->exit_code, 0) << checked->output;
}

void expect_clean(const Design& design) {
  const Scratch scratch;
  ASSERT_TRUE(tb::write_design(design, scratch.path()));
  expect_clean(design, scratch, {});
}

TEST(EmittedAssertions, PassYosysAndLint) {
  for (const char* name : {"top-recon-4x4-smallest", "top-none-4x4", "top-inline-4x4"}) {
    SCOPED_TRACE(name);
    const Design design = build_accelerator(test_config(name));
    const Scratch scratch;
    ASSERT_TRUE(tb::write_design(design, scratch.path()));
    expect_clean(design, scratch, {"-DMSQ_ASSERT", design.assertions.name});
  }
}

TEST_P(EmittedVerilog, PassesYosysAndLint) { expect_clean(build_design(test_config(GetParam()))); }

TEST(EmittedAccelerator, PassesYosysAndLint) {
  for (const char* name : {"top-recon-4x4-smallest", "recon-8x8-row-shifts", "top-recon-8x16-mode2-32-lanes",
                           "recon-16x4-mode4-sixteen-units", "none-8x8-act4", "inline-8x8-bands-of-4",
                           "top-none-4x128-smallest", "recon-8x8-full-range", "recon-4x4-full-range-mode4",
                           "recon-8x16-full-range-mode2", "none-4x4-full-range-mantissa-2"}) {
    SCOPED_TRACE(name);
    expect_clean(build_accelerator(test_config(name)));
  }
}

TEST(EmittedShell, PassesYosysAndLint) {
  const std::vector<std::pair<const char*, ShellConfig>> designs = {
      {"top-inline-4x4", {32, 32, 1, 2, 1}},
      {"top-recon-8x16-mode2-32-lanes", {64, 64, 256, 256, 255}},
      {"top-recon-4x8-act4", {256, 33, 16, 16, 4}},
      {"top-none-4x128-smallest", {512, 40, 64, 4096, 8}},
      {"top-inline-16x8-four-rows", {}}};
  for (const auto& [name, shell] : designs) {
    SCOPED_TRACE(name);
    Config config = test_config(name);
    config.shell = shell;
    ASSERT_TRUE(validate(config));
    const Design design = build_shell(config);
    expect_clean(design);
    const Scratch scratch;
    ASSERT_TRUE(tb::write_design(design, scratch.path()));
    expect_clean(design, scratch, {"-DMSQ_ASSERT", design.assertions.name});
  }
}

/// The emitted accelerator in a bench in Icarus, started outside the design's directory, without an include
/// path. @return the bench's output.
std::string simulate_emitted(const std::string& body, bool assertions) {
  const Design design = build_accelerator(test_config("top-recon-4x4"));
  const Scratch scratch;
  EXPECT_TRUE(tb::write_design(design, scratch.path() / "emitted"));
  std::ofstream(scratch.path() / "bench.v")
      << "module bench;\n  reg clk = 0, rst_n = 0, awvalid = 0;\n"
         "  task tick; begin #5 clk = 1; #5 clk = 0; end endtask\n"
         "  msq_top dut (.clk_i(clk), .rst_ni(rst_n), .s_axil_awvalid_i(awvalid), .s_axil_awaddr_i(8'd0),\n"
         "      .s_axil_wvalid_i(1'b0), .s_axil_arvalid_i(1'b0));\n"
      << body << "endmodule\n";
  ProcessRequest compile;
  compile.argv = {"iverilog", "-g2005", "-o", "bench.vvp", "-s", "bench", "bench.v"};
  compile.argv.push_back("emitted/" + design.assertions.name);
  for (const std::string& file : design.verilog_files()) compile.argv.push_back("emitted/" + file);
  if (assertions) compile.argv.emplace_back("-DMSQ_ASSERT");
  compile.working_directory = scratch.path();
  const auto compiled = run_process(compile);
  if (!compiled) return compiled.error();
  if (!compiled->ok()) return compiled->output;
  ProcessRequest simulate;
  simulate.argv = {"vvp", "-n", "bench.vvp"};
  simulate.working_directory = scratch.path();
  const auto simulated = run_process(simulate);
  return simulated ? simulated->output : simulated.error();
}

TEST(EmittedAssertions, ReportABrokenProtocolWhereTheyAreOn) {
  const std::string legal =
      "  initial begin tick; rst_n = 1; awvalid = 1; repeat (3) tick; $display(\"end\"); $finish(0); end\n";
  const std::string broken =
      "  initial begin tick; rst_n = 1; awvalid = 1; tick; awvalid = 0; tick; $display(\"end\"); $finish(0); "
      "end\n";
  EXPECT_EQ(simulate_emitted(legal, true), "end\n");
  const std::string reported = simulate_emitted(broken, true);
  EXPECT_NE(reported.find("bench.dut.u_axil.gen_awvalid_i: write address not held\n"), std::string::npos)
      << reported;
  EXPECT_EQ(reported.find("end\n"), std::string::npos) << reported;
  EXPECT_EQ(simulate_emitted(broken, false), "end\n");
}

TEST(EmittedAssertions, ReportAnIllegalParameterWhereTheyAreOn) {
  const std::string illegal =
      "  defparam dut.u_weight_fifo.DEPTH = 3;\n  initial begin $display(\"end\"); $finish(0); end\n";
  const std::string reported = simulate_emitted(illegal, true);
  EXPECT_NE(reported.find("Unknown module type: msq_illegal_depth\n"), std::string::npos) << reported;
  EXPECT_EQ(simulate_emitted(illegal, false), "end\n");
}

TEST_P(EmittedVerilog, IsTheSameTwice) {
  const Config config = test_config(GetParam());
  const Design first = build_accelerator(config);
  const Design second = build_accelerator(config);
  ASSERT_EQ(first.verilog_files(), second.verilog_files());
  for (std::size_t i = 0; i < first.generated.size(); ++i)
    EXPECT_EQ(first.generated[i].text, second.generated[i].text);
}

INSTANTIATE_TEST_SUITE_P(
    Configs, EmittedVerilog,
    ::testing::Values("recon-4x4", "recon-8x8", "inline-8x8", "inline-16x4-mode4-narrow-sums",
                      "inline-4x16-full-range-mode2", "none-8x8-trees-of-4", "recon-4x4-mode2-act4",
                      "recon-8x8-mode4-shift-15", "none-8x8-mode4-skew-1", "none-8x4-mode2",
                      "recon-4x16-array-span", "recon-16x16-block-16-two-units", "recon-64x64-eight-units",
                      "recon-8x8-full-range", "recon-8x8-full-range-sums-of-16-bits",
                      "recon-4x8-full-range-sums-of-7-bits", "recon-8x8-full-range-mode4-array-span",
                      "none-8x8-full-range-halves", "recon-8x8-one-outlier"),
    by_config);

}  // namespace
}  // namespace msq::tests
