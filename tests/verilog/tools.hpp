#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace msq::verilog {

/// Directory of its own, removed at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  /// Writes a file into the directory.
  void write(const std::string& name, const std::string& text) const;
  /// Output of a program run in the directory; a test failure that shows it unless the program exits with 0.
  [[nodiscard]] std::string run(const std::vector<std::string>& argv) const;

 private:
  std::filesystem::path path_;
};

/// Fails the test unless Verilator (-Wall), Yosys and Icarus take the module without a word.
void expect_accepted(const TempDir& dir, const std::string& top, const std::vector<std::string>& files);

/// Lines that the test bench `tb` displays in Icarus.
[[nodiscard]] std::vector<std::string> simulate(const TempDir& dir, const std::vector<std::string>& files);

}  // namespace msq::verilog
