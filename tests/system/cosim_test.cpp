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

void simulate_in_icarus(const char* json) {
  const Scratch scratch;
  Core core(json);
  std::size_t tokens = 0;
  Recorder recorder(core.driver, scratch.path());
  core.driver.reset();
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    RandomGemm random(core.config, seed);
    const auto jobs = random.sequence(4, core.design.dimensions.lead);
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

TEST(Icarus, Recon) {
  simulate_in_icarus(R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "name": "t4x4"})");
}
TEST(Icarus, ReconSkewed) {
  simulate_in_icarus(
      R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "recon": {"units": 2}, "skew_columns": 1, "name": "t4x4u2"})");
}
TEST(Icarus, None) {
  simulate_in_icarus(R"({"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "none", "name": "t4x4n"})");
}
TEST(Icarus, Inline) {
  simulate_in_icarus(
      R"({"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "inline", "tree_rows": 2, "inline": {"units_per_block": 2}, "name": "i4x4e"})");
}
TEST(Icarus, FullRange) {
  simulate_in_icarus(
      R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "encoding": "full_range", "fraction_bits": 1, "name": "t4x4f"})");
}
TEST(Icarus, FullRangeOneEntry) {
  simulate_in_icarus(
      R"({"rows": 4, "cols": 8, "outlier_path": "recon", "encoding": "full_range", "outliers_per_block": 1, "name": "t4x8f1"})");
}
TEST(Icarus, FullRangeNone) {
  simulate_in_icarus(
      R"({"rows": 4, "cols": 4, "micro_block": 4, "encoding": "full_range", "outlier_path": "none", "name": "t4x4fn"})");
}

class EmittedVerilog : public ::testing::TestWithParam<const char*> {};

void expect_clean(const Design& design) {
  const Scratch scratch;
  ASSERT_TRUE(tb::write_design(design, scratch.path()));
  ProcessRequest lint;
  lint.argv = {"verilator", "--lint-only", "-Wall", "--top-module", design.top};
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

TEST_P(EmittedVerilog, PassesYosysAndLint) { expect_clean(build_design(config_of(GetParam()))); }

TEST(EmittedAccelerator, PassesYosysAndLint) {
  for (
      const char* json :
      {R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "top": {"tokens": 16, "act_words": 16, "weight_fifo": 2}})",
       R"({"rows": 8, "cols": 8, "outlier_path": "recon", "row_align_bits": 7})",
       R"({"rows": 8, "cols": 16, "outlier_path": "recon", "modes": [2], "micro_block": 16, "top": {"output_lanes": 32}})",
       R"({"rows": 16, "cols": 4, "outlier_path": "recon", "modes": [4], "micro_block": 4, "recon": {"units": 16}})",
       R"({"rows": 8, "cols": 8, "outlier_path": "none", "act_bits": 4})",
       R"({"rows": 8, "cols": 8, "outlier_path": "inline", "inline": {"units_per_block": 1}, "tree_rows": 4})",
       R"({"rows": 4, "cols": 128, "outlier_path": "none", "top": {"tokens": 16, "act_words": 16}})",
       R"({"rows": 8, "cols": 8, "outlier_path": "recon", "encoding": "full_range"})",
       R"({"rows": 4, "cols": 4, "outlier_path": "recon", "modes": [4], "micro_block": 4, "encoding": "full_range", "outliers_per_block": 1, "scale_mantissa_bits": 0})",
       R"({"rows": 8, "cols": 16, "outlier_path": "recon", "modes": [2], "micro_block": 16, "encoding": "full_range", "outliers_per_block": 2, "fraction_bits": 1, "scale_mantissa_bits": 1})",
       R"({"rows": 4, "cols": 4, "encoding": "full_range", "outlier_path": "none", "micro_block": 4, "scale_mantissa_bits": 2})"}) {
    SCOPED_TRACE(json);
    expect_clean(build_accelerator(config_of(json)));
  }
}

TEST_P(EmittedVerilog, IsTheSameTwice) {
  const Config config = config_of(GetParam());
  const Design first = build_accelerator(config);
  const Design second = build_accelerator(config);
  ASSERT_EQ(first.verilog_files(), second.verilog_files());
  for (std::size_t i = 0; i < first.generated.size(); ++i)
    EXPECT_EQ(first.generated[i].text, second.generated[i].text);
}

INSTANTIATE_TEST_SUITE_P(
    Configs, EmittedVerilog,
    ::testing::Values(
        R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4})",
        R"({"rows": 8, "cols": 8, "outlier_path": "recon"})",
        R"({"rows": 8, "cols": 8, "outlier_path": "inline", "tree_rows": 1, "inline": {"units_per_block": 1}})",
        R"({"rows": 16, "cols": 4, "modes": [4], "micro_block": 4, "outlier_path": "inline", "tree_rows": 8, "acc_bits": 17, "inline": {"units_per_block": 2}})",
        R"({"rows": 4, "cols": 8, "modes": [2], "micro_block": 16, "outlier_path": "inline", "inline": {"units_per_block": 1}, "tree_rows": 2, "skew_columns": 1, "encoding": "full_range", "outliers_per_block": 1})",
        R"({"rows": 8, "cols": 8, "outlier_path": "none", "tree_rows": 4})",
        R"({"rows": 4, "cols": 4, "outlier_path": "recon", "modes": [2], "act_bits": 4, "outlier_shift_max": 0})",
        R"({"rows": 8, "cols": 8, "outlier_path": "recon", "modes": [4], "acc_bits": 18, "outlier_shift_max": 15})",
        R"({"rows": 8, "cols": 8, "modes": [4], "outlier_path": "none", "skew_columns": 1})",
        R"({"rows": 8, "cols": 4, "modes": [2], "outlier_path": "none"})",
        R"({"rows": 4, "cols": 16, "outlier_path": "recon", "micro_block": 4, "recon": {"units": 4, "span": "array"}, "skew_columns": 1})",
        R"({"rows": 16, "cols": 16, "outlier_path": "recon", "micro_block": 16, "skew_columns": 4, "recon": {"units": 2}})",
        R"({"rows": 64, "cols": 64, "outlier_path": "recon", "recon": {"units": 8}})",
        R"({"rows": 8, "cols": 8, "outlier_path": "recon", "encoding": "full_range"})",
        R"({"rows": 8, "cols": 8, "outlier_path": "recon", "encoding": "full_range", "outliers_per_block": 1, "fraction_bits": 1, "acc_bits": 16})",
        R"({"rows": 4, "cols": 8, "outlier_path": "recon", "modes": [2], "encoding": "full_range", "outliers_per_block": 2, "outlier_shift_max": 0, "act_bits": 4, "fraction_bits": 1, "acc_bits": 7})",
        R"({"rows": 8, "cols": 8, "outlier_path": "recon", "modes": [4], "encoding": "full_range", "recon": {"units": 4, "span": "array"}, "skew_columns": 2})",
        R"({"rows": 8, "cols": 8, "encoding": "full_range", "outlier_path": "none", "fraction_bits": 1})",
        R"({"rows": 8, "cols": 8, "outlier_path": "recon", "outliers_per_block": 1})"));

}  // namespace
}  // namespace msq::tests
