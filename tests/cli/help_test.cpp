#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

const std::vector<std::string> kSubcommands = {"run",   "generate", "quantize",  "dequantize", "simulate",
                                               "synth", "compare",  "inspect",   "accelerate", "sweep",
                                               "fit",   "model",    "contention"};

/// Arguments of the example commands in a help text, which may go on in the next line.
std::vector<std::vector<std::string>> examples_of(const std::string& help) {
  std::istringstream lines(help.substr(std::min(help.find("Example:\n"), help.size())));
  std::vector<std::vector<std::string>> examples;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    if (line.starts_with("  microscopiq ") && words >> word) examples.emplace_back();
    while (!examples.empty() && words >> word) examples.back().push_back(word);
  }
  return examples;
}

TEST_F(Flow, HelpListsSubcommandsExitCodesAndPresets) {
  const std::string text = succeed({"--help"});
  for (const std::string& name : kSubcommands) EXPECT_NE(text.find("\n  " + name + " "), std::string::npos);
  EXPECT_NE(text.find("Exit codes:\n  0        done"), std::string::npos) << text;
}

TEST_F(Flow, EverySubcommandHasHelpWithAnExampleThatParses) {
  for (const std::string& name : kSubcommands) {
    const std::string text = succeed({name, "--help"});
    EXPECT_NE(text.find("Example:\n  microscopiq " + name), std::string::npos) << text;
  }
}

/// Without tools, and with inputs that are not there, most end early: but after their options were accepted.
TEST_F(Flow, ExamplesOfTheHelpParse) {
  for (const std::string& name : kSubcommands) {
    const auto examples = examples_of(succeed({name, "--help"}));
    EXPECT_FALSE(examples.empty()) << name;
    for (const Flow::Arguments& example : examples) {
      const ProcessResult result = run(example, {{"PATH", directory_.string()}});
      EXPECT_EQ(result.output.find("Run with --help"), std::string::npos) << result.output;
    }
  }
}

TEST_F(Flow, ExamplesThatNeedNoToolOrInputWork) {
  std::filesystem::create_directory(directory_ / "build");
  for (const char* name : {"generate", "model", "contention", "inspect", "sweep"}) {
    for (Arguments example : examples_of(succeed({name, "--help"}))) {
      const bool has_input = std::any_of(example.begin(), example.end(), [](const std::string& word) {
        return word.ends_with(".safetensors") || word.ends_with(".json") || word.ends_with(".npy");
      });
      if (has_input) continue;
      if (std::string_view(name) == "sweep") example.emplace_back("--list");
      const std::string text = succeed(example);
      EXPECT_EQ(text.find("skipped"), std::string::npos) << text;
    }
  }
}

TEST_F(Flow, HelpHasShortLines) {
  for (const std::string& name : kSubcommands) {
    std::istringstream lines(succeed({name, "--help"}));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << name << ": " << line;
  }
}

/// Sections of docs/user/command-line.md: a heading and the help text for each subcommand.
std::string page_section(const std::string& name, const std::string& help) {
  return "## " + name + "\n\n```text\n" + help.substr(0, help.find_last_not_of('\n') + 1) + "\n```\n\n";
}

/// docs/user/command-line.md has the help between two markers; MSQ_UPDATE=1 writes it anew.
TEST_F(Flow, CommandLinePageHasTheHelp) {
  const std::string begin = "<!-- help: begin -->\n\n";
  const std::string end = "<!-- help: end -->\n";
  std::ifstream file(MSQ_COMMAND_LINE_PAGE);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::size_t first = text.find(begin);
  const std::size_t last = text.find(end);
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(last, std::string::npos);
  std::string help = page_section("microscopiq", succeed({"--help"}));
  std::vector<std::string> names = kSubcommands;
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) help += page_section(name, succeed({name, "--help"}));
  const std::string page = text.substr(0, first + begin.size()) + help + text.substr(last);
  if (std::getenv("MSQ_UPDATE") != nullptr) std::ofstream(MSQ_COMMAND_LINE_PAGE) << page;
  EXPECT_EQ(text, page);
}

TEST_F(Flow, Version) { EXPECT_EQ(succeed({"--version"}).substr(0, 12), "microscopiq "); }

TEST_F(Flow, VersionsForABugReport) {
  const auto versions = json({"--version", "--json"});
  EXPECT_EQ("microscopiq " + versions["version"].get<std::string>() + "\n", succeed({"--version"}));
  for (const char* tool : {"yosys", "opensta", "verilator"}) EXPECT_NE(versions["tools"][tool], "") << tool;
  EXPECT_GE(versions["streams"], 2);
  EXPECT_EQ(versions["quantized_files"], "1");
  refuse({"--json"}, {"--version"});
}

TEST_F(Flow, BadUsage) {
  refuse({}, {"subcommand is required"});
  refuse({"sweep"}, {"--grid", "--set"});
  refuse({"generate"}, {"microscopiq generate: --output is required", "microscopiq generate --help"});
  refuse({"generate", "-o", "x"}, {"--config or --baseline is required"});
  refuse({"generate", "--config", "8x8"}, {"--output is required"});
  refuse({"generate", "--config", "8x8", "-o", "x", "--speed"}, {"--speed"});
  refuse({"quantize", "--synthetic", "8x8", "-o", "x.safetensors", "--bits", "3"}, {"--bits", "3", "{2,4}"});
  refuse({"quantize", "--synthetic", "8x8", "-o", "x.safetensors", "--bits", "two"}, {"--bits", "two"});
  refuse({"quantize", "--synthetic", "8x8", "-o", "x.safetensors"}, {"--bits is required"});
  refuse({"quantize", "--bits", "2", "-o", "x.safetensors"}, {"weights: found none", "--weights"});
  refuse({"quantize", "--synthetic", "8x8", "--bits", "2", "-o", "x.npy"}, {"x.npy", ".safetensors"});
  refuse({"simulate", "--config", "tiny"}, {"weights: found none", "--quantized"});
  refuse({"simulate", "--config", "tiny", "--synthetic", "8x8", "--tokens", "0"},
         {"--tokens", "0", "1 to 4096"});
  refuse({"simulate", "--config", "tiny", "--synthetic", "8x8", "--stalls", "1"}, {"--stalls", "0.95"});
  refuse({"simulate", "--config", "tiny", "--synthetic", "8x8", "--first-tile", "99"}, {"99", "0 to 3"});
  refuse({"simulate", "--config", "tiny", "--synthetic", "8x8", "--weights", "x.npy"},
         {"--synthetic", "excludes"});
  for (const char* shape :
       {"", "8", "8x", "x8", "0x8", "8x0", "-8x8", "8x8x8", "8 x 8", "65537x1", "65536x65536"}) {
    refuse({"quantize", "--synthetic", shape, "--bits", "2", "-o", "x.safetensors"}, {"--synthetic"});
  }
}

TEST_F(Flow, FullOutput) {
  const auto result =
      run_process({.argv = {"sh", "-c", std::string(MSQ_PROGRAM) + " inspect 8x8 > /dev/full"}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 2) << result->output;
  EXPECT_NE(result->output.find("cannot write"), std::string::npos) << result->output;
}

}  // namespace
}  // namespace msq::cli
