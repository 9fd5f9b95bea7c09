#include "tests/verilog/tools.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "support/process.hpp"
#include "tests/support/lint_output.hpp"

namespace msq::verilog {

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "msq_verilog_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TempDir::write(const std::string& name, const std::string& text) const {
  std::ofstream file(path_ / name);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + name);
}

std::string TempDir::run(const std::vector<std::string>& argv) const {
  ProcessRequest request;
  request.argv = argv;
  request.working_directory = path_;
  request.timeout = std::chrono::minutes(5);
  const auto result = run_process(request);
  if (!result) {
    ADD_FAILURE() << result.error();
    return "";
  }
  EXPECT_TRUE(result->ok()) << fmt::format("{}", fmt::join(argv, " ")) << "\n" << result->output;
  return argv.front() == "verilator" ? tests::findings_of_lint(result->output) : result->output;
}

void expect_accepted(const TempDir& dir, const std::string& top, const std::vector<std::string>& files) {
  std::vector<std::string> verilator = {"verilator", "--lint-only", "-Wall", "--top-module", top};
  verilator.insert(verilator.end(), files.begin(), files.end());
  EXPECT_EQ(dir.run(verilator), "");
  const std::string script = fmt::format("read_verilog {}; hierarchy -check -top {}; proc; check -assert",
                                         fmt::join(files, " "), top);
  EXPECT_EQ(dir.run({"yosys", "-q", "-p", script}), "");
  std::vector<std::string> iverilog = {"iverilog", "-g2005", "-Wall", "-Wno-timescale",
                                       "-s",       top,      "-o",    "lint.vvp"};
  iverilog.insert(iverilog.end(), files.begin(), files.end());
  EXPECT_EQ(dir.run(iverilog), "");
}

std::vector<std::string> simulate(const TempDir& dir, const std::vector<std::string>& files) {
  std::vector<std::string> iverilog = {"iverilog", "-g2005", "-s", "tb", "-o", "tb.vvp"};
  iverilog.insert(iverilog.end(), files.begin(), files.end());
  EXPECT_EQ(dir.run(iverilog), "");
  std::istringstream output(dir.run({"vvp", "-n", "tb.vvp"}));
  std::vector<std::string> lines;
  for (std::string line; std::getline(output, line);) lines.push_back(line);
  return lines;
}

}  // namespace msq::verilog
