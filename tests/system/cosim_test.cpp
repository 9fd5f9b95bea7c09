// The same emitted Verilog in three tools: Yosys elaborates and checks it, Icarus gives the same outputs as
// Verilator in every cycle, and generating twice gives the same bytes.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "golden/exec/schedule.hpp"
#include "support/process.hpp"
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
      const bool gated = name == "psum_o" || name == "psum_last_o";
      compare += fmt::format(
          "      if ({1}{0} !== {0}_file[i][{2}:0]) begin errors = errors + 1; "
          "if (errors < 5) $display(\"cycle %0d {0}: %h, Verilator %h\", i, {0}, {0}_file[i]); end\n",
          name, gated ? "psum_valid_o === 1'b1 && " : "i > 0 && ", port.width() - 1);
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

void expect_clean(const Design& design) {
  const Scratch scratch;
  ASSERT_TRUE(tb::write_design(design, scratch.path()));
  ProcessRequest lint;
  lint.argv = {"verilator", "--lint-only", "-Wall", "--top-module", design.top, design.control.name};
  std::string files;
  for (const std::string& file : design.verilog_files()) {
    lint.argv.push_back(file);
    files += " " + file;
  }
  lint.working_directory = scratch.path();
  auto linted = run_process(lint);
  ASSERT_TRUE(linted) << linted.error();
  EXPECT_EQ(linted->exit_code, 0) << linted->output;
  EXPECT_EQ(linted->output, "");

  ProcessRequest icarus;
  icarus.argv = {"iverilog", "-g2012", "-Wall", "-Wno-timescale", "-tnull", "-s", design.top};
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
                      "inline-4x8-full-range-mode2", "none-8x8-trees-of-4", "recon-4x4-mode2-act4",
                      "recon-8x8-mode4-shift-15", "none-8x8-mode4-skew-1", "none-8x4-mode2",
                      "recon-4x16-array-span", "recon-16x16-block-16-two-units", "recon-64x64-eight-units",
                      "recon-8x8-full-range", "recon-8x8-full-range-sums-of-16-bits",
                      "recon-4x8-full-range-sums-of-7-bits", "recon-8x8-full-range-mode4-array-span",
                      "none-8x8-full-range-halves", "recon-8x8-one-outlier"),
    by_config);

}  // namespace
}  // namespace msq::tests
