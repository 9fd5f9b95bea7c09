#include "support/tool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace msq {
namespace {

/// Sets a variable of this process for the time of a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

std::vector<std::string> names_in(const std::string& environment) {
  std::vector<std::string> names;
  std::istringstream in(environment);
  for (std::string line; std::getline(in, line);) names.push_back(line.substr(0, line.find('=')));
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Tool, GetsNothingOfTheEnvironmentThatCouldChangeItsResult) {
  const Variable flags("CXXFLAGS", "-fsanitize=address");
  const Variable make("MAKEFLAGS", "-e");
  const Variable tcl("TCLLIBPATH", "/somewhere");
  const Variable shell("BASH_ENV", "/somewhere/else");
  const auto result = run_tool({.argv = {"env"}, .environment = {{"OBJCACHE", "x"}}});
  ASSERT_TRUE(result) << result.error();
  const std::vector<std::string> allowed = {"HOME",     "LC_ALL", "LD_LIBRARY_PATH", "LOGNAME",
                                            "OBJCACHE", "PATH",   "TMPDIR",          "USER"};
  for (const std::string& name : names_in(result->output))
    EXPECT_TRUE(std::binary_search(allowed.begin(), allowed.end(), name)) << name;
  EXPECT_NE(result->output.find("HOME=/dev/null\n"), std::string::npos) << result->output;
  EXPECT_NE(result->output.find("LC_ALL=C\n"), std::string::npos) << result->output;
  EXPECT_NE(result->output.find("OBJCACHE=x\n"), std::string::npos) << result->output;
}

TEST(Tool, InheritsWhatIsNamed) {
  const Variable directory("CCACHE_DIR", "/cache");
  const Variable home("HOME", "/home/someone");
  const auto result = run_tool({.argv = {"env"}}, {"CCACHE_DIR", "HOME"});
  ASSERT_TRUE(result) << result.error();
  EXPECT_NE(result->output.find("CCACHE_DIR=/cache\n"), std::string::npos) << result->output;
  EXPECT_NE(result->output.find("HOME=/home/someone\n"), std::string::npos) << result->output;
}

TEST(Tool, VersionIsTheFirstLine) {
  EXPECT_EQ(tool_version("printf", "one\\ntwo\\n"), "one");
  EXPECT_EQ(tool_version("false"), "");
  EXPECT_EQ(tool_version("no-such-program"), "");
}

TEST(ErrorExcerpt, HasTheLinesThatNameErrors) {
  EXPECT_EQ(error_excerpt("g++ -c a.cpp\na.cpp:1: error: no\n\n%Warning-WIDTH: x.v\nmake: bye\n"),
            "a.cpp:1: error: no\n%Warning-WIDTH: x.v");
  EXPECT_EQ(error_excerpt("one\ntwo\n"), "one\ntwo");
  EXPECT_EQ(error_excerpt(""), "");
}

TEST(ErrorExcerpt, IsShortHoweverLongTheLogIs) {
  std::string log;
  for (int i = 0; i < 5000; ++i) log += "x.cpp: error: " + std::string(1000, 'a') + "\n";
  const std::string text = error_excerpt(log);
  EXPECT_LT(text.size(), 4000U);
  EXPECT_TRUE(text.ends_with(" ...\n... and 4988 lines more")) << text.substr(text.size() - 60);
  std::string silent;
  for (int i = 0; i < 20; ++i) silent += std::to_string(i) + "\n";
  EXPECT_EQ(error_excerpt(silent), "8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n... and 8 lines more");
}

}  // namespace
}  // namespace msq
