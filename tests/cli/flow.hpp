#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/matrix.hpp"
#include "support/process.hpp"

namespace msq::cli {

/// Runs the program in a fresh directory whose name holds a space. Standard error is a file, as in a pipe.
class Flow : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  using Arguments = std::vector<std::string>;
  using Environment = std::vector<std::pair<std::string, std::string>>;

  /// Exit code and everything printed.
  ProcessResult run(const Arguments& arguments, const Environment& environment = {});
  /// Expects exit code 0.
  std::string succeed(const Arguments& arguments);
  /// Expects exit code 0 and one JSON object on standard output, whose keys docs/user/reports.md has.
  nlohmann::json json(const Arguments& arguments);
  /// Expects exit code 2, a message that holds every one of `parts`, and no file changed or left behind.
  void refuse(const Arguments& arguments, std::initializer_list<std::string_view> parts,
              const Environment& environment = {});

  /// Environment in which a script takes the place of a program in PATH. @param script may run the program
  /// itself as "$real" "$@".
  Environment with_script(const std::string& program, const std::string& script);
  std::string write(const std::string& name, std::string_view bytes);
  std::string read(const std::string& name) const;
  /// A .npy file.
  std::string write_npy(const std::string& name, const golden::Matrix& matrix);
  /// Paths of all files and directories below, relative, sorted; hidden ones included.
  std::vector<std::string> listing(const std::string& below = ".") const;

  std::filesystem::path directory_;
};

/// A matrix of varied values with a few large ones, so that there are outliers.
golden::Matrix sample_matrix(std::int64_t rows, std::int64_t columns, unsigned seed = 1);

}  // namespace msq::cli
