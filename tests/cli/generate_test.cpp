#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/cli/flow.hpp"
#include "tests/support/configs.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

TEST_F(Flow, GenerateTwiceGivesTheSameBytes) {
  const auto first = json({"generate", "--config", "8x8", "-o", "one", "--json"});
  succeed({"generate", "--config", "8x8", "-o", "the other"});
  std::vector<std::string> promised = first["files"];
  std::sort(promised.begin(), promised.end());
  EXPECT_GT(promised.size(), 10U);
  EXPECT_EQ(listing("one"), promised);
  ASSERT_EQ(listing("one"), listing("the other"));
  for (const std::string& name : promised) {
    EXPECT_FALSE(read("one/" + name).empty()) << name;
    EXPECT_EQ(read("one/" + name), read("the other/" + name)) << name;
  }
  const auto manifest = nlohmann::json::parse(read("one/manifest.json"));
  EXPECT_EQ(manifest["top"], first["top"]);
  EXPECT_NE(read("one/msq_ports.hpp").find("PORT(clk_i, 1)"), std::string::npos);
}

TEST_F(Flow, GenerateTakesThePresetsFileAsThePreset) {
  write("none-8x8.json", tests::test_config_text("none-8x8"));
  succeed({"generate", "--config", "none-8x8.json", "-o", "file"});
  succeed({"generate", "--config", "none-8x8", "-o", "preset"});
  ASSERT_EQ(listing("file"), listing("preset"));
  const auto without_command = [&](const std::string& name) {
    std::string text = read(name);
    const std::size_t line = text.find("// Command: ");
    if (line != std::string::npos) text.erase(line, text.find('\n', line) - line);
    return text;
  };
  for (const std::string& name : listing("file"))
    EXPECT_EQ(without_command("file/" + name), without_command("preset/" + name)) << name;
}

