// External tools: neither start-up files nor variables of the user's environment, nor forms of a library,
// change a figure; and no two runs work in one directory.

#include <fstream>
#include <iterator>
#include <regex>

#include "support/lock.hpp"
#include "synth/liberty.hpp"
#include "tests/cli/flow.hpp"
#include "tests/support/configs.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

class Tools : public Flow {
 protected:
  void SetUp() override {
    Flow::SetUp();
    write("c.json", tests::test_config_text("none-4x4-mode4"));
  }

  /// Timing of a small core, and everything that goes before it. @param liberty empty: the usual one.
  nlohmann::json timing(const std::string& liberty = {}, const Environment& environment = {}) {
    Arguments arguments = {"synth", "--config",  "c.json",   "--work",
                           "work",  "--no-twin", "--timing", "--json"};
    if (!liberty.empty()) arguments.insert(arguments.end(), {"--liberty", liberty});
    const ProcessResult result = run(arguments, environment);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    auto report = nlohmann::json::parse(result.output, nullptr, false);
    EXPECT_TRUE(report.is_object()) << result.output;
    return report;
  }
  /// The usual library, changed: `found` (a regular expression) becomes `put`.
  std::string changed_library(const std::string& name, const std::string& found, const std::string& put) {
    std::ifstream in(synth::kOsu018Liberty);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    return write(name, std::regex_replace(text, std::regex(found), put));
  }
};

TEST_F(Tools, StartUpFilesAndVariablesChangeNoFigure) {
  const auto usual = timing();
  fs::create_directory(directory_ / "home");
  write("home/.sta", "puts \"hello\"\nset_cmd_units -time ps\ndefine_corners slow fast\n");
  write("home/.yosys_history", "exit\n");
  for (const char* name : {"home/.abc.rc", "home/abc.rc", "abc.rc", ".abc.rc", ".sta"})
    write(name, "nonsense\nquit\n");
  write("shell.sh", "exit 1\n");
  const std::string home = (directory_ / "home").string();
  const auto changed = timing({}, {{"HOME", home},
                                   {"TCL_LIBRARY", home},
                                   {"TCLLIBPATH", home},
                                   {"YOSYS_ABORT_ON_LOG_ERROR", "1"},
                                   {"BASH_ENV", home + "/../shell.sh"},
                                   {"ENV", home + "/../shell.sh"},
                                   {"LC_ALL", "de_DE.UTF-8"}});
  EXPECT_EQ(changed["timing"], usual["timing"]);
  EXPECT_EQ(changed["configuration"]["area_um2"], usual["configuration"]["area_um2"]);
  EXPECT_EQ(read("home/.yosys_history"), "exit\n") << "nothing is written there either";
}

TEST_F(Tools, ABufferThatMayNotBeUsedIsInNoTree) {
  const auto usual = timing();
  const std::string fastest = usual["timing"]["buffer"];
  ASSERT_FALSE(fastest.empty());
  const std::string cell = "(\\n\\s*cell \\(" + fastest + "\\) \\{)";
  const auto without = timing(changed_library("without.lib", cell, "$1 dont_use : true;"));
  EXPECT_NE(without["timing"]["buffer"], fastest);
  EXPECT_GT(without["timing"]["buffers"], 0);
  EXPECT_EQ(read("work/" + listing("work").front() + "/netlist.json").find("\"type\": \"" + fastest + "\""),
            std::string::npos);
  // A library that says of every cell that it may be used is the usual one.
  const auto all = timing(changed_library("all.lib", "(\\n\\s*cell \\(\\w+\\) \\{)", "$1 dont_use : false;"));
  EXPECT_EQ(all["timing"], usual["timing"]);
  const auto small = timing(changed_library("small.lib", "(\\n\\s*area : [0-9.]+);", "$1e-7;"));
  // The mapper breaks ties of areas differently where their digits are rounded differently.
  const auto expect_scaled = [](const nlohmann::json& of_small, const nlohmann::json& of_usual) {
    EXPECT_NEAR(of_small.get<double>() * 1e7 / of_usual.get<double>(), 1, 0.02);
  };
  expect_scaled(small["configuration"]["area_um2"], usual["configuration"]["area_um2"]);
  expect_scaled(small["timing"]["buffer_area_um2"], usual["timing"]["buffer_area_um2"]);
  EXPECT_NEAR(small["timing"]["fmax_mhz"].get<double>() / usual["timing"]["fmax_mhz"].get<double>(), 1, 0.1);
}

TEST_F(Tools, ASweepThatAnotherRunIsWritingIsRefused) {
  fs::create_directories(directory_ / "out" / "points");
  const auto lock = Lock::directory(directory_ / "out");
  ASSERT_TRUE(lock) << lock.error();
  refuse({"sweep", "--set", "size=4", "--set", "outlier_path=none", "--set", "micro_block=4", "-o", "out"},
         {"out: in use by another run that writes the same output"});
  // Listing writes nothing.
  succeed({"sweep", "--set", "size=4", "--set", "outlier_path=none", "--set", "micro_block=4", "-o", "out",
           "--list"});
}

TEST_F(Tools, ADesignThatAnotherRunSynthesizesIsRefused) {
  succeed({"synth", "--config", "c.json", "--work", "work", "--no-twin"});
  const std::string design = "work/" + listing("work").front();
  const auto lock = Lock::directory(directory_ / design);
  ASSERT_TRUE(lock) << lock.error();
  refuse({"synth", "--config", "c.json", "--work", "work", "--no-twin"},
         {design + ": in use by another run that writes the same output"});
}

}  // namespace
}  // namespace msq::cli