TEST_F(Flow, GeneratePrintsTheCommandThatWasTyped) {
  write("a config's.json", tests::test_config_text("none-8x8"));
  const auto command = [&](const std::vector<std::string>& options) {
    std::vector<std::string> argv = {"generate", "-o", "out"};
    argv.insert(argv.end(), options.begin(), options.end());
    succeed(argv);
    const std::string text = read("out/msq_core.v");
    const std::size_t begin = text.find("// Command: ") + 12;
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  EXPECT_EQ(command({"--config", "recon-8x8"}), "microscopiq generate --config recon-8x8");
  EXPECT_EQ(command({"--core-only", "--config", "a config's.json"}),
            "microscopiq generate --config 'a config'\\''s.json' --core-only");
  EXPECT_EQ(command({"--baseline", "int8", "--rows", "4"}),
            "microscopiq generate --baseline int8 --rows 4 --cols 8 --tree-rows 1");
}

TEST_F(Flow, GenerateSaysWhatABaselineHolds) {
  const auto text_of = [&](const std::string& baseline) {
    return succeed({"generate", "--baseline", baseline, "-o", "out"});
  };
  const std::string array = "8 rows x 8 columns of PEs, ";
  for (const auto& [baseline, weights] : {std::pair<std::string, std::string>{"int8", "8-bit weights\n"},
                                          {"int4", "modes 4\n"},
                                          {"olive", "outlier-victim pairs of 4-bit weights\n"},
                                          {"gobo", "3-bit indices of FP32 centroids, outliers in FP32\n"}}) {
    const std::string text = text_of(baseline);
    EXPECT_NE(text.find(array + weights), std::string::npos) << text;
  }
}

TEST_F(Flow, GenerateReplacesAnEarlierOutputAndNothingElse) {
  succeed({"generate", "--config", "8x8", "-o", "out"});
  succeed({"generate", "--config", "none-8x8", "-o", "out/"});
  succeed({"generate", "--config", "none-8x8", "-o", "new"});
  EXPECT_EQ(listing("out"), listing("new"));
  std::vector<std::string> all = {"new", "out"};
  for (const std::string& name : listing("new")) {
    all.push_back("new/" + name);
    all.push_back("out/" + name);
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(listing(), all);  // nothing beside them
  const auto manifest = nlohmann::json::parse(read("out/manifest.json"));
  std::vector<std::string> listed = manifest["files"];
  listed.insert(listed.end(), manifest["other_files"].begin(), manifest["other_files"].end());
  std::sort(listed.begin(), listed.end());
  EXPECT_EQ(listed, listing("out"));
  write("out/notes.txt", "mine");
  refuse({"generate", "--config", "8x8", "-o", "out"}, {"out", "notes.txt", "allowed"});
  fs::create_directory(directory_ / "verilog");
  write("verilog/mine.v", "module mine; endmodule");
  refuse({"generate", "--config", "8x8", "-o", "verilog"}, {"verilog", "manifest.json"});
}

TEST_F(Flow, GenerateWithAPrefix) {
  succeed({"generate", "--config", "tiny", "-o", "out", "--prefix", "npu_1"});
  for (const std::string& name : listing("out"))
    EXPECT_TRUE(name.starts_with("npu_1_") || name == "manifest.json" || name == "registers.md") << name;
  EXPECT_NE(read("out/npu_1_top.v").find("// Command: microscopiq generate --config tiny --prefix npu_1\n"),
            std::string::npos);
  succeed({"generate", "--baseline", "int8", "-o", "out", "--prefix", "b"});  // replaces it
  EXPECT_NE(read("out/b_core.v").find("module b_core"), std::string::npos);
  for (const char* prefix : {"A8", "8a", "a_", "a-b"})
    refuse({"generate", "--config", "tiny", "-o", "x", "--prefix", prefix},
           {std::string("--prefix: found \"") + prefix + "\"; allowed: 1 to 32 lower-case letters"});
}

/// Files that look like an output, beside a manifest that lists none of them, another's, or one too few.
TEST_F(Flow, GenerateNamesTheFilesThatWouldBeLost) {
  fs::create_directory(directory_ / "mine");
  write("mine/manifest.json", "{}");
  refuse({"generate", "--config", "tiny", "-o", "mine"}, {"mine: found \"manifest.json\", not listed"});
  write("mine/mine.v", "module mine; endmodule");
  write("mine/driver.h", "");
  for (const char* manifest :
       {"{}", "[]", "", "\xff", R"({"files": ["mine.v", "driver.h", "manifest.json"]})",
        R"({"generator": "microscopiq 1", "files": "mine.v"})"}) {
    write("mine/manifest.json", manifest);
    refuse({"generate", "--config", "tiny", "-o", "mine"},
           {"mine: found \"driver.h\", \"manifest.json\", \"mine.v\", not listed", "allowed"});
  }
  succeed({"generate", "--config", "tiny", "-o", "out"});
  write("out/mine.v", "module mine; endmodule");
  refuse({"generate", "--config", "tiny", "-o", "out"}, {"out: found \"mine.v\", not listed"});
  fs::remove(directory_ / "out/mine.v");
  fs::rename(directory_ / "out/msq_core.v", directory_ / "core.v");
  fs::create_symlink("../core.v", directory_ / "out/msq_core.v");
  refuse({"generate", "--config", "tiny", "-o", "out"}, {"out: found \"msq_core.v\""});
}

TEST_F(Flow, GenerateKeepsThePermissionsOfItsDirectory) {
  succeed({"generate", "--config", "tiny", "-o", "out"});
  fs::permissions(directory_ / "out", fs::perms::owner_all);
  succeed({"generate", "--config", "none-8x8", "-o", "out"});
  EXPECT_EQ(fs::status(directory_ / "out").permissions(), fs::perms::owner_all);
}

TEST_F(Flow, GenerateKeepsToTheUmask) {
  succeed({"generate", "--config", "tiny", "-o", "out"});
  struct stat made {};
  ASSERT_EQ(::stat((directory_ / "out").c_str(), &made), 0);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  EXPECT_EQ(made.st_mode & 0777, 0777 & ~mask);
}

TEST_F(Flow, GenerateMakesTheParentsOfItsDirectory) {
  succeed({"generate", "--config", "tiny", "-o", "a/b/out"});
  EXPECT_TRUE(fs::exists(directory_ / "a/b/out/manifest.json"));
  refuse({"generate", "--config", "absent", "-o", "c/out"}, {"absent"});
  EXPECT_FALSE(fs::exists(directory_ / "c"));
}

TEST_F(Flow, GenerateToWhereNothingCanBeWritten) {
  write("file", "x");
  refuse({"generate", "--config", "tiny", "-o", "file"}, {"file", "not a directory"});
  refuse({"generate", "--config", "tiny", "-o", "file/out"}, {"file/out", "cannot write"});
  refuse({"generate", "--config", "tiny", "-o", "file/parent/out"}, {"file/parent/out", "Not a directory"});
  refuse({"generate", "--config", "tiny", "-o", "/proc/out"}, {"/proc/out", "cannot write"});
}

}  // namespace
}  // namespace msq::cli
